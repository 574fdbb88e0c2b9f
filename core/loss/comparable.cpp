// Whether results may be compared, and whether cells were chosen by what is asked of them.
#include <fmt/format.h>

#include <algorithm>

#include "core/loss/scored_slide.h"
#include "core/phenotype/rule.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

using nlohmann::json;

namespace {

constexpr double kPixelTolerance = 0.01;

// What may differ: these decide about files, not about cells and their values; pixels are compared by themselves.
bool decides_nothing(const std::string& name) {
  return name == "outputs" || name == "image_codec" || name == "damaged_tiles" || name == "um_per_px";
}

// A value in few words.
std::string shown(const json& parameters, const std::string& name) {
  const std::string text = parameters.contains(name) ? parameters[name].dump() : "nothing";
  return text.size() <= 120 ? text : text.substr(0, 117) + "...";
}

}  // namespace

void check_comparable(const ScoredSlide& first, const ScoredSlide& other, const std::string& marker) {
  const std::string place = (other.folder / "run.json").string(), against = first.folder.string();
  const json &a = first.parameters, &b = other.parameters;
  if (a.value("panel", "") != b.value("panel", ""))
    throw InputError(place, fmt::format("was analysed with panel {}, and {} with {}; run both with one panel",
                                        shown(b, "panel"), against, shown(a, "panel")));
  if (first.bins != other.bins)
    throw InputError(place,
                     fmt::format("scores {} with bins {}, and {} with {}; run both with one panel", marker,
                                 b["scores"][marker]["bins"].dump(), against, a["scores"][marker]["bins"].dump()));
  const double ratio = other.um_per_px / first.um_per_px;
  if (!(ratio >= 1 - kPixelTolerance && ratio <= 1 + kPixelTolerance))
    throw InputError(place, fmt::format("has pixels of {} µm, and {} of {} µm: cells and their values are not found "
                                        "alike; scan both alike, or set the right size with --um-per-px",
                                        other.um_per_px, against, first.um_per_px));
  json names = a;
  names.update(b);
  for (const auto& [name, unused] : names.items()) {
    if (decides_nothing(name)) continue;
    if (!a.contains(name) || !b.contains(name) || a[name] != b[name])
      throw InputError(place, fmt::format("was analysed with other parameters than {}: `{}` is {} and not {}; run both "
                                          "with one panel and the same options",
                                          against, name, shown(b, name), shown(a, name)));
  }
  if (first.read_with != other.read_with)
    throw InputError(place, fmt::format("was analysed with another spectral library, classifier or stain reference "
                                        "than {}; run both with the same",
                                        against));
}

bool stains_differ(const ScoredSlide& a, const ScoredSlide& b) {
  constexpr double kCosine = 0.99619469809174555;  // of 5 degrees
  if (!a.stain || !b.stain) return false;
  double product = 0;
  for (std::size_t i = 0; i < 3; ++i) product += (*a.stain)[i] * (*b.stain)[i];
  return product < kCosine;
}

bool chosen_by_marker(const ScoredSlide& slide, const LossQuestion& question) {
  std::vector<std::string> names;
  for (const json& channel : slide.parameters.value("channels", json::array()))
    names.push_back(channel.value("marker", ""));
  for (const json& kind : slide.parameters.value("classes", json::array()))
    names.push_back(kind.is_string() ? kind.get<std::string>() : "");
  const auto marker = std::find(names.begin(), names.end(), question.marker) - names.begin();
  // The first rule that fits names a cell: those above the last one asked for decide too.
  bool asked = false;
  const json phenotypes = slide.parameters.value("phenotypes", json::array());
  for (auto rule = phenotypes.rbegin(); rule != phenotypes.rend(); ++rule) {
    const auto& wanted = question.phenotypes;
    asked = asked || std::find(wanted.begin(), wanted.end(), rule->value("name", "")) != wanted.end();
    if (!asked) continue;
    const Rule when(rule->value("when", "true"), names);
    const auto& used = when.markers();
    if (std::find(used.begin(), used.end(), static_cast<int>(marker)) != used.end()) return true;
  }
  return std::find(question.phenotypes.begin(), question.phenotypes.end(), "Unclassified") !=
             question.phenotypes.end() &&
         !phenotypes.empty();
}

}  // namespace hexaplex
