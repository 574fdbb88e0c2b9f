#include "core/report/run_json.h"

#include <fmt/format.h>

#include <sys/resource.h>

#include "core/run/sha256.h"

namespace hexaplex {

std::string parameters_hash(const nlohmann::json& parameters) {
  return sha256_of(parameters.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::uint64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

nlohmann::ordered_json run_json(const SlideResult& result, const std::vector<OutputRecord>& outputs) {
  nlohmann::ordered_json json;
  json["hexaplex"] = result.version;
  json["commit"] = result.commit;
  json["slide"] = {{"stem", result.stem},
                   {"format", result.format},
                   {"width_px", result.extent.width},
                   {"height_px", result.extent.height},
                   {"um_per_px", result.um_per_px}};
  json["panel"] = result.panel;
  json["parameters"] = result.parameters;
  json["parameters_sha256"] = parameters_hash(result.parameters);
  json["derived"] = result.derived;
  json["inputs"] = nlohmann::ordered_json::array();
  nlohmann::ordered_json paths = nlohmann::ordered_json::array();
  for (const InputRecord& input : result.inputs) {
    json["inputs"].push_back(
        {{"role", input.role}, {"name", input.name}, {"bytes", input.bytes}, {"sha256", input.sha256}});
    for (const InputFile& file : input.files)
      json["inputs"].back()["files"].push_back({{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}});
    paths.push_back(input.path.string());
  }
  json["outputs"] = nlohmann::ordered_json::array();
  for (const OutputRecord& output : outputs)
    json["outputs"].push_back({{"name", output.name}, {"bytes", output.bytes}, {"sha256", output.sha256}});
  json["warnings"] = result.warnings;

  const Execution& e = result.execution;
  nlohmann::ordered_json& execution = json["execution"];
  execution["device"] = e.device;
  execution["threads"] = e.threads;
  if (e.tile_px.width == e.tile_px.height) {
    execution["tile_size_px"] = e.tile_px.width;
  } else {
    execution["tile_size_px"] = {e.tile_px.width, e.tile_px.height};
  }
  if (e.tile_px.order_seed != 0) execution["tile_order"] = fmt::format("shuffled:{}", e.tile_px.order_seed);
  if (!e.tile_size_reason.empty()) execution["tile_size_reason"] = e.tile_size_reason;
  execution["memory_limit_bytes"] = e.memory_limit_bytes;
  execution["peak_memory_bytes"] = peak_memory_bytes();
  execution["scratch_bytes"] = e.scratch_bytes;
  execution["fallbacks"] = e.fallbacks;
  execution["seconds"] = nlohmann::ordered_json::object();
  execution["cpu_seconds"] = nlohmann::ordered_json::object();
  for (const StageTime& stage : e.stages) {
    execution["seconds"][stage.name] = stage.seconds;
    execution["cpu_seconds"][stage.name] = stage.cpu_seconds;
  }
  execution["input_paths"] = paths;
  execution["output"] = e.output;
  for (const auto& [key, value] : e.more.items()) execution[key] = value;
  return json;
}

}  // namespace hexaplex
