#include "core/report/brightfield_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/report/html_page.h"
#include "core/report/text.h"
#include "kernels/runtime/numerics.h"

namespace hexaplex {

namespace {

std::string row(const std::string& name, const std::string& value) {
  return "<tr><td>" + name + "</td><td class=\"n\">" + value + "</td></tr>\n";
}

std::string distances(const DistanceSummary& d) {
  return fmt::format("{} µm ({} to {})", fixed(d.median_um, 0), fixed(d.lower_quartile_um, 0),
                     fixed(d.upper_quartile_um, 0));
}

// What white light becomes where a stain has a density of 0.5.
std::string colour_of(const StainSummary& stains, std::size_t k) {
  std::string text = "rgb(";
  for (std::size_t b = 0; b < 3; ++b)
    text += fmt::format("{}{}", b == 0 ? "" : ",",
                        static_cast<int>(std::min(255.0, 255 * exact_exp(-0.5 * kLn10 * stains.vectors[k][b])) + 0.5));
  return text + ")";
}

}  // namespace

std::string infiltration_section(const SlideResult& result) {
  if (!result.infiltration) return "";
  const InfiltrationResult& r = *result.infiltration;
  std::string html = "<h2>Infiltration</h2>\n<table>\n";
  html += row("Grade (0 to 3)", std::to_string(r.grade));
  html += row("Tumour cells, of the tissue", fixed(100 * r.tumour_cell_area_fraction, 2) + " %");
  html += row("Regions of tumour cells, of the tissue", fixed(100 * r.tumour_area_fraction, 2) + " %");
  html += row("Tumour cells", fmt::format("{} of {}", r.tumour_cells, r.cells));
  html += row("Tumour cells per mm²", fixed(r.tumour_cells_per_mm2, 1));
  html += row("Foci", std::to_string(r.foci.size()));
  html += row("Tumour cells in foci", fixed(100 * r.cells_in_foci_share, 1) + " %");
  html += row("From the tissue's border, median and quartiles", distances(r.border));
  html += row("From vessels, median and quartiles", distances(r.vessels));
  return html +
         "</table>\n<p class=\"use\">Green lines in the overlay surround the regions. Areas are of the assessable "
         "tissue, "
         "lumens left out; cuts of foci and grade are in <code>run.json</code>.</p>\n";
}

std::string scores_section(const SlideResult& result) {
  if (result.scores.empty()) return "";
  std::string html =
      "<h2>Scores</h2>\n<table><tr><th>Marker</th><th class=\"n\">0</th><th class=\"n\">1+</th><th class=\"n\">2+</th>"
      "<th class=\"n\">3+</th><th class=\"n\">Positive</th><th class=\"n\">Area</th><th class=\"n\">H-score</th>"
      "<th class=\"n\">Allred</th><th class=\"n\">IRS</th></tr>\n";
  for (const ScoreSummary& s : result.scores) {
    html += "<tr><td>" + markup_text(s.marker) + "</td>";
    for (const std::size_t cells : s.score.classes) html += fmt::format("<td class=\"n\">{}</td>", cells);
    html += fmt::format(
        "<td class=\"n\">{} %</td><td class=\"n\">{} %</td><td class=\"n\">{}</td><td class=\"n\">{} ({}+{})</td>"
        "<td class=\"n\">{}</td></tr>\n",
        fixed(s.score.percent_positive, 1), fixed(s.area_percent, 1), fixed(s.score.h_score, 0), s.score.allred(),
        s.score.allred_proportion, s.score.allred_intensity, s.score.irs());
  }
  html += "</table>\n<p class=\"use\">Classes by ";
  for (std::size_t i = 0; i < result.scores.size(); ++i) {
    const ScoreSummary& s = result.scores[i];
    html += fmt::format("{}the {} of {} in the {}: from {}, {} and {} on", i == 0 ? "" : "; ", name_of(s.statistic),
                        markup_text(s.marker), name_of(s.compartment), s.bins[0], s.bins[1], s.bins[2]);
  }
  html += ".</p>\n";
  for (const ScoreSummary& s : result.scores)
    if (s.control)
      html += fmt::format("<p>{}: relative intensity {} (median {} over {} of the control), stain index {}{}.</p>\n",
                          markup_text(s.marker), fixed(s.control->rfi, 2), fixed(s.score.median, 3),
                          fixed(s.control->control_median, 3), fixed(s.control->stain_index, 2),
                          s.level.empty() ? "" : "; level " + s.level);
  return html;
}

std::string stains_section(const SlideResult& result) {
  if (!result.stains) return "";
  const StainSummary& s = *result.stains;
  std::string html =
      "<h2>Stains</h2>\n<table><tr><th>Marker</th><th>Stain</th><th class=\"n\">Red</th><th class=\"n\">Green</th>"
      "<th class=\"n\">Blue</th></tr>\n";
  for (std::size_t k = 0; k < s.markers.size(); ++k)
    html += fmt::format(
        "<tr><td><span class=\"chip\" style=\"background:{}\"></span>{}</td><td>{}</td><td class=\"n\">{}</td>"
        "<td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
        colour_of(s, k), markup_text(s.markers[k]), markup_text(s.stains[k]), fixed(s.vectors[k][0], 3),
        fixed(s.vectors[k][1], 3), fixed(s.vectors[k][2], 3));
  return html +
         fmt::format("</table>\n<p>Optical density of each colour, as used on this slide{}; white is {}, {}, {}.</p>\n",
                     s.reference.empty() ? "" : ", found on the reference slide " + markup_text(s.reference),
                     fixed(s.white[0], 1), fixed(s.white[1], 1), fixed(s.white[2], 1));
}

}  // namespace hexaplex
