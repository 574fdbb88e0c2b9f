#include "core/batch/cohort_tables.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/batch/ledger.h"
#include "core/report/text.h"
#include "core/run/output_file.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;  // phenotypes keep the panel's order

std::optional<Json> summary_in(const fs::path& folder) {
  std::error_code error;
  const fs::path file = folder / "summary.json";
  if (!fs::exists(file, error)) return std::nullopt;
  std::ifstream in(file);
  Json summary = Json::parse(in, nullptr, false);
  if (!summary.is_object() || !summary.contains("phenotypes") || !summary["phenotypes"].is_object())
    throw InputError(file.string(),
                     "is not a summary of this program, or it is damaged; run its slide with --overwrite");
  return summary;
}

struct Row {
  const CohortSlide* slide;
  std::string state;
  std::optional<Json> summary;
};

std::vector<Row> collect(const Cohort& cohort, const fs::path& out) {
  const auto last = last_states(out);
  std::vector<Row> rows;
  for (const CohortSlide& slide : cohort.slides) {
    Row row{&slide, "missing", std::nullopt};
    const auto state = last.find(slide.stem);
    if (state != last.end()) row.state = state->second;
    // A result of other parameters may lie there after a failure: its figures are not those of this batch.
    if (row.state != "failed") row.summary = summary_in(out / slide.stem);
    if (row.state != "failed") row.state = row.summary ? "done" : "missing";
    rows.push_back(std::move(row));
  }
  return rows;
}

// Every phenotype of any slide, in the order in which they are met.
std::vector<std::string> phenotypes_of(const std::vector<Row>& rows) {
  std::vector<std::string> names;
  for (const Row& row : rows)
    if (row.summary)
      for (const auto& [name, unused] : (*row.summary)["phenotypes"].items())
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

void add_number(std::string& line, const Json& object, const std::string& key) {
  line += ',';
  const auto value = object.find(key);
  if (value == object.end()) return;
  if (value->is_number_integer()) {
    append_number(line, value->get<std::uint64_t>());
  } else if (value->is_number()) {
    append_number(line, value->get<double>());
  }
}

std::string named(const Cohort& cohort, const Row& row) {
  std::string line = csv_field(row.slide->stem);
  for (std::size_t i = 0; i < cohort.columns.size(); ++i) line += "," + csv_field(row.slide->groups[i]);
  return line;
}

std::string header(const Cohort& cohort) {
  std::string line = "slide";
  for (const std::string& column : cohort.columns) line += "," + column;
  return line;
}

std::string wide_table(const Cohort& cohort, const std::vector<Row>& rows) {
  const std::vector<std::string> phenotypes = phenotypes_of(rows);
  std::string text = header(cohort) + ",state,panel,cells,tissue_mm2,cells_per_mm2";
  for (const std::string& name : phenotypes)
    for (const char* what : {"_count", "_percent", "_per_mm2"}) text += "," + csv_field(name + what);
  text += "\n";
  for (const Row& row : rows) {
    std::string line = named(cohort, row) + "," + row.state + ",";
    const Json summary = row.summary.value_or(Json::object());
    line += csv_field(summary.value("panel", ""));
    for (const char* key : {"cells", "tissue_mm2", "cells_per_mm2"}) add_number(line, summary, key);
    for (const std::string& name : phenotypes) {
      const Json one = row.summary ? summary["phenotypes"].value(name, Json::object()) : Json::object();
      for (const char* key : {"count", "percent", "per_mm2"}) add_number(line, one, key);
    }
    text += line + "\n";
  }
  return text;
}

std::string long_table(const Cohort& cohort, const std::vector<Row>& rows) {
  std::string text = header(cohort) + ",phenotype,count,percent,per_mm2,assessable\n";
  for (const Row& row : rows) {
    if (!row.summary) continue;
    for (const auto& [name, one] : (*row.summary)["phenotypes"].items()) {
      std::string line = named(cohort, row) + "," + csv_field(name);
      for (const char* key : {"count", "percent", "per_mm2"}) add_number(line, one, key);
      text += line + (one.value("assessable", true) ? ",yes\n" : ",no\n");
    }
  }
  return text;
}

}  // namespace

CohortStates write_cohort_tables(const Cohort& cohort, const fs::path& out) {
  const std::vector<Row> rows = collect(cohort, out);
  replace_file(out / "cohort.csv", wide_table(cohort, rows));
  replace_file(out / "cohort_phenotypes.csv", long_table(cohort, rows));
  CohortStates states;
  for (const Row& row : rows)
    ++(row.state == "done" ? states.done : row.state == "failed" ? states.failed : states.missing);
  return states;
}

}  // namespace hexaplex
