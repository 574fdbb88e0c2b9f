#include <algorithm>

#include "core/quality/detectors.h"

namespace hexaplex::detail {

namespace {

// Out of focus. Measured at 0.5 µm per px: fine over coarse energy of nuclei in focus 0.07 to 0.4 in a slide (half of
// the slide's squares within 15 % of its median), blurred by 1 µm 0.03, by 1.5 to 4 µm 0.01 to 0.03.
constexpr float kSoft = 0.2f;            // of the sharp squares' ratio: below it a square is out of focus
constexpr float kMostSoft = 0.05f;       // no ratio above this is out of focus
constexpr float kHalfSoft = 2.0f;        // a neighbour of such squares is too, below so many times the limit
constexpr float kNucleiEnergy = 8.0f;    // coarse energy of nuclei, times what noise would give
constexpr float kFineEnergy = 0.25f;     // the same of the fine energy that nuclei in focus would have
constexpr float kNucleiLight = 0.4f;     // of the light of squares with sharp nuclei, above the darkest
constexpr std::size_t kFewSquares = 20;  // below this many squares with nuclei a slide has no ratio of its own
constexpr double kSmallestSoftUm2 = 10e3, kCloseSoftUm = 25;
constexpr int kGrowSteps = 2;

// Folds. Least rise over all groups and the nuclear band, averaged over 3 x 3 squares: below 1.65 on 21 painted slides
// and on every real field of three or more channels.
constexpr float kFold = 1.75f, kHalfFold = 1.4f;
constexpr double kSmallestFoldUm2 = 2000;
constexpr std::size_t kFewTissueSquares = 100;
constexpr float kDebris = 4.0f, kHalfDebris = 2.5f;

// Adds to `mask` what touches it (corners too) and may be added, step by step.
void grow(SquareMask& mask, const SquareMask& may, int steps) {
  for (int k = 0; k < steps; ++k) {
    const SquareMask wider = dilated(mask, 1.5);
    for (std::int64_t i = 0; i < mask.extent().area(); ++i)
      mask.data()[i] |= static_cast<std::uint8_t>(wider.data()[i] & may.data()[i]);
  }
}

}  // namespace

SquareMask find_out_of_focus(Plane<const SquareSums> sums, const HostPlane<float>& nuclear, const SquareMask& where,
                             double um_per_px) {
  const Extent grid = sums.extent;
  HostPlane<float> fine(grid), coarse(grid), noise(grid);
  for (int y = 0; y < grid.height; ++y)
    for (int x = 0; x < grid.width; ++x) {
      // White noise is four times weaker in means over four pixels; what of it is left is structure.
      const float n = sums(x, y).noise;
      fine(x, y) = sums(x, y).fine - n / 4;
      coarse(x, y) = sums(x, y).coarse - n / 64;
      noise(x, y) = n / 64;
    }
  const HostPlane<float> own_fine = fine.copy(), own_coarse = coarse.copy();
  fine = mean_of_neighbours(fine, where);
  coarse = mean_of_neighbours(coarse, where);
  noise = mean_of_neighbours(noise, where);
  const HostPlane<float> light = mean_of_neighbours(nuclear, where);

  SquareMask soft(grid, std::uint8_t{0}), half_soft(grid, std::uint8_t{0});
  const auto has_nuclei = [&](std::int64_t i) {
    return where.data()[i] != 0 && coarse.data()[i] > kNucleiEnergy * noise.data()[i];
  };
  std::vector<float> ratios;
  for (std::int64_t i = 0; i < grid.area(); ++i)
    if (has_nuclei(i)) ratios.push_back(std::max(0.0f, fine.data()[i]) / coarse.data()[i]);
  if (ratios.size() < kFewSquares) return soft;
  // Of the sharper half, so that a slide of which much is out of focus is still measured against what is not.
  const auto sharp = static_cast<float>(quantile_of(ratios, 0.75));
  const float limit = std::min(kSoft * sharp, kMostSoft), half = kHalfSoft * limit;
  // A glow around nuclei in focus is soft too, and far darker than nuclei.
  std::vector<float> all, sharp_light;
  for (std::int64_t i = 0; i < grid.area(); ++i) {
    if (where.data()[i] != 0) all.push_back(light.data()[i]);
    if (has_nuclei(i) && fine.data()[i] >= sharp / 2 * coarse.data()[i]) sharp_light.push_back(light.data()[i]);
  }
  const auto dark = static_cast<float>(quantile_of(all, 0.01));
  const float least_light = dark + kNucleiLight * (static_cast<float>(quantile_of(sharp_light, 0.5)) - dark);
  for (std::int64_t i = 0; i < grid.area(); ++i) {
    // In focus, fine structure would stand out of the noise; only then does its absence say something.
    const bool told = sharp * coarse.data()[i] > kFineEnergy * 16 * noise.data()[i];
    soft.data()[i] =
        has_nuclei(i) && told && light.data()[i] >= least_light && fine.data()[i] < limit * coarse.data()[i];
    // The 3 x 3 mean sees the sharp squares beside the border, the square's own ratio does not.
    half_soft.data()[i] =
        where.data()[i] != 0 && own_coarse.data()[i] > 0 && own_fine.data()[i] < half * own_coarse.data()[i];
  }
  const double side_um = kQualitySquarePx * um_per_px;
  drop_parts(soft, true,
             [&](std::int64_t n) { return static_cast<double>(n) * side_um * side_um >= kSmallestSoftUm2; });
  grow(soft, half_soft, kGrowSteps);
  soft = eroded(dilated(soft, kCloseSoftUm / side_um), kCloseSoftUm / side_um);
  for (std::int64_t i = 0; i < grid.area(); ++i) soft.data()[i] &= where.data()[i];
  return soft;
}

HostPlane<float> least_rise(const SquareLight& squares, const SquareMask& where) {
  const Extent grid = where.extent();
  HostPlane<float> rise;
  if (squares.groups < 3) return rise;
  int usable = 0;
  HostPlane<float> least(grid, 1e30f);
  for (const HostPlane<float>& light : squares.light) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < grid.area(); ++i)
      if (where.data()[i] != 0) values.push_back(light.data()[i]);
    if (values.size() < kFewTissueSquares) return rise;
    const auto middle = static_cast<float>(quantile_of(values, 0.5));
    if (!(middle > 0)) continue;
    ++usable;
    for (std::int64_t i = 0; i < grid.area(); ++i)
      least.data()[i] = std::min(least.data()[i], light.data()[i] / middle);
  }
  if (usable >= 3) rise = std::move(least);
  return rise;
}

