#include "core/compare/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/panel/suggest.h"

namespace hexaplex {

namespace {

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string spaced(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string with_unit(const std::string& value, const std::string& unit) {
  return unit.empty() ? value : value + " " + unit;
}

std::string units_text(const Study& study, std::size_t n) {
  return fmt::format("{} {}{}", n, study.unit, n == 1 ? "" : "s");
}

std::string effect_text(const Study& study, const ScoreWording& wording, const Comparison& c, int digits) {
  std::string text = with_unit(rounded(c.difference * wording.scale, digits), wording.difference);
  if (!c.interval) return text + ", no interval from a single " + study.unit;
  return text + fmt::format(", 95 % interval {} to {}", rounded(c.interval->low * wording.scale, digits),
                            rounded(c.interval->high * wording.scale, digits));
}

std::string p_sentence(const Study& study, const Comparison& c) {
  const std::size_t n = c.reference.units.size(), m = c.other.units.size();
  const std::string sizes =
      study.paired ? fmt::format("{} pair{}", n, n == 1 ? "" : "s") : fmt::format("{} against {}", m, n);
  const char* how = c.permutation.exact ? "exact" : "sampled";
  const char* test = study.paired ? "sign-flip permutation" : "permutation";
  std::string text = fmt::format("{} {} p = {}", how, test, p_text(c.permutation.p));
  // Both are quotients of whole numbers: equal but for rounding.
  const bool smallest = c.permutation.p <= c.smallest_p * (1 + 1e-9);
  if (smallest) text += fmt::format(", the smallest that {} can reach", sizes);
  text += fmt::format(" ({} p = {}", study.paired ? "Wilcoxon signed-rank" : "Mann-Whitney", p_text(c.ranks.p));
  text += smallest ? ")" : fmt::format("; the smallest that {} can reach is {})", sizes, p_text(c.smallest_p));
  if (c.family > 1) text += fmt::format("; adjusted over {} organs q = {}", c.family, p_text(c.q));
  return text + ".";
}

// Figures of docs/decisions/0801-group-intervals.md.
std::string worth_of_intervals(bool paired) {
  const std::string text =
      "Intervals hold the middle 95 % of 10,000 resamples. In simulated cohorts they held the truth in ";
  if (paired)
    return text +
           "92 to 95 % with 5 pairs or more, in 87 to 88 % with 4, and in 74 % with 3, where they span every "
           "difference that was seen.";
  return text +
         "94 to 97 % with 5 or more a group, in 91 to 94 % with 4, and in 86 to 90 % with 3, where they span every "
         "difference that was seen.";
}

}  // namespace

ScoreWording wording_of(std::string_view score) {
  const std::size_t dot = score.rfind('.');
  const std::string_view last = dot == std::string_view::npos ? score : score.substr(dot + 1);
  constexpr std::string_view kPhenotypes = "phenotypes.";
  if (score.substr(0, kPhenotypes.size()) == kPhenotypes && dot > kPhenotypes.size()) {
    const std::string name(score.substr(kPhenotypes.size(), dot - kPhenotypes.size()));
    if (last == "percent") return {name + ", percent of cells", "%", "percentage points", 1};
    if (last == "per_mm2") return {name + ", cells per mm²", "per mm²", "per mm²", 1};
    return {name + ", " + spaced(last), "", "", 1};
  }
  std::string title;
  for (std::string_view rest = score;
       !rest.empty();) {  // "infiltration.border_distance_um.median": border distance, median
    const std::string_view part = rest.substr(0, rest.find('.'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    if (title.empty() && !rest.empty() && (part == "infiltration" || part == "scores")) continue;
    title += (title.empty() ? "" : ", ") + spaced(ends_with(part, "_um") ? part.substr(0, part.size() - 3) : part);
  }
  title = capitalised(title);
  if (ends_with(last, "fraction") || ends_with(last, "share")) return {title, "%", "percentage points", 100};
  if (last.find("percent") != std::string_view::npos) return {title, "%", "percentage points", 1};
  if (ends_with(last, "per_mm2")) return {title.substr(0, title.size() - 7) + "per mm²", "per mm²", "per mm²", 1};
  if (ends_with(last, "_mm2")) return {title.substr(0, title.size() - 4), "mm²", "mm²", 1};
  if (score.find("_um") != std::string_view::npos) return {title, "µm", "µm", 1};
  return {title, "", "", 1};
}

int digits_for(std::span<const double> values) {
  double largest = 0;
  for (const double v : values) largest = std::max(largest, v < 0 ? -v : v);
  int digits = 2;
  if (largest >= 100) return 0;
  if (largest >= 10) return 1;
  for (double limit = 1; largest < limit && largest > 0 && digits < 6; limit /= 10) ++digits;
  return digits;
}

std::string rounded(double value, int digits) {
  std::string text = fmt::format("{:.{}f}", value, digits);
  if (text[0] == '-' && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  return text;
}

std::string p_text(double p) {
  if (p < 1e-6) return fmt::format("{:.1e}", p);
  int digits = 3;
  for (double limit = 0.1; p < limit; limit /= 10) ++digits;
  std::string text = fmt::format("{:.{}f}", p, digits);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string place_text(const Comparison& c) {
  if (c.organ.empty() && c.timepoint.empty()) return "all slides";
  if (c.organ.empty() || c.timepoint.empty()) return c.organ + c.timepoint;
  return c.organ + ", " + c.timepoint;
}

std::string sentence_of(const Study& study, const std::string& score, const Comparison& c) {
  const ScoreWording wording = wording_of(score);
  std::vector<double> shown{c.reference.median, c.other.median, c.difference};
  if (c.interval) shown.insert(shown.end(), {c.interval->low, c.interval->high});
  for (double& v : shown) v *= wording.scale;
  const int digits = digits_for(shown);
  const std::size_t n = c.reference.units.size(), m = c.other.units.size();
  const std::string a = with_unit(rounded(c.reference.median * wording.scale, digits), wording.unit);
  const std::string b = with_unit(rounded(c.other.median * wording.scale, digits), wording.unit);
  std::string text = capitalised(place_text(c)) + ": ";
  if (study.paired)
    text += fmt::format("{} ({}) to {} ({}), medians of {}, median of the differences ", a, c.reference.name, b,
                        c.other.name, units_text(study, n));
  else
    text += fmt::format("{} {} against {} {} (medians of {} and {}), difference ", c.other.name, b, c.reference.name, a,
                        m, units_text(study, n));
  text += effect_text(study, wording, c, digits) + "; " + p_sentence(study, c);
  if (c.interval)
    text += c.blocks_drawn
                ? fmt::format(" The interval draws {}s, and blocks of tissue within them.", study.unit)
                : fmt::format(" The interval draws {}s only: there are too few blocks of tissue for this score.",
                              study.unit);
  if (!c.left_out.empty()) text += fmt::format(" Left out here: {} {}.", study.unit, listed(c.left_out));
  return text;
}

std::vector<std::string> remarks_of(const Study& study) {
  const std::string what = study.paired ? "time point" : "group";
  std::vector<std::string> remarks{
      fmt::format("The unit is the {}: slides of one {} and organ are pooled first.", study.unit, study.unit),
      fmt::format("The reference is the {} “{}”, {}.", what, study.arms.front(), study.reference_why)};
  if (study.paired)
    remarks.push_back(
        "Tests are two-sided: all ways to flip the signs of the differences (of their mean), and Wilcoxon's "
        "signed ranks, exact with ties.");
  else
    remarks.push_back(
        "Tests are two-sided: all ways to give the animals to groups of these sizes (difference of means), "
        "and Mann-Whitney, exact with ties.");
  remarks.push_back(
      "Adjusted values (q) are those of Benjamini and Hochberg, over the organs of one score; nothing is "
      "adjusted over scores.");
  remarks.push_back(worth_of_intervals(study.paired));
  for (const std::string& note : study.notes) remarks.push_back(note);
  return remarks;
}

}  // namespace hexaplex
