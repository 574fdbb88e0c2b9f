#include "core/loss/scored_slide.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "core/io/csv_columns.h"
#include "core/io/text.h"
#include "core/panel/suggest.h"
#include "core/report/run_json.h"
#include "core/run/sha256.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kRunAgain = "; run its slide with --overwrite";

json::json_pointer at(const std::string& path) {
  return json::json_pointer(path);
}

json read_json(const fs::path& file) {
  std::ifstream in(file);
  if (!in)
    throw InputError(
        file.string(),
        "cannot be opened; give the folder DIR/S of hexaplex run, and where a run was stopped, run it again");
  json content = json::parse(in, nullptr, false);
  if (!content.is_object()) throw InputError(file.string(), std::string("is damaged") + kRunAgain);
  return content;
}

// The recorded hash, after the file was found to have it.
std::string checked_hash(const fs::path& folder, const json& run, const std::string& name) {
  const fs::path file = folder / name;
  for (const json& output : run.at("outputs")) {
    if (output.value("name", "") != name) continue;
    std::error_code error;
    if (!fs::is_regular_file(file, error)) throw InputError(file.string(), std::string("is missing") + kRunAgain);
    const std::string recorded = output.value("sha256", "");
    if (hash_file(file).sha256 != recorded)
      throw InputError(file.string(),
                       "was changed since hexaplex wrote it: its SHA-256 is not that of run.json; put the original "
                       "back, or run its slide with --overwrite");
    return recorded;
  }
  throw InputError((folder / "run.json").string(), fmt::format("lists no {}{}", name, kRunAgain));
}

void check_run(const fs::path& file, const json& run) {
  const bool whole = run.contains("parameters") && run["parameters"].is_object() && run.contains("outputs") &&
                     run["outputs"].is_array() && run.contains("inputs") && run["inputs"].is_array() &&
                     run.contains(at("/slide/stem")) && run.contains(at("/parameters/um_per_px")) &&
                     run.contains("parameters_sha256");
  const auto objects = [](const json& list) {
    return std::all_of(list.begin(), list.end(), [](const json& entry) { return entry.is_object(); });
  };
  if (!whole || !run["parameters"]["um_per_px"].is_number() || !run["slide"]["stem"].is_string() ||
      !objects(run["inputs"]) || !objects(run["outputs"]))
    throw InputError(file.string(), std::string("is not a run.json of this program, or it is damaged") + kRunAgain);
  if (parameters_hash(run["parameters"]) != run["parameters_sha256"])
    throw InputError(file.string(), std::string("its parameters were changed: their SHA-256 differs") + kRunAgain);
}

void read_rule(ScoredSlide& slide, const LossQuestion& question) {
  const json scores = slide.parameters.value("scores", json::object());
  std::vector<std::string> markers;
  for (const auto& [name, unused] : scores.items()) markers.push_back(name);
  if (markers.empty())
    throw InputError((slide.folder / "run.json").string(),
                     fmt::format("its panel scores no marker; add scores: {{{}: {{bins: [...]}}}} to the panel and run "
                                 "the slides again",
                                 question.marker));
  if (!scores.contains(question.marker))
    throw InvalidArgument(fmt::format("--marker {}: {} does not score it{}; it scores {}", question.marker,
                                      slide.folder.string(), did_you_mean(question.marker, markers), listed(markers)));
  const json& rule = scores[question.marker];
  try {
    slide.bins = rule.at("bins").get<std::array<double, 3>>();
    slide.column = as_read_from_csv(question.marker + "_" + rule.at("compartment").get<std::string>() + "_" +
                                    rule.at("statistic").get<std::string>());
  } catch (const json::exception&) {
    throw InputError((slide.folder / "run.json").string(), std::string("its scores are damaged") + kRunAgain);
  }
}

std::vector<std::string> phenotype_names(const json& parameters) {
  std::vector<std::string> names;
  for (const json& phenotype : parameters.value("phenotypes", json::array()))
    names.push_back(phenotype.value("name", ""));
  names.emplace_back("Unclassified");
  return names;
}

