#include "core/compare/publish_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/compare/comparison_page.h"
#include "core/compare/comparison_tables.h"
#include "core/compare/points_plot.h"
#include "core/panel/suggest.h"
#include "core/report/page_folder.h"
#include "core/report/summary.h"
#include "core/run/sha256.h"
#include "core/version.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace fs = std::filesystem;

namespace {

bool is_ours(const std::string& name) {
  static const std::set<std::string> files{"comparison.csv", "comparison.json", "animals.csv", "comparison.html"};
  return files.count(name) != 0 || (name.rfind("plot_", 0) == 0 && fs::path(name).extension() == ".svg");
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

}  // namespace

ComparisonOutcome publish_comparison(const Cohort& cohort, const ComparisonOptions& options) {
  const PageFolder folder(options.out, "a comparison", is_ours, options.overwrite);
  const Study study = read_study(cohort, options.results, options.control, options.by_region);
  std::vector<ScoreComparison> scores;
  for (const std::string& name : chosen_scores(study, options.scores)) scores.push_back(compare_score(study, name));
  if (scores.empty()) throw InputError(options.results.string(), "its summaries hold no scores; name one with --score");
  nlohmann::ordered_json json{{"hexaplex", version()}, {"research_use_only", true}};
  json.update(comparison_json(study, scores));
  json["inputs"] = inputs_of(cohort, study, options.results);
  std::vector<std::pair<std::string, std::string>> files{{"comparison.csv", comparison_csv(study, scores)},
                                                         {"animals.csv", animals_csv(study, scores)},
                                                         {"comparison.json", json_file(json)},
                                                         {"comparison.html", comparison_page(study, scores)}};
  std::set<std::string> taken;
  for (const ScoreComparison& score : scores)
    files.emplace_back(plot_name(score.points.score, taken), points_plot(study, score));
  folder.publish(files);
  ComparisonOutcome outcome{scores.size(), 0, study.notes};
  for (const ScoreComparison& score : scores) outcome.comparisons += score.comparisons.size();
  return outcome;
}

}  // namespace hexaplex
