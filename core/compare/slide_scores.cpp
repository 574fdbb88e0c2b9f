#include "core/compare/slide_scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "core/io/csv_table.h"
#include "core/io/text.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kMostBytes = std::size_t{256} << 20;  // some million blocks

// The way to a number, as its names from the top.
using JsonWay = std::vector<std::string>;

std::string dotted(const JsonWay& way) {
  std::string text;
  for (const std::string& name : way) text += (text.empty() ? "" : ".") + name;
  return text;
}

// Whole numbers that grow with the slide; grades and Allred scores are whole numbers too, but no counts.
bool is_count(const std::string& name, const Json& value) {
  const auto begins = [&](std::string_view start) { return starts_with(name, start); };
  return value.is_number_integer() && (begins("cells") || ends_with_ignoring_case(name, "cells") || name == "count" ||
                                       name == "positive" || name == "foci");
}

bool is_usual(const JsonWay& way, bool count) {
  const std::string &top = way.front(), &last = way.back();
  if (way.size() == 1) return top == "cells_per_mm2";
  // A summary names the cells without a phenotype only where there are some.
  if (top == "phenotypes") return !count && way[1] != "Not assessable" && way[1] != "Unclassified";
  const bool part = last == "tissue_mm2" || last == "lower_quartile" || last == "upper_quartile" ||
                    starts_with(last, "allred_") || starts_with(last, "control_");  // what other scores are made of
  return (top == "scores" || top == "infiltration") && !count && !part;
}

Pooling pooling_of(const JsonWay& way, bool count) {
  const std::string& last = way.back();
  if (count || last == "tissue_mm2") return Pooling::sum;
  const bool of_cells = last == "percent" || last == "percent_positive" || last == "h_score" || last == "rfi" ||
                        last == "stain_index" || last == "tumour_cells_percent";
  return of_cells ? Pooling::cells : Pooling::tissue;
}

void collect(const Json& object, JsonWay& way, bool assessable, SlideScores& slide, std::set<std::string>& seen) {
  for (const auto& [name, value] : object.items()) {
    way.push_back(name);
    if (value.is_object()) {
      const auto told = value.find("assessable");
      const bool inner = told == value.end() || !told->is_boolean() || told->get<bool>();
      collect(value, way, assessable && inner, slide, seen);
    } else if ((value.is_number() || value.is_null()) && seen.insert(dotted(way)).second) {
      const bool count = is_count(name, value);
      SlideScore score{dotted(way), std::nullopt, pooling_of(way, count), is_usual(way, count)};
      if (value.is_number() && assessable) score.value = value.get<double>();
      slide.scores.push_back(std::move(score));
    }
    way.pop_back();
  }
}

double number_or_0(const Json& summary, const char* name) {
  const auto found = summary.find(name);
  return found != summary.end() && found->is_number() ? found->get<double>() : 0.0;
}

std::optional<BlockTable> read_blocks(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  std::vector<CsvRow> rows = read_csv(file, kMostBytes);
  if (rows.empty()) throw InputError(file.string(), "is empty; run its slide with --overwrite");
  BlockTable table{file, std::move(rows.front().fields), {}, {}};
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].fields.size() != table.columns.size())
      throw InputError(file.string(), rows[i].line,
                       fmt::format("has {} fields where the first row has {}; run its slide with --overwrite",
                                   rows[i].fields.size(), table.columns.size()));
    table.lines.push_back(rows[i].line);
    table.rows.push_back(std::move(rows[i].fields));
  }
  return table;
}

std::optional<std::size_t> column_of(const BlockTable& table, const std::string& name) {
  const auto found = std::find(table.columns.begin(), table.columns.end(), name);
  if (found == table.columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - table.columns.begin());
}