void read_cells(ScoredSlide& slide, const LossQuestion& question) {
  const std::vector<std::string> names = phenotype_names(slide.parameters);
  std::vector<std::string> wanted;
  for (const std::string& name : question.phenotypes) {
    if (std::find(names.begin(), names.end(), name) == names.end())
      throw InvalidArgument(fmt::format("--cells {}: {} has no such phenotype{}; it has {}", name,
                                        slide.folder.string(), did_you_mean(name, names), listed(names)));
    wanted.push_back(as_read_from_csv(name));
  }
  const fs::path table = slide.folder / "cells.csv";
  const auto choose = [&](std::span<const std::string> columns) {
    std::vector<std::size_t> chosen;
    for (const std::string& name : {slide.column, std::string("x_um"), std::string("y_um"), std::string("phenotype"),
                                    std::string("assessable")}) {
      const auto found = std::find(columns.begin(), columns.end(), name);
      if (found == columns.end()) throw InputError(table.string(), fmt::format("has no column {}{}", name, kRunAgain));
      chosen.push_back(static_cast<std::size_t>(found - columns.begin()));
    }
    return chosen;
  };
  const double side_um = 1000 * question.block_mm;
  read_csv_columns(table, choose, [&](int line, std::span<const std::string> fields) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), fields[3]) == wanted.end()) {
      ++slide.other_cells;
      return;
    }
    if (fields[4] != "1") {
      ++slide.not_assessable;
      return;
    }
    if (fields[0].empty()) {
      ++slide.without_value;
      return;
    }
    const auto value = parse_number(fields[0]), x = parse_number(fields[1]), y = parse_number(fields[2]);
    if (!value || !x || !y || *x < 0 || *y < 0 || *x > 1e9 || *y > 1e9)
      throw InputError(table.string(), line, std::string("a value or a place is no number") + kRunAgain);
    slide.cells.push_back({*value, static_cast<std::int32_t>(*x / side_um), static_cast<std::int32_t>(*y / side_um)});
  });
}

}  // namespace

ScoredSlide read_scored_slide(const fs::path& folder, const LossQuestion& question) {
  if (!(question.block_mm >= 0.01 && question.block_mm <= 100))
    throw InvalidArgument("--block-mm: a block has a side of 0.01 to 100 mm; 0.5 is usual");
  const fs::path run_file = folder / "run.json";
  const json run = read_json(run_file);
  check_run(run_file, run);
  ScoredSlide slide;
  slide.folder = folder;
  slide.stem = run["slide"]["stem"];
  slide.parameters = run["parameters"];
  slide.um_per_px = slide.parameters["um_per_px"];
  for (const json& input : run["inputs"]) {
    const std::string role = input.value("role", ""), sha256 = input.value("sha256", "");
    if (role == "slide") slide.slide_sha256 = sha256;
    if (role == "library" || role == "classifier" || role == "stain reference")
      slide.read_with.push_back(role + " " + sha256);
  }
  read_rule(slide, question);
  slide.cells_sha256 = checked_hash(folder, run, "cells.csv");
  slide.summary_sha256 = checked_hash(folder, run, "summary.json");
  const json summary = read_json(folder / "summary.json");
  const json scores = summary.value("scores", json::object());
  if (scores.contains(question.marker)) {
    const json& score = scores[question.marker];
    if (score.contains("control_median") && score["control_median"].is_number())
      slide.control_median = score["control_median"].get<double>();
  }
  const json stain = summary.value("stains", json::object()).value("vectors", json::object());
  if (stain.contains(question.marker)) {
    try {
      slide.stain = stain[question.marker].at("optical_density").get<std::array<double, 3>>();
    } catch (const json::exception&) {
      throw InputError((folder / "summary.json").string(), std::string("its stains are damaged") + kRunAgain);
    }
  }
  read_cells(slide, question);
  return slide;
}

}  // namespace hexaplex
