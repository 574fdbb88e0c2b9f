#include "core/loss/loss_wording.h"

#include <fmt/format.h>

#include "core/compare/wording.h"
#include "core/panel/suggest.h"

namespace hexaplex {

namespace {

std::string interval_text(const EffectInterval& interval, int digits, const char* unit) {
  return fmt::format("{} to {}{}", rounded(interval.low, digits), rounded(interval.high, digits), unit);
}

// Percents and points have one digit behind the point, whatever they are.
constexpr int kPercentDigits = 1;

// "61.2 %, 95 % interval 52.4 to 68.0 %", turned around for a gain.
std::string size_text(const Estimate& loss, bool as_gain) {
  const double sign = as_gain ? -1 : 1;
  const int digits = kPercentDigits;
  std::string text = rounded(sign * *loss.value, digits) + " %";
  if (!loss.interval) return text;
  EffectInterval turned = *loss.interval;
  if (as_gain) turned = {-loss.interval->high, -loss.interval->low};
  return text + ", 95 % interval " + interval_text(turned, digits, " %");
}

std::string loss_sentence(const LossStudy& study) {
  const std::string& marker = study.question.marker;
  const Estimate& loss = study.loss.loss_percent;
  if (!loss.value)
    return fmt::format("{}: nothing to lose: the cells before are not above control, so that no loss can be given.",
                       marker);
  const bool gain = *loss.value < 0;
  if (!loss.interval)
    return fmt::format("{}: the cells carry {} {} than before, but how sure that is cannot be said. {}", marker,
                       size_text(loss, gain), gain ? "more" : "less", loss.note);
  if (loss.interval->low > 0) return fmt::format("{} was lost: by {}.", marker, size_text(loss, false));
  if (loss.interval->high < 0) return fmt::format("{} was not lost: it rose by {}.", marker, size_text(loss, true));
  return fmt::format(
      "No loss of {} is shown: {} of {}; that includes none. A loss above {} % would not fit these samples.", marker,
      gain ? "a gain" : "a loss", size_text(loss, gain), rounded(loss.interval->high, kPercentDigits));
}

std::string positive_sentence(const BeforeAfter& positive) {
  const int digits = kPercentDigits;
  std::string text = fmt::format("Positive cells: {} % before, {} % after, difference {} points",
                                 rounded(*positive.before.value, digits), rounded(*positive.after.value, digits),
                                 rounded(*positive.difference.value, digits));
  if (positive.difference.interval)
    text += " (95 % interval " + interval_text(*positive.difference.interval, digits, "") + ")";
  return text + ".";
}

std::string low_sentence(const Estimate& low) {
  std::string text = fmt::format("{} % of the cells after are lower than 95 % of those before", rounded(*low.value, 1));
  if (low.interval) text += " (95 % interval " + interval_text(*low.interval, 1, " %") + ")";
  return text + ".";
}

}  // namespace

std::vector<LossMeasure> measures_of(const AntigenLoss& loss) {
  std::vector<LossMeasure> measures{{"loss_percent", "Antigen loss", "%", &loss.loss_percent}};
  const auto add = [&](const char* name, const std::string& title, const char* unit, const char* difference,
                       const BeforeAfter& of) {
    measures.push_back({std::string(name) + ".before", title + ", before", unit, &of.before});
    measures.push_back({std::string(name) + ".after", title + ", after", unit, &of.after});
    measures.push_back({std::string(name) + ".difference", title + ", difference", difference, &of.difference});
  };
  add("above_control", "Median above control", "", "", loss.above_control);
  add("percent_positive", "Positive cells", "%", "points", loss.percent_positive);
  add("h_score", "H-score", "", "", loss.h_score);
  measures.push_back({"low_percent.after", "Antigen-low cells, after", "%", &loss.low_percent_after});
  return measures;
}

std::string verdict_of(const LossStudy& study) {
  const auto& phenotypes = study.question.phenotypes;
  return fmt::format("{} {} {} Cells measured ({}): {} before, {} after.", loss_sentence(study),
                     positive_sentence(study.loss.percent_positive), low_sentence(study.loss.low_percent_after),
                     phenotypes.empty() ? "all" : listed(phenotypes), study.before.cells, study.after.cells);
}

std::vector<std::string> remarks_of(const LossStudy& study) {
  const AntigenLoss& loss = study.loss;
  std::vector<std::string> remarks{
      fmt::format("Values are {} of cells.csv; a cell is 1+, 2+, 3+ from {:g}, {:g}, {:g} on.", study.column,
                  study.bins[0], study.bins[1], study.bins[2]),
      study.control_why,
      "Antigen loss is 1 - after / before, of the medians above control: 100 % where nothing is left, below 0 where "
      "there is more than before.",
      fmt::format("Antigen-low cells lie below the value that 5 % of the cells before lie below ({:.1f} % of them do).",
                  loss.low_percent_before),
      fmt::format(
          "Intervals draw blocks of tissue of {:g} mm: {} before (by their cells worth {:.1f} of equal size) and "
          "{} after ({:.1f}). Cells near each other are alike, so that cells are not drawn. Below {} blocks no "
          "interval is given.",
          study.question.block_mm, loss.blocks_before, loss.effective_blocks_before, loss.blocks_after,
          loss.effective_blocks_after, kFewestBlocks),
      "The interval is about these pieces of tissue: how they would differ if other parts of them had been seen. It "
      "knows "
      "nothing of other sites of the patient. A section that was stained more weakly looks like a loss: stain both "
      "sides in one run, and look at a control of each."};
  remarks.insert(remarks.end(), study.notes.begin(), study.notes.end());
  return remarks;
}

std::string value_text(const LossMeasure& measure) {
  const Estimate& e = *measure.estimate;
  if (!e.value) return "–";
  std::vector<double> shown{*e.value};
  if (e.interval) shown.insert(shown.end(), {e.interval->low, e.interval->high});
  const int digits = measure.unit.empty() ? digits_for(shown) : kPercentDigits;
  const std::string text = rounded(*e.value, digits);
  return e.interval ? fmt::format("{} ({})", text, interval_text(*e.interval, digits, "")) : text;
}

}  // namespace hexaplex
