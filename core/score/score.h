#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/cells/cell_table.h"
#include "core/score/score_rule.h"
#include "kernels/intensity/histogram.h"

namespace hexaplex {

/// The scores of one marker on one slide. NaN where no cell has a value.
struct MarkerScore {
  std::array<std::size_t, 4> classes{};  ///< cells that are 0, 1+, 2+, 3+
  std::size_t unknown = 0;               ///< cells whose compartment is empty: in none of the classes
  double percent_positive = 0;           ///< 1+ and more
  double h_score = 0;                    ///< 0 .. 300: percent of 1+, twice 2+, three times 3+
  int allred_proportion = 0;             ///< 0 .. 5
  int allred_intensity = 0;              ///< 0 .. 3
  int irs_proportion = 0;                ///< 0 .. 4
  int irs_intensity = 0;                 ///< 0 .. 3: the mean class of positive cells, rounded
  double median = 0;                     ///< of all cells' values: the lower of two in the middle

  int allred() const { return allred_proportion + allred_intensity; }
  int irs() const { return irs_proportion * irs_intensity; }
};

/// @param values   one per cell, NaN where there is none
/// @param counted  per cell 1 or 0, or empty: all
/// Throws: InvalidArgument for bins that do not ascend
/// Source: H-score: K. S. McCarty et al., Arch. Pathol. Lab. Med. 109 (1985) 716; Allred: D. C. Allred et al., Mod.
/// Pathol.
///         11 (1998) 155, as QuPath has it; immunoreactive score: W. Remmele, H. E. Stegner, Pathologe 8 (1987) 138
MarkerScore score_marker(std::span<const double> values, std::span<const std::uint8_t> counted, const ScoreRule& rule);

/// A marker's cells beside those of a control without it. NaN where either has no value, or the control's is 0.
struct RelativeIntensity {
  double control_median = 0, control_std = 0;  ///< std: population
  double rfi = 0;                              ///< median over the control's median
  double stain_index = 0;                      ///< difference of the medians over twice the control's std
};

/// @param values, counted  as of score_marker
/// @param control          values of the control's cells, NaN where there is none
/// Source: stain index: H. T. Maecker et al., Cytometry A 62 (2004) 169
RelativeIntensity compare_to_control(std::span<const double> values, std::span<const std::uint8_t> counted,
                                     std::span<const double> control);

/// "low", "medium" or "high"; empty for an intensity that is NaN.
std::string_view level_of(double rfi, const std::array<double, 2>& levels);

/// Pixels of a channel that have a value of `least` or more, to within 1 % of `least`: from the keys of its values.
std::int64_t pixels_from(const Histogram16& keys, double least);

}  // namespace hexaplex
