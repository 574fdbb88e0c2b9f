#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/command.h"
#include "core/io/slide.h"

namespace hexaplex::cli {

namespace {

struct InfoOptions {
  std::string slide;
  bool json = false;
};

const char* type_name(SampleType type) {
  switch (type) {
    case SampleType::uint8:
      return "uint8";
    case SampleType::uint16:
      return "uint16";
    case SampleType::uint32:
      return "uint32";
    case SampleType::int8:
      return "int8";
    case SampleType::int16:
      return "int16";
    case SampleType::int32:
      return "int32";
    case SampleType::float32:
      return "float32";
  }
  return "unknown";
}

nlohmann::ordered_json optional_number(const std::optional<double>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json to_json(const SlideInfo& info) {
  nlohmann::ordered_json out;
  out["path"] = info.path.string();
  out["stem"] = slide_stem(info.path);
  out["companions"] = nlohmann::ordered_json::array();
  for (const auto& file : info.companions) out["companions"].push_back(file.string());
  out["format"] = info.format;
  out["width"] = info.extent.width;
  out["height"] = info.extent.height;
  out["um_per_px_x"] = optional_number(info.um_per_px_x);
  out["um_per_px_y"] = optional_number(info.um_per_px_y);
  out["sample_type"] = type_name(info.sample_type);
  out["significant_bits"] = info.significant_bits;
  out["rgb"] = info.rgb;
  out["z_planes"] = info.z_count;
  out["compression"] = info.compression;
  out["channels"] = nlohmann::ordered_json::array();
  for (const SlideChannel& c : info.channels) {
    nlohmann::ordered_json channel;
    channel["name"] = c.name;
    if (!c.fluorophore.empty()) channel["fluorophore"] = c.fluorophore;
    if (c.excitation_nm) channel["excitation_nm"] = *c.excitation_nm;
    if (c.emission_nm) channel["emission_nm"] = *c.emission_nm;
    if (c.exposure_ms) channel["exposure_ms"] = *c.exposure_ms;
    out["channels"].push_back(channel);
  }
  out["levels"] = nlohmann::ordered_json::array();
  for (const Extent& e : info.levels) out["levels"].push_back({{"width", e.width}, {"height", e.height}});
  out["spectra"] = nlohmann::ordered_json::array();
  for (const EmbeddedSpectrum& s : info.spectra) {
    nlohmann::ordered_json spectrum;
    spectrum["name"] = s.name;
    spectrum["values"] = s.values;
    if (!s.wavelengths_nm.empty()) spectrum["wavelengths_nm"] = s.wavelengths_nm;
    if (!s.exposures.empty()) spectrum["exposures"] = s.exposures;
    out["spectra"].push_back(spectrum);
  }
  out["associated"] = info.associated;
  out["warnings"] = info.warnings;
  return out;
}

std::string pixel_size(const SlideInfo& info) {
  if (!info.um_per_px_x && !info.um_per_px_y) return "not in the file; give --um-per-px";
  const auto one = [](const std::optional<double>& um) {
    return um ? fmt::format("{:.6g}", *um) : std::string("unknown");
  };
  return info.um_per_px_x == info.um_per_px_y
             ? fmt::format("{} \xC2\xB5m", one(info.um_per_px_x))
             : fmt::format("{} x {} \xC2\xB5m", one(info.um_per_px_x), one(info.um_per_px_y));
}

std::string channel_line(std::size_t number, const SlideChannel& c) {
  std::string line = fmt::format("  {:>3}  {}", number, c.name.empty() ? "(no name)" : c.name);
  if (!c.fluorophore.empty()) line += fmt::format("  {}", c.fluorophore);
  if (c.excitation_nm) line += fmt::format("  excitation {:.6g} nm", *c.excitation_nm);
  if (c.emission_nm) line += fmt::format("  emission {:.6g} nm", *c.emission_nm);
  if (c.exposure_ms) line += fmt::format("  exposure {:.6g} ms", *c.exposure_ms);
  return line + "\n";
}

std::string to_text(const SlideInfo& info) {
  std::string out = fmt::format("{}\n", info.path.string());
  out += fmt::format("format       {}, {}\n", info.format, info.compression);
  if (!info.companions.empty()) out += fmt::format("made of      this file and {} more\n", info.companions.size());
  out += fmt::format("size         {} x {} pixels", info.extent.width, info.extent.height);
  if (info.z_count > 1) out += fmt::format(", {} z planes (give --z)", info.z_count);
  out += fmt::format("\npixel size   {}\n", pixel_size(info));
  out += fmt::format("samples      {}, {} significant bits{}\n", type_name(info.sample_type), info.significant_bits,
                     info.rgb ? ", one RGB picture" : "");
  if (info.levels.size() > 1) {
    out += "pyramid     ";
    for (const Extent& e : info.levels) out += fmt::format(" {}x{}", e.width, e.height);
    out += "\n";
  }
  out += fmt::format("channels     {}\n", info.channels.size());
  for (std::size_t c = 0; c < info.channels.size(); ++c) out += channel_line(c + 1, info.channels[c]);
  for (const EmbeddedSpectrum& s : info.spectra)
    out += fmt::format("spectrum     {}, {} bands\n", s.name, s.values.size());
  for (const std::string& a : info.associated) out += fmt::format("also inside  {} (never read)\n", a);
  for (const std::string& w : info.warnings) out += fmt::format("warning      {}\n", w);
  return out;
}

int info(const InfoOptions& options) {
  const auto slide = open_slide(options.slide);
  if (options.json) {
    fmt::print("{}\n", to_json(slide->info()).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{}", to_text(slide->info()));
  }
  return kOk;
}

}  // namespace

AddCommand add_info_command;
void add_info_command(CLI::App& program, Context& context) {
  auto options = std::make_shared<InfoOptions>();
  CLI::App* command = program.add_subcommand("info", "Say what a slide holds: size, pixel size, channels, pyramid");
  command->add_option("SLIDE", options->slide, "slide, picture, or folder with one TIFF per channel")->required();
  command->add_flag("--json", options->json, "as JSON");
  command->callback([options, &context] { context.run = [options] { return info(*options); }; });
}

}  // namespace hexaplex::cli
