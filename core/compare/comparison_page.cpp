#include "core/compare/comparison_page.h"

#include <fmt/format.h>

#include "core/compare/points_plot.h"
#include "core/compare/wording.h"
#include "core/report/text.h"

namespace hexaplex {

namespace {

constexpr const char* kHead =
    R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<style>
body{font:15px/1.5 system-ui,sans-serif;color:#1c2024;max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin-bottom:0}h2{font-size:1.15rem;margin-top:2.5rem}
table{border-collapse:collapse;margin:.5rem 0}th,td{padding:.25rem .6rem;border-bottom:1px solid #d8dce0;text-align:left}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}td.n{white-space:nowrap}
.use{color:#5a6270}.wide{overflow-x:auto}.note{background:#fff4d6;border-left:4px solid #e0a800;padding:.4rem .8rem;margin:.4rem 0}
svg{max-width:100%;height:auto}
</style>
)";

std::string cell(const std::string& text) {
  return "<td class=\"n\">" + text + "</td>";
}

std::string table_of(const Study& study, const ScoreComparison& score) {
  const ScoreWording wording = wording_of(score.points.score);
  std::string html = "<div class=\"wide\"><table><tr><th>" + std::string(study.organs.front().empty() ? "" : "Organ") +
                     "</th><th>Compared</th>";
  for (const char* title : {"n", "Medians", study.paired ? "Median difference" : "Difference", "95 % interval",
                            study.paired ? "Rank-biserial" : "Cliff's delta", "p",
                            study.paired ? "p (signed rank)" : "p (Mann-Whitney)", "smallest p", "q"})
    html += "<th class=\"n\">" + markup_text(title) + "</th>";
  html += "</tr>\n";
  for (const Comparison& c : score.comparisons) {
    std::vector<double> shown{c.reference.median * wording.scale, c.other.median * wording.scale,
                              c.difference * wording.scale};
    if (c.interval) shown.insert(shown.end(), {c.interval->low * wording.scale, c.interval->high * wording.scale});
    const int digits = digits_for(shown);
    html += "<tr><td>" + markup_text(place_text(c)) + "</td><td>" +
            markup_text(c.other.name + " against " + c.reference.name) + "</td>";
    html += cell(study.paired ? fmt::format("{}", c.other.units.size())
                              : fmt::format("{}, {}", c.other.units.size(), c.reference.units.size()));
    html += cell(rounded(shown[1], digits) + ", " + rounded(shown[0], digits)) + cell(rounded(shown[2], digits));
    html += cell(c.interval ? rounded(shown[3], digits) + " to " + rounded(shown[4], digits) : "–");
    html +=
        cell(rounded(c.rank_biserial, 2)) + cell(p_text(c.permutation.p) + (c.permutation.exact ? "" : " (sampled)"));
    html +=
        cell(p_text(c.ranks.p) + (c.ranks.exact ? "" : " (sampled)")) + cell(p_text(c.smallest_p)) + cell(p_text(c.q));
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

std::string score_section(const Study& study, const ScoreComparison& score) {
  const ScoreWording wording = wording_of(score.points.score);
  std::string html = "<h2>" + markup_text(wording.title) + "</h2>\n";
  html += "<p class=\"use\">" + markup_text(score.points.score) + (wording.unit == "%" ? ", in %" : "") + "</p>\n";
  html += "<div class=\"wide\">" + points_plot(study, score) + "</div>\n<ul>\n";
  for (const Comparison& c : score.comparisons)
    html += "<li>" + markup_text(sentence_of(study, score.points.score, c)) + "</li>\n";
  html += "</ul>\n";
  if (!score.comparisons.empty()) html += table_of(study, score);
  for (const std::string& note : score.notes) html += "<div class=\"note\">" + markup_text(note) + "</div>\n";
  return html;
}

}  // namespace

std::string comparison_page(const Study& study, const std::vector<ScoreComparison>& scores) {
  const std::string title = study.paired ? "Time points compared" : "Groups compared";
  std::string html = kHead;
  html += "<title>" + title + "</title></head><body>\n<h1>" + title +
          "</h1>\n<p class=\"use\">Research use only.</p>\n<ul>\n";
  for (const std::string& remark : remarks_of(study)) html += "<li>" + markup_text(remark) + "</li>\n";
  html += "</ul>\n";
  for (const ScoreComparison& score : scores) html += score_section(study, score);
  return html + "</body></html>\n";
}

}  // namespace hexaplex
