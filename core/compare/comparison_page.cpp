#include "core/compare/comparison_page.h"

#include <fmt/format.h>

#include "core/compare/points_plot.h"
#include "core/compare/wording.h"
#include "core/report/html_page.h"
#include "core/report/text.h"

namespace hexaplex {

namespace {

constexpr std::string_view kStyle =
    "h2{margin-top:2.5rem}th,td{padding:.25rem .6rem}td.n{white-space:nowrap}\n"
    ".wide{overflow-x:auto}svg{max-width:100%;height:auto}\n";

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
  for (const std::string& note : score.notes) html += "<div class=\"warn\">" + markup_text(note) + "</div>\n";
  return html;
}

}  // namespace

std::string comparison_page(const Study& study, const std::vector<ScoreComparison>& scores) {
  const std::string title = study.paired ? "Time points compared" : "Groups compared";
  std::string html = page_head("", kStyle);
  html += "<title>" + title + "</title></head><body>\n<h1>" + title +
          "</h1>\n<p class=\"use\">Research use only.</p>\n<ul>\n";
  for (const std::string& remark : remarks_of(study)) html += "<li>" + markup_text(remark) + "</li>\n";
  html += "</ul>\n";
  for (const ScoreComparison& score : scores) html += score_section(study, score);
  return html + "</body></html>\n";
}

}  // namespace hexaplex
