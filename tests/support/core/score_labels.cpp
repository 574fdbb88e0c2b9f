#include "tests/support/core/score_labels.h"

#include <map>

namespace hexaplex::testing {

LabelScore score_labels(const Labels& found, const Labels& reference, double iou) {
  std::map<std::uint32_t, std::int64_t> area_found, area_reference;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::int64_t> common;
  for (std::int64_t i = 0; i < found.extent().area(); ++i) {
    const std::uint32_t a = found.data()[i], b = reference.data()[i];
    if (a != 0) ++area_found[a];
    if (b != 0) ++area_reference[b];
    if (a != 0 && b != 0) ++common[{a, b}];
  }
  LabelScore out{static_cast<std::int64_t>(area_found.size()), static_cast<std::int64_t>(area_reference.size()), 0};
  for (const auto& [pair, n] : common) {
    const std::int64_t either = area_found[pair.first] + area_reference[pair.second] - n;
    if (static_cast<double>(n) > iou * static_cast<double>(either)) ++out.matches;
  }
  return out;
}

}  // namespace hexaplex::testing