// What is counted in blocks for a score; empty where it is no ratio over tissue.
std::string numerator_of(const std::string& score) {
  const std::string last = score.substr(score.rfind('.') + 1);  // npos + 1 is 0
  for (const auto& [ending, column_ending] : {std::pair{"_per_mm2", ""}, std::pair{"_fraction", "_mm2"}}) {
    const std::string end = ending;
    if (last.size() > end.size() && last.compare(last.size() - end.size(), end.size(), end) == 0)
      return last.substr(0, last.size() - end.size()) + column_ending;
  }
  return "";
}

double field_number(const BlockTable& table, std::size_t row, std::size_t column) {
  const std::optional<double> value = parse_number(table.rows[row][column]);
  if (!value || *value < 0)
    throw InputError(
        table.file.string(), table.lines[row],
        fmt::format("`{}` is no number of 0 or more; run its slide with --overwrite", table.columns[column]));
  return *value;
}

Json read_summary(const fs::path& folder) {
  const fs::path file = folder / "summary.json";
  std::ifstream in(file);
  Json summary = Json::parse(in, nullptr, false);
  if (!summary.is_object() || !summary.contains("tissue_mm2"))
    throw InputError(file.string(),
                     "is not a summary of this program, or it is damaged; run its slide with --overwrite");
  return summary;
}

// Of a summary, or of a region in one.
SlideScores scores_of(const Json& summary) {
  SlideScores slide;
  slide.tissue_mm2 = number_or_0(summary, "tissue_mm2");
  slide.cells = number_or_0(summary, summary.contains("cells_assessable") ? "cells_assessable" : "cells");
  JsonWay way;
  std::set<std::string> seen;
  collect(summary, way, true, slide, seen);
  return slide;
}

BlockTable blocks_of_region(const BlockTable& all, const std::string& region) {
  BlockTable own{all.file, all.columns, {}, {}};
  const auto column = column_of(all, "region");
  if (!column) throw InputError(all.file.string(), "has no column `region`; run its slide with --overwrite");
  for (std::size_t i = 0; i < all.rows.size(); ++i) {
    const std::string& name = all.rows[i][*column];
    if (name != region && name != "'" + region) continue;  // a ' guards what a spreadsheet would take for a formula
    own.lines.push_back(all.lines[i]);
    own.rows.push_back(all.rows[i]);
  }
  return own;
}

}  // namespace

std::string_view name_of(Pooling pooling) {
  switch (pooling) {
    case Pooling::cells:
      return "mean weighted by cells";
    case Pooling::sum:
      return "sum";
    case Pooling::tissue:
      break;
  }
  return "mean weighted by tissue_mm2";
}

SlideScores read_slide_scores(const fs::path& folder) {
  Json summary = read_summary(folder);
  summary.erase("regions");
  SlideScores slide = scores_of(summary);
  slide.blocks = read_blocks(folder / "blocks.csv");
  return slide;
}

std::vector<std::pair<std::string, SlideScores>> read_region_scores(const fs::path& folder) {
  const Json summary = read_summary(folder);
  std::vector<std::pair<std::string, SlideScores>> regions;
  const auto found = summary.find("regions");
  if (found == summary.end() || !found->is_object()) return regions;
  const std::optional<BlockTable> blocks = read_blocks(folder / "region_blocks.csv");
  for (const auto& [name, region] : found->items()) {
    regions.emplace_back(name, scores_of(region));
    if (blocks) regions.back().second.blocks = blocks_of_region(*blocks, name);
  }
  return regions;
}

std::vector<RatioBlock> ratio_blocks(const BlockTable& table, const std::string& score) {
  const auto numerator = column_of(table, numerator_of(score)), tissue = column_of(table, "tissue_mm2");
  std::vector<RatioBlock> blocks;
  if (!numerator || !tissue) return blocks;
  for (std::size_t row = 0; row < table.rows.size(); ++row)
    blocks.push_back({field_number(table, row, *numerator), field_number(table, row, *tissue)});
  return blocks;
}

}  // namespace hexaplex
