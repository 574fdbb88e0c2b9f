#include "core/segmentation/recipe_lengths.h"

#include <algorithm>

#include "core/segmentation/nuclei.h"
#include "kernels/intensity/quantise.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

static_assert(kMostWall == 2 << kLogFractionBits);

RecipeLengths::RecipeLengths(const Recipe& r, double nucleus_px) {
  constexpr double kPi = 3.14159265358979323846, kSqrt2 = 1.41421356237309504880;
  const double d = nucleus_px;
  const auto sigma = [](double s) { return GaussianParams{std::max(s, 0.2)}; };
  smooth = sigma(r.smooth * d);
  settle = sigma(r.settle * d);
  wall_smooth = sigma(r.wall_smooth * d);
  for (std::size_t i = 0; i < blobs.size(); ++i) blobs[i] = {std::max(r.blobs[i] * d / (2 * kSqrt2), kMinBlobSigmaPx)};
  const int side = std::clamp(static_cast<int>(r.window * d) | 1, 3, 1023);
  range = {side, r.local};
  trough = {side, 0.0};
  open_px = std::max(1, static_cast<int>(r.open * d + 0.5));
  nucleus_area_px = kPi / 4 * d * d;
}

int RecipeLengths::feature_halo() const {
  const int blob = std::max(blob_halo(blobs[0]), blob_halo(blobs[1]));
  return std::max(
      {gaussian_halo(smooth), blob + gaussian_halo(settle), gaussian_halo(wall_smooth) + gaussian_halo(settle)});
}

std::uint16_t global_floor(const Histogram16& levels, const Recipe& r) {
  const int low = quantile(levels, 0.01);
  const double floor = low + r.floor * (otsu_threshold(levels) - low);
  return static_cast<std::uint16_t>(std::clamp(floor, 0.0, 65535.0));
}

std::uint16_t foreground_floor(const Histogram16& levels, const Recipe& r, std::uint16_t least) {
  const std::uint16_t floor = global_floor(levels, r);
  return least == 0 ? floor : std::max(floor, log_table(r.soft)[least]);
}

MergeParams merge_params(const Recipe& r, double nucleus_px) {
  MergeParams p;
  p.weights = r.weights;
  p.nucleus_px = nucleus_px;
  p.largest_nuclei = r.largest;
  p.rounds = r.rounds;
  return p;
}

void require_sound(const NucleiParams& p, Extent image) {
  HX_EXPECT(p.nucleus_px >= kMinNucleusPx && p.nucleus_px <= kMaxNucleusPx,
            "the nucleus diameter must lie in 3..400 pixels: check the pixel size and the panel's nucleus_um");
  HX_EXPECT(p.active.data == nullptr || p.active.extent == image, "the active mask has another extent");
}

}  // namespace hexaplex