SquareMask find_folds(const HostPlane<float>& rise, const SquareMask& where, double um_per_px) {
  const Extent grid = where.extent();
  SquareMask fold(grid, std::uint8_t{0}), half(grid, std::uint8_t{0});
  if (rise.extent().empty()) return fold;
  const HostPlane<float> smooth = mean_of_neighbours(rise, where);
  for (std::int64_t i = 0; i < grid.area(); ++i) {
    fold.data()[i] = where.data()[i] != 0 && smooth.data()[i] >= kFold;
    half.data()[i] = where.data()[i] != 0 && (smooth.data()[i] >= kHalfFold || rise.data()[i] >= kFold);
  }
  const double side_um = kQualitySquarePx * um_per_px;
  drop_parts(fold, true,
             [&](std::int64_t n) { return static_cast<double>(n) * side_um * side_um >= kSmallestFoldUm2; });
  grow(fold, half, kGrowSteps);
  return fold;
}

SquareMask find_debris(const HostPlane<float>& rise, const SquareMask& where) {
  SquareMask debris(where.extent(), std::uint8_t{0}), half(where.extent(), std::uint8_t{0});
  if (rise.extent().empty()) return debris;
  for (std::int64_t i = 0; i < where.extent().area(); ++i) {
    debris.data()[i] = where.data()[i] != 0 && rise.data()[i] >= kDebris;
    half.data()[i] = where.data()[i] != 0 && rise.data()[i] >= kHalfDebris;
  }
  grow(debris, half, 1);
  return debris;
}

}  // namespace hexaplex::detail
