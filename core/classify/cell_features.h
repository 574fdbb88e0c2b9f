#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace hexaplex {

/// What a classifier knows of a nucleus by itself.
struct NucleusValues {
  double x_um = 0, y_um = 0;
  double area_um2 = 0;
  double mean = 0, std = 0;  ///< of the nuclear stain
};

/// Shape, stain and neighbourhood of a nucleus, in this order. Values of the stain are relative to the slide's: divided
/// by the 20 % quantile of the nuclei's means, so that a darker batch is not another class.
inline constexpr std::array<std::string_view, 11> kCellFeatures{
    "area_um2",        "stain_mean",       "stain_std",        "nuclei_within_20um",
    "nearest_um",      "third_nearest_um", "fifth_nearest_um", "area_mean_of_6",
    "stain_mean_of_6", "area_mean_of_11",  "stain_mean_of_11"};

/// The features of one nucleus. Distances are 1000 where there are not so many neighbours.
using CellFeatures = std::array<float, kCellFeatures.size()>;

/// Features of all nuclei of a slide, in their order.
///
/// Result: the same for any order of equal distances but for the neighbours that are averaged over
/// Throws: InvalidArgument for a value that is not finite
std::vector<CellFeatures> cell_features(std::span<const NucleusValues> nuclei);

}  // namespace hexaplex
