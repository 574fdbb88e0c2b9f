#include "core/compare/publish_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/compare/comparison_page.h"
#include "core/compare/comparison_tables.h"
#include "core/compare/points_plot.h"
#include "core/panel/suggest.h"
#include "core/report/summary.h"
#include "core/run/output_file.h"
#include "core/run/sha256.h"
#include "core/run/staging.h"
#include "core/version.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace fs = std::filesystem;

namespace {

bool is_ours(const std::string& name) {
  static const std::set<std::string> files{"comparison.csv", "comparison.json", "animals.csv", "comparison.html"};
  return files.count(name) != 0 || (name.rfind("plot_", 0) == 0 && fs::path(name).extension() == ".svg");
}

// The whole folder is replaced: that must never take anything else along.
void check_place(const fs::path& out, bool overwrite) {
  std::error_code error;
  if (!fs::exists(out, error)) return;
  if (!fs::is_directory(out, error)) throw OutputError(out.string(), "is no folder; give another --out");
  const fs::directory_iterator entries(out, error), end;
  if (error) throw OutputError(out.string(), "cannot be looked into: " + error.message());
  if (entries == end) return;
  for (const fs::directory_entry& entry : entries)
    if (!is_ours(entry.path().filename().string()) || entry.is_directory(error))
      throw OutputError(out.string(), fmt::format("holds {}, which is no part of a comparison; give another --out",
                                                  entry.path().filename().string()));
  if (!overwrite)
    throw OutputError(out.string(), "holds a comparison already; give --overwrite to replace it, or another --out");
}

std::vector<std::string> chosen_scores(const Study& study, const std::vector<std::string>& asked) {
  if (asked.empty()) return score_names(study, true);
  const std::vector<std::string> known = score_names(study, false);
  std::vector<std::string> chosen;
  for (const std::string& name : asked) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw InvalidArgument(fmt::format("--score {}: no summary holds such a number{}; there are {}", name,
                                        did_you_mean(name, known), listed(score_names(study, true))));
    if (std::find(chosen.begin(), chosen.end(), name) == chosen.end()) chosen.push_back(name);
  }
  return chosen;
}

// A file name from a score: letters, digits, points, dashes; a number where two scores would share one.
std::string plot_name(const std::string& score, std::set<std::string>& taken) {
  std::string name;
  for (const char c : score) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    name += plain ? c : '_';
  }
  name = name.substr(0, 100);
  std::string free = name;
  for (int n = 2; !taken.insert(free).second; ++n) free = name + "-" + std::to_string(n);
  return "plot_" + free + ".svg";
}

nlohmann::ordered_json inputs_of(const Cohort& cohort, const Study& study, const fs::path& results) {
  nlohmann::ordered_json inputs = nlohmann::ordered_json::array();
  inputs.push_back({{"name", cohort.file.filename().string()}, {"sha256", hash_file(cohort.file).sha256}});
  const auto add = [&](const std::string& stem, const std::string& file) {
    inputs.push_back({{"name", stem + "/" + file}, {"sha256", hash_file(results / stem / file).sha256}});
  };
  std::string last;  // regions of a slide come one after the other
  for (const StudySlide& slide : study.slides) {
    if (slide.stem == last) continue;
    last = slide.stem;
    add(slide.stem, "summary.json");
    if (slide.scores.blocks) add(slide.stem, slide.scores.blocks->file.filename().string());
  }
  return inputs;
}

void write_file(const StagingFolder& staging, const std::string& name, const std::string& text) {
  OutputFile file(staging.path() / name);
  file.write(text);
  file.close();
}

}  // namespace

ComparisonOutcome publish_comparison(const Cohort& cohort, const ComparisonOptions& options) {
  const fs::path out = fs::absolute(options.out).lexically_normal();
  const fs::path place = out.has_filename() ? out : out.parent_path();  // DIR/ is DIR
  if (!place.has_filename()) throw OutputError(options.out.string(), "is no folder's name; give another --out");
  check_place(place, options.overwrite);
  const Study study = read_study(cohort, options.results, options.control, options.by_region);
  std::vector<ScoreComparison> scores;
  for (const std::string& name : chosen_scores(study, options.scores)) scores.push_back(compare_score(study, name));
  if (scores.empty()) throw InputError(options.results.string(), "its summaries hold no scores; name one with --score");
  StagingFolder staging(place.parent_path(), place.filename().string());
  nlohmann::ordered_json json{{"hexaplex", version()}, {"research_use_only", true}};
  json.update(comparison_json(study, scores));
  json["inputs"] = inputs_of(cohort, study, options.results);
  write_file(staging, "comparison.csv", comparison_csv(study, scores));
  write_file(staging, "animals.csv", animals_csv(study, scores));
  write_file(staging, "comparison.json", json_file(json));
  write_file(staging, "comparison.html", comparison_page(study, scores));
  std::set<std::string> taken;
  for (const ScoreComparison& score : scores)
    write_file(staging, plot_name(score.points.score, taken), points_plot(study, score));
  check_place(place, options.overwrite);  // what came meanwhile is not taken along either
  staging.publish(fs::exists(place));
  ComparisonOutcome outcome{scores.size(), 0, study.notes};
  for (const ScoreComparison& score : scores) outcome.comparisons += score.comparisons.size();
  return outcome;
}

}  // namespace hexaplex
