#include "core/report/regions_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/report/html_page.h"
#include "core/report/palette.h"
#include "core/report/summary.h"
#include "core/report/text.h"

namespace hexaplex {

namespace {

void add_heading(std::string& html, const std::string& text) {
  html += "<th class=\"n\">" + markup_text(text) + "</th>";
}

void add_cell(std::string& html, const std::string& text) {
  html += "<td class=\"n\">" + text + "</td>";
}

std::string headings_of(const SlideResult& result) {
  std::string html = "<tr><th>Region</th>";
  for (const char* name : {"Cells", "Tissue, mm²", "Cells per mm²"}) add_heading(html, name);
  for (const PhenotypeInfo& p : result.phenotypes) add_heading(html, p.name + ", %");
  for (const ScoreSummary& s : result.scores) {
    add_heading(html, s.marker + " positive, %");
    add_heading(html, s.marker + " H-score");
  }
  if (result.infiltration)
    for (const char* name : {"Tumour, % of tissue", "Foci", "Grade"}) add_heading(html, name);
  return html + "</tr>\n";
}

std::string row_of(const SlideResult& result, std::size_t r) {
  const RegionResults& regions = *result.regions;
  const RegionResult& region = regions.each[r];
  const std::vector<std::uint8_t> counted = regions.cells.counted_in(r, result.assessable);
  const auto cells = std::count(counted.begin(), counted.end(), std::uint8_t{1});
  const Colour c = region_colour(r);
  std::string html = fmt::format(R"#(<tr><td><span class="chip" style="background:rgb({},{},{})"></span>{}</td>)#",
                                 c[0], c[1], c[2], markup_text(regions.drawn.names[r]));
  add_cell(html, std::to_string(cells));
  add_cell(html, fixed(region.tissue_mm2, 4));
  add_cell(html, region.tissue_mm2 > 0 ? fixed(static_cast<double>(cells) / region.tissue_mm2, 1) : "–");
  const std::vector<PhenotypeCount> counts = count_phenotypes(result, counted, region.tissue_mm2);
  for (std::size_t p = 0; p < result.phenotypes.size(); ++p) add_cell(html, fixed(counts[p].percent, 1));
  for (const ScoreSummary& s : region.scores) {
    add_cell(html, fixed(s.score.percent_positive, 1));
    add_cell(html, fixed(s.score.h_score, 0));
  }
  if (region.infiltration) {
    add_cell(html, fixed(100 * region.infiltration->tumour_area_fraction, 2));
    add_cell(html, std::to_string(region.infiltration->foci.size()));
    add_cell(html, std::to_string(region.infiltration->grade));
  }
  return html + "</tr>\n";
}

}  // namespace

std::string regions_section(const SlideResult& result) {
  if (!result.regions) return "";
  std::string html = "<h2>Regions</h2>\n<table>" + headings_of(result);
  for (std::size_t r = 0; r < result.regions->each.size(); ++r) html += row_of(result, r);
  return html + fmt::format(
                    "</table>\n<p>All other figures of this page are of these regions together; a cell or place "
                    "in two of them counts in both here, and once there. {} cells lie outside of all: they stand "
                    "in no count. Lines in these colours surround the regions in the overlay.</p>\n",
                    outside_cell_count(result));
}

}  // namespace hexaplex
