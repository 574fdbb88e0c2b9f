#include "core/batch/cohort.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "core/io/csv_table.h"
#include "core/io/slide.h"
#include "core/io/text.h"
#include "core/panel/suggest.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

const std::vector<std::string> kGroupings{"patient", "group", "timepoint", "organ", "animal"};
const std::vector<std::string> kColumns{"slide", "panel",     "regions", "patient",
                                        "group", "timepoint", "organ",   "animal"};
constexpr std::size_t kMostBytes = std::size_t{64} << 20;  // a hundred thousand slides fit

// Where each known column stands in a row.
struct Header {
  std::size_t width = 0, slide = 0;
  std::optional<std::size_t> panel, regions;
  std::vector<std::size_t> groupings;  // of Cohort::columns
};

Header read_header(const CsvRow& row, Cohort& cohort) {
  const std::string file = cohort.file.string();
  std::map<std::string, std::size_t> at;
  std::vector<std::string> unknown;
  for (std::size_t i = 0; i < row.fields.size(); ++i) {
    const std::string name = to_lower(row.fields[i]);
    if (std::find(kColumns.begin(), kColumns.end(), name) == kColumns.end()) {
      const std::string meant = nearest_name(name, kColumns);
      if (!meant.empty())
        throw ConfigError(file, row.line,
                          fmt::format("no column is called `{}`; did you mean `{}`?", row.fields[i], meant));
      unknown.push_back(row.fields[i]);
    } else if (!at.try_emplace(name, i).second) {
      throw ConfigError(file, row.line, fmt::format("two columns are called `{}`; remove one", name));
    }
  }
  if (!unknown.empty())
    cohort.warnings.push_back(fmt::format("{}: columns that are not used: {}", file, listed(unknown)));
  if (at.count("slide") == 0)
    throw ConfigError(file, row.line, "the first row must name a column `slide`; others may be " + listed(kColumns));
  Header header;
  header.width = row.fields.size();
  header.slide = at["slide"];
  if (const auto panel = at.find("panel"); panel != at.end()) header.panel = panel->second;
  if (const auto regions = at.find("regions"); regions != at.end()) header.regions = regions->second;
  for (const std::string& name : kGroupings)
    if (const auto found = at.find(name); found != at.end()) {
      cohort.columns.push_back(name);
      header.groupings.push_back(found->second);
    }
  return header;
}

// A panel is a file beside the table, or the name of a preset.
std::string panel_of(const std::string& text, const std::filesystem::path& folder) {
  std::error_code error;
  const std::filesystem::path beside = folder / text;
  return std::filesystem::exists(beside, error) ? beside.string() : text;
}

}  // namespace

Cohort read_cohort(const std::filesystem::path& file) {
  Cohort cohort;
  cohort.file = file;
  const std::vector<CsvRow> rows = read_csv(file, kMostBytes);
  if (rows.empty()) throw ConfigError(file.string(), "is empty; its first row names the columns, one of them `slide`");
  const Header header = read_header(rows.front(), cohort);
  const std::filesystem::path folder = file.parent_path();
  std::map<std::string, int> stems;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const CsvRow& row = rows[i];
    if (row.fields.size() != header.width)
      throw ConfigError(file.string(), row.line,
                        fmt::format("has {} fields where the first row has {}; is a comma missing, or a quote?",
                                    row.fields.size(), header.width));
    CohortSlide slide;
    slide.line = row.line;
    if (row.fields[header.slide].empty())
      throw ConfigError(file.string(), row.line, "names no slide; give its path, or remove the row");
    slide.path = folder / row.fields[header.slide];
    slide.stem = slide_stem(slide.path);
    const auto [at, fresh] = stems.try_emplace(slide.stem, row.line);
    if (!fresh)
      throw ConfigError(file.string(), row.line,
                        fmt::format("would write the result folder {} as line {} does; rename one of the two slides, "
                                    "or give them to different batches",
                                    slide.stem, at->second));
    if (header.panel && !row.fields[*header.panel].empty()) slide.panel = panel_of(row.fields[*header.panel], folder);
    if (header.regions && !row.fields[*header.regions].empty()) slide.regions = folder / row.fields[*header.regions];
    for (const std::size_t column : header.groupings) slide.groups.push_back(row.fields[column]);
    cohort.slides.push_back(std::move(slide));
  }
  if (cohort.slides.empty()) throw ConfigError(file.string(), "holds no slides: only the row with the columns' names");
  return cohort;
}

Shard parse_shard(const std::string& text) {
  Shard shard;
  const char *begin = text.data(), *end = begin + text.size();
  const auto index = std::from_chars(begin, end, shard.index);
  const bool slash = index.ec == std::errc() && index.ptr != end && *index.ptr == '/';
  const auto count = slash ? std::from_chars(index.ptr + 1, end, shard.count) : index;
  if (!slash || count.ec != std::errc() || count.ptr != end || shard.index < 1 || shard.index > shard.count)
    throw InvalidArgument("--shard " + text + ": say I/N with I from 1 to N, as 2/5");
  return shard;
}

}  // namespace hexaplex
