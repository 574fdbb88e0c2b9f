#include "core/report/html_report.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <cmath>

#include "core/report/brightfield_report.h"
#include "core/report/html_page.h"
#include "core/report/palette.h"
#include "core/report/regions_report.h"
#include "core/report/summary.h"
#include "core/report/text.h"

namespace hexaplex {

namespace {

constexpr std::string_view kStyle =
    ".chip{display:inline-block;width:.8em;height:.8em;margin-right:.5em;border-radius:2px}\n"
    "img{max-width:100%;height:auto;background:#181818}code{word-break:break-all}\n";

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(n));
  return out;
}

std::string chip(const SlideResult& result, int phenotype) {
  const Colour c = phenotype_colour(result, phenotype);
  return fmt::format(R"#(<span class="chip" style="background:rgb({},{},{})"></span>)#", c[0], c[1], c[2]);
}

std::string phenotype_table(const SlideResult& result) {
  std::string html =
      R"(<table><tr><th>Phenotype</th><th class="n">Cells</th><th class="n">Percent</th><th class="n">per mm²</th></tr>)"
      "\n";
  const auto counts = count_phenotypes(result);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const PhenotypeCount& c = counts[i];
    const int phenotype = i < result.phenotypes.size() ? static_cast<int>(i) : c.name == "Unclassified" ? -1 : -2;
    html += fmt::format(R"(<tr><td>{}{}{}</td><td class="n">{}</td><td class="n">{}</td><td class="n">{}</td></tr>)"
                        "\n",
                        chip(result, phenotype), markup_text(c.name), c.assessable ? "" : " (not assessable)", c.count,
                        fixed(c.percent, 1), fixed(c.per_mm2, 1));
  }
  return html + "</table>\n";
}

std::string positivity_section(const SlideResult& result) {
  if (result.positivity.empty()) return "";
  std::string html = "<h2>How markers were decided</h2>\n<ul>\n";
  for (const PositivitySummary& p : result.positivity) html += "<li>" + markup_text(p.sentence) + "</li>\n";
  return html + "</ul>\n";
}

std::string unmixing_section(const SlideResult& result) {
  if (!result.unmixing) return "";
  const UnmixingSummary& u = *result.unmixing;
  std::string html =
      fmt::format("<h2>Unmixing</h2>\n<p>{}; condition number of the library {}, relative residual {}.</p>\n",
                  markup_text(u.method), fixed(u.condition_number, 1), fixed(u.residual, 4));
  if (u.crosstalk.empty()) return html;
  html += "<table><tr><th>Crosstalk, percent: into →</th>";
  for (const std::string& name : u.components) html += R"(<th class="n">)" + markup_text(name) + "</th>";
  html += "</tr>\n";
  for (std::size_t i = 0; i < u.crosstalk.size() && i < u.components.size(); ++i) {
    const bool assessable = i >= u.crosstalk_assessable.size() || u.crosstalk_assessable[i];
    html += "<tr><td>" + markup_text(u.components[i]) + (assessable ? "" : " *") + "</td>";
    for (const double v : u.crosstalk[i]) html += R"(<td class="n">)" + fixed(100 * v, 1) + "</td>";
    html += "</tr>\n";
  }
  return html +
         "</table>\n<p class=\"use\">Below 2 % is good for expression, below 5 % for phenotyping; above 10 % is "
         "poor. Rows marked * cannot be judged: too few pixels carry the stain, or it is autofluorescence.</p>\n";
}

std::string quality_section(const SlideResult& result) {
  if (!result.quality) return "";
  const auto areas = result.quality->areas_mm2();
  const double tissue = result.quality->tissue_mm2();
  std::string html =
      "<h2>What was assessed</h2>\n<table><tr><th>Area</th><th class=\"n\">mm²</th><th class=\"n\">Percent of "
      "tissue</th></tr>\n";
  for (int r = 0; r < kUnusableReasons; ++r) {
    const auto reason = static_cast<Unusable>(r);
    const double area = areas[static_cast<std::size_t>(r)];
    if (area == 0 && reason != Unusable::none) continue;
    const bool of_tissue = reason != Unusable::glass && reason != Unusable::not_scanned && tissue > 0;
    html += fmt::format(R"(<tr><td>{}</td><td class="n">{}</td><td class="n">{}</td></tr>)"
                        "\n",
                        title_of(reason), fixed(area, 4), of_tissue ? fixed(100 * area / tissue, 1) : "–");
  }
  return html + fmt::format("</table>\n<p>{} cells lie on tissue that is not assessed; they stand in no count.</p>\n",
                            result.cells.size() - assessable_cell_count(result) - outside_cell_count(result));
}

std::string provenance_section(const SlideResult& result) {
  std::string html = "<h2>Provenance</h2>\n<table>\n";
  const auto row = [&html](const std::string& name, const std::string& value) {
    html += "<tr><th>" + name + "</th><td>" + value + "</td></tr>\n";
  };
  row("Program", markup_text("Hexaplex " + result.version + " (" + result.commit + ")"));
  row("Panel", markup_text(result.panel));
  for (const InputRecord& input : result.inputs)
    row("Input",
        markup_text(input.role + ": " + input.name) + "<br><code>SHA-256 " + markup_text(input.sha256) + "</code>");
  row("Format", markup_text(result.format));
  row("Field",
      fmt::format("{} × {} px, {} µm per px", result.extent.width, result.extent.height, fixed(result.um_per_px, 4)));
  row("Tissue", fmt::format("{} mm²; {}", fixed(result.tissue_mm2, 4), markup_text(result.tissue_definition)));
  html += "</table>\n<p>Parameters as resolved, device and timings are in <code>run.json</code>.</p>\n";
  return html;
}

}  // namespace

std::string html_report(const SlideResult& result, std::string_view overlay_png) {
  const std::string title = markup_text(result.stem);
  std::string html = page_head("img-src data:; ", kStyle);
  html +=
      "<title>" + title + "</title></head><body>\n<h1>" + title + "</h1>\n<p class=\"use\">Research use only.</p>\n";
  if (!result.warnings.empty()) {
    html += "<h2>Warnings</h2>\n";
    for (const std::string& w : result.warnings) html += "<div class=\"warn\">" + markup_text(w) + "</div>\n";
  }
  html += fmt::format("<h2>Cells</h2>\n<p>{} cells on {} mm² of tissue.</p>\n", assessable_cell_count(result),
                      fixed(result.tissue_mm2, 4));
  html += phenotype_table(result);
  html += regions_section(result);
  html +=
      "<h2>Overlay</h2>\n<p>Outlines of cells in the colour of their phenotype; thin outlines are nuclei.</p>\n"
      "<img alt=\"cells outlined on the field\" src=\"data:image/png;base64,";
  html += base64(overlay_png);
  html += "\">\n";
  html += infiltration_section(result);
  html += scores_section(result);
  html += quality_section(result);
  html += positivity_section(result);
  html += unmixing_section(result);
  html += stains_section(result);
  html += provenance_section(result);
  return html + "</body></html>\n";
}

}  // namespace hexaplex
