#include "core/run/verify.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/report/run_json.h"
#include "core/run/input_record.h"
#include "core/run/sha256.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace fs = std::filesystem;

namespace {

nlohmann::json read_run_json(const fs::path& file) {
  std::ifstream in(file);
  if (!in) throw InputError(file.string(), "cannot be opened; give the folder of one result, or of several");
  nlohmann::json run = nlohmann::json::parse(in, nullptr, false);
  const auto is = [&run](const char* key, bool (nlohmann::json::*kind)() const noexcept) {
    return run.contains(key) && (run[key].*kind)();
  };
  using J = nlohmann::json;
  if (!run.is_object() || !is("inputs", &J::is_array) || !is("outputs", &J::is_array) || !run.contains("parameters") ||
      !is("parameters_sha256", &J::is_string))
    throw InputError(file.string(), "is not a run.json of this program, or it is damaged");
  const auto names_and_hashes = [&](const J& entries, const std::string& list) {
    for (const J& entry : entries)
      if (!entry.is_object() || !entry.contains("name") || !entry["name"].is_string() || !entry.contains("sha256") ||
          !entry["sha256"].is_string())
        throw InputError(file.string(), "an entry of `" + list + "` has no name or no sha256");
  };
  for (const char* list : {"inputs", "outputs"}) names_and_hashes(run[list], list);
  for (const J& input : run["inputs"])
    if (input.contains("files")) names_and_hashes(input["files"], "files");
  return run;
}

// A list of files that leads elsewhere is none of this program: such a name is not opened.
bool stays_below(const fs::path& name) {
  return !name.empty() && name.is_relative() && std::find(name.begin(), name.end(), "..") == name.end();
}

// The files of an input that is made of several.
void check_set(const nlohmann::json& input, const fs::path& path, Verification& result) {
  std::vector<InputFile> files;
  for (const auto& file : input["files"]) {
    const std::string name = file["name"], recorded = file["sha256"];
    const fs::path at = path.parent_path() / name;
    files.push_back({name, recorded, 0});
    std::error_code error;
    if (!stays_below(name) || !fs::is_regular_file(at, error)) {
      result.differences.push_back("input " + at.string() + " is no longer there");
      continue;
    }
    ++result.checked;
    if (hash_file(at).sha256 != recorded)
      result.differences.push_back("input " + at.string() + " is not what was read: its SHA-256 differs");
  }
  if (combined_sha256(files) != input["sha256"])
    result.differences.push_back("input " + path.string() + ": the list of its files in run.json was changed");
}

void check_inputs(const nlohmann::json& run, Verification& result) {
  const nlohmann::json paths = run.value("/execution/input_paths"_json_pointer, nlohmann::json::array());
  const auto& inputs = run["inputs"];
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::string name = inputs[i]["name"];
    if (i >= paths.size() || !paths[i].is_string()) {
      result.differences.push_back("input " + name + ": run.json does not say where it was");
      continue;
    }
    const fs::path path = paths[i].get<std::string>();
    std::error_code error;
    if (!fs::exists(path, error)) {
      result.differences.push_back("input " + path.string() + " is no longer there");
      continue;
    }
    if (inputs[i].contains("files")) {
      check_set(inputs[i], path, result);
      continue;
    }
    ++result.checked;
    if (record_input("", path).sha256 != inputs[i]["sha256"])
      result.differences.push_back("input " + path.string() + " is not what was read: its SHA-256 differs");
  }
}

void check_outputs(const nlohmann::json& run, const fs::path& folder, Verification& result) {
  std::vector<std::string> known{"run.json"};
  for (const auto& output : run["outputs"]) {
    const std::string name = output["name"];
    known.push_back(name);
    // A name that leads out of the folder is no output of this program.
    if (name.find('/') != std::string::npos || name == "..") {
      result.differences.push_back("output " + name + " is not a plain file name");
      continue;
    }
    std::error_code error;
    if (!fs::is_regular_file(folder / name, error)) {
      result.differences.push_back("output " + name + " is missing");
      continue;
    }
    ++result.checked;
    if (hash_file(folder / name).sha256 != output["sha256"])
      result.differences.push_back("output " + name + " was changed: its SHA-256 differs");
  }
  std::error_code error;
  std::vector<std::string> strangers;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (std::find(known.begin(), known.end(), name) == known.end()) strangers.push_back(name);
  }
  std::sort(strangers.begin(), strangers.end());
  for (const std::string& name : strangers) result.notes.push_back(name + " is not part of the result");
}

}  // namespace

Verification verify_result(const fs::path& result_dir) {
  const nlohmann::json run = read_run_json(result_dir / "run.json");
  Verification result;
  if (parameters_hash(run["parameters"]) != run["parameters_sha256"])
    result.differences.push_back("the parameters in run.json were changed: their SHA-256 differs");
  check_inputs(run, result);
  check_outputs(run, result_dir, result);
  return result;
}

std::vector<fs::path> find_results(const fs::path& dir) {
  std::error_code error;
  if (fs::exists(dir / "run.json", error)) return {dir};
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(dir, error))
    if (!entry.path().filename().string().starts_with('.') && fs::exists(entry.path() / "run.json", error))
      found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace hexaplex
