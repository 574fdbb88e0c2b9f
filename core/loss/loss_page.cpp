// loss.html.
#include <fmt/format.h>

#include "core/loss/loss_wording.h"
#include "core/loss/publish_loss.h"
#include "core/report/html_page.h"
#include "core/report/text.h"

namespace hexaplex {

namespace {

constexpr std::string_view kStyle =
    ".verdict{font-size:1.1rem;border-left:4px solid #0072b2;padding:.4rem .8rem;margin:1rem 0}\n"
    ".wide{overflow-x:auto}svg{max-width:100%;height:auto}\n";

std::string measures_table(const LossStudy& study) {
  std::string html =
      "<h2>Measures</h2>\n<table><tr><th>Measure</th><th class=\"n\">Value (95 % interval)</th><th></th></tr>\n";
  std::string told;  // many measures lack their interval for one reason: it is said once
  for (const LossMeasure& measure : measures_of(study.loss)) {
    const std::string& note = measure.estimate->note;
    html += "<tr><td>" + markup_text(measure.title) + "</td><td class=\"n\">" + markup_text(value_text(measure)) +
            "</td><td>" + markup_text(measure.unit) + "</td></tr>\n";
    if (!note.empty() && told.find(note) == std::string::npos)
      told += "<div class=\"warn\">" + markup_text(note) + "</div>\n";
  }
  return html + "</table>\n" + told;
}

void add_slides(const char* side, const LossSample& sample, std::string& html) {
  for (const LossSlide& slide : sample.slides)
    html += fmt::format(
        "<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td "
        "class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
        side, markup_text(slide.name), slide.cells, slide.blocks,
        slide.cells > 0 ? fixed(slide.percent_positive, 1) + " %" : "–", slide.cells > 0 ? fixed(slide.median, 3) : "–",
        slide.result.not_assessable + slide.result.without_value);
}

}  // namespace

std::string loss_page(const LossStudy& study, const LossDistribution& distribution) {
  const std::string title = "Antigen loss: " + study.question.marker;
  std::string html = page_head("", kStyle);
  html += "<title>" + markup_text(title) + "</title></head><body>\n<h1>" + markup_text(title) +
          "</h1>\n<p class=\"use\">Research use only.</p>\n<div class=\"verdict\">" + markup_text(verdict_of(study)) +
          "</div>\n<div class=\"wide\">" + distribution_plot(study, distribution) + "</div>\n";
  html += measures_table(study);
  html +=
      "<h2>Slides</h2>\n<table><tr><th>Side</th><th>Result</th><th class=\"n\">Cells</th><th class=\"n\">Blocks</th>"
      "<th class=\"n\">Positive</th><th class=\"n\">Median</th><th class=\"n\">Left out</th></tr>\n";
  add_slides("before", study.before, html);
  add_slides("after", study.after, html);
  if (study.control) add_slides("control", *study.control, html);
  html +=
      "</table>\n<p class=\"use\">Left out: cells of these phenotypes that cannot be assessed or have no value.</p>\n";
  html += "<h2>What the figures are</h2>\n<ul>\n";
  for (const std::string& remark : remarks_of(study)) html += "<li>" + markup_text(remark) + "</li>\n";
  return html + "</ul>\n</body></html>\n";
}

}  // namespace hexaplex
