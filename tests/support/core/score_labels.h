#pragma once

#include <cstdint>

#include "tests/support/labels.h"

namespace hexaplex::testing {

/// How well found objects agree with a reference.
struct LabelScore {
  std::int64_t found = 0, reference = 0, matches = 0;  ///< a match: intersection over union above the threshold
  double f1() const {
    return found + reference > 0 ? 2.0 * static_cast<double>(matches) / static_cast<double>(found + reference) : 1;
  }
};

/// Compares two label images of the same extent. At a threshold of 0.5 or more an object has one partner at most.
LabelScore score_labels(const Labels& found, const Labels& reference, double iou = 0.5);

}  // namespace hexaplex::testing
