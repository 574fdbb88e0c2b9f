#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/compare/comparison.h"

namespace hexaplex {

/// How the numbers of a score are shown to people. Tables keep the summary's own units.
struct ScoreWording {
  std::string title;       ///< "Tumour cell area fraction"
  std::string unit;        ///< after a value: "%", "per mm²", or nothing
  std::string difference;  ///< after a difference: "percentage points", "per mm²", or nothing
  double scale = 1;        ///< from the summary's number: 100 for fractions
};

/// "phenotypes.NAME.percent" and "...per_mm2", names that end in "_fraction", "_percent" or "_per_mm2", and others.
ScoreWording wording_of(std::string_view score);

/// Digits behind the point that show the largest of these numbers to three figures, 0 to 6.
int digits_for(std::span<const double> values);

/// With so many digits behind the point, and no "-0".
std::string rounded(double value, int digits);

/// A p or q to three figures: "0.1", "0.00216".
std::string p_text(double p);

/// "liver", "liver, day 14", or "all slides".
std::string place_text(const Comparison& comparison);

/// What was found, in one or two plain sentences: "Liver: treated 0.80 % against vehicle 6.10 % (medians of 3 and 3
/// animals), difference -5.30 percentage points, 95 % interval -7.90 to -2.20; exact permutation p = 0.1, the smallest
/// that 3 against 3 can reach; adjusted over 4 organs q = 0.1. ..."
std::string sentence_of(const Study& study, const std::string& score, const Comparison& comparison);

/// What holds for all sentences of a study: the reference, the tests, the intervals and what they are worth at its
/// sizes.
std::vector<std::string> remarks_of(const Study& study);

}  // namespace hexaplex
