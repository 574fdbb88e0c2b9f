#pragma once

#include <optional>
#include <span>

namespace hexaplex {

/// Two classes of cells, found in the values of one marker.
struct TwoClasses {
  double threshold = 0;   ///< value >= threshold belongs to the upper class
  double separation = 0;  ///< how many times as bright the median of the upper class is (by `brightness`)
  double distance = 0;    ///< of the classes' mean logarithms, in sums of their standard deviations
};

/// What `find_*_classes` work on. Both columns have one entry per cell, without NaN; their order does not matter.
struct ClassInput {
  std::span<const double> values;      ///< what the threshold is for; values below 0 count as 0
  std::span<const double> brightness;  ///< what `separation` compares: the compartment's mean
  double background = 0;               ///< added before the logarithm, > 0: background_level()
  double min_separation = 1;           ///< classes closer than this are none, >= 1
};

/// The level of cells without the marker: the 5 % quantile of `brightness`, and at least 1/64 of its mean, so that it
/// is above 0 wherever a cell is. 0 where no value is above 0.
double background_level(std::span<const double> brightness);

/// Otsu's criterion, for classes of any size.
///
/// Otsu's best threshold cuts the larger class in two where the other one is small (1 % of cells). So every stationary
/// point of his criterion on log(value + background) is looked at, that is, every threshold midway between the means of
/// the two classes it makes, and of those with `min_separation` the one with the largest `distance` is taken. The
/// threshold is then set at 30 % of the way between the two means, because a cell that is cut a little wrong holds less
/// of its own signal, never more; at least 1.8 times as bright as the mean of the lower class; and nearer to the
/// middle, but not past it, the smaller the upper class is. docs/decisions/0401-threshold-between-classes.md has the
/// figures. Returns: nothing where no classes of at least 3 cells, `min_separation` apart, are there.
std::optional<TwoClasses> find_otsu_classes(const ClassInput& input);

/// Two Gaussians fitted to log(value + background) by expectation maximisation, begun at the classes above; the
/// threshold is where both are equally likely.
std::optional<TwoClasses> find_mixture_classes(const ClassInput& input);

/// The value that a share `quantile` of the values lies below; values not empty, quantile in (0, 1).
double quantile_threshold(std::span<const double> values, double quantile);

/// The middle value, or the mean of the middle two; NaN for none.
double median_of(std::span<const double> values);

}  // namespace hexaplex
