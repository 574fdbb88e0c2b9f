// loss.csv and loss.json.
#include "core/loss/loss_wording.h"
#include "core/loss/publish_loss.h"
#include "core/report/text.h"
#include "core/version.h"

namespace hexaplex {

namespace {

using Json = nlohmann::ordered_json;

Json estimate_json(const Estimate& e) {
  Json json;
  json["value"] = e.value ? Json(*e.value) : Json(nullptr);
  json["interval_95"] = e.interval ? Json{e.interval->low, e.interval->high} : Json(nullptr);
  if (!e.note.empty()) json["note"] = e.note;
  return json;
}

Json slides_json(const LossSample& sample) {
  Json slides = Json::array();
  for (const LossSlide& slide : sample.slides)
    slides.push_back({{"result", slide.name},
                      {"cells", slide.cells},
                      {"blocks", slide.blocks},
                      {"percent_positive", slide.cells > 0 ? Json(slide.percent_positive) : Json(nullptr)},
                      {"median", slide.cells > 0 ? Json(slide.median) : Json(nullptr)},
                      {"cells_of_other_phenotypes", slide.result.other_cells},
                      {"cells_not_assessable", slide.result.not_assessable},
                      {"cells_without_value", slide.result.without_value},
                      {"cells_csv_sha256", slide.result.cells_sha256},
                      {"summary_json_sha256", slide.result.summary_sha256},
                      {"slide_sha256", slide.result.slide_sha256}});
  return slides;
}

}  // namespace

std::string loss_csv(const LossStudy& study) {
  std::string text = "measure,value,interval_low,interval_high,unit,note\n";
  for (const LossMeasure& measure : measures_of(study.loss)) {
    const Estimate& e = *measure.estimate;
    text += measure.name + ",";
    if (e.value) append_number(text, *e.value);
    text += ",";
    if (e.interval) append_number(text, e.interval->low);
    text += ",";
    if (e.interval) append_number(text, e.interval->high);
    text += "," + measure.unit + "," + csv_field(e.note) + "\n";
  }
  return text;
}

Json loss_json(const LossStudy& study, const LossDistribution& distribution) {
  const AntigenLoss& loss = study.loss;
  Json json{{"hexaplex", version()}, {"research_use_only", true}, {"marker", study.question.marker}};
  json["cells"] = study.question.phenotypes.empty() ? Json("all") : Json(study.question.phenotypes);
  json["values"] = study.column;
  json["bins"] = study.bins;
  json["block_mm"] = study.question.block_mm;
  json["verdict"] = verdict_of(study);
  json["control"] = {
      {"used", study.control_why}, {"median_before", loss.control_before}, {"median_after", loss.control_after}};
  json["measures"] = Json::object();
  for (const LossMeasure& measure : measures_of(loss)) {
    json["measures"][measure.name] = estimate_json(*measure.estimate);
    if (!measure.unit.empty()) json["measures"][measure.name]["unit"] = measure.unit;
  }
  json["low_percent_before"] = loss.low_percent_before;
  json["before"] = {{"cells", study.before.cells},
                    {"blocks", loss.blocks_before},
                    {"effective_blocks", loss.effective_blocks_before},
                    {"likeness_of_neighbouring_blocks", study.before.likeness.morans_i},
                    {"slides", slides_json(study.before)}};
  json["after"] = {{"cells", study.after.cells},
                   {"blocks", loss.blocks_after},
                   {"effective_blocks", loss.effective_blocks_after},
                   {"likeness_of_neighbouring_blocks", study.after.likeness.morans_i},
                   {"slides", slides_json(study.after)}};
  if (study.control) json["control"]["slides"] = slides_json(*study.control);
  json["distribution"] = {
      {"edges", distribution.edges}, {"percent_before", distribution.before}, {"percent_after", distribution.after}};
  json["notes"] = study.notes;
  return json;
}

}  // namespace hexaplex
