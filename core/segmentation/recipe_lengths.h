#pragma once

#include <array>
#include <cstdint>

#include "core/segmentation/recipe.h"
#include "kernels/filter/gaussian.h"
#include "kernels/filter/laplacian_of_gaussian.h"
#include "kernels/intensity/histogram.h"
#include "kernels/segment/local_threshold.h"

namespace hexaplex {

/// The recipe in pixels of an image whose median nucleus has a given diameter.
struct RecipeLengths {
  GaussianParams smooth, settle, wall_smooth;
  std::array<BlobParams, 2> blobs;
  LocalLevelParams range, trough;
  int open_px = 1;
  double nucleus_area_px = 0;

  RecipeLengths(const Recipe& r, double nucleus_px);

  /// Of the landscape, from the images it is made of.
  int feature_halo() const;
};

/// Membranes count up to two reference levels.
inline constexpr std::uint16_t kMostWall = 2 << 14;

/// The level below which nothing is foreground, from how often each smoothed level of the slide occurs.
std::uint16_t global_floor(const Histogram16& levels, const Recipe& r);

/// The same, and no lower than the level of a nuclear pixel of this value.
std::uint16_t foreground_floor(const Histogram16& levels, const Recipe& r, std::uint16_t least);

/// How fragments are merged.
MergeParams merge_params(const Recipe& r, double nucleus_px);

}  // namespace hexaplex
