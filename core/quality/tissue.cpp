#include <algorithm>

#include "core/quality/detectors.h"
#include "kernels/runtime/numerics.h"

namespace hexaplex::detail {

namespace {

constexpr double kMostSaturated = 0.05, kMostNotScanned = 0.5;  // share of a square's pixels
// Coarse energy that white noise reaches, times its expectation. 36 values are pooled: noise alone stays below 2.
constexpr double kFlatEnergy = 6;
constexpr double kFloor = 0.01;             // of the bright squares' light; keeps the logarithm of nothing in bounds
constexpr double kGlassContrast = 6;        // tissue is so many times as bright as glass, or there is none
constexpr double kClosingUm = 25;           // gaps up to twice this wide belong to the tissue
constexpr double kSmallestGlassUm2 = 20e3;  // fat, vessels and gaps are smaller: they belong to the tissue
// A nucleus alone on glass is structure in all nine squares around it.
constexpr double kLargestSpeckUm2 = 2500, kLargestSpeckSquares = 9;
constexpr double kMostSpecks = 0.1;  // of the tissue; where there are more, they are the specimen

// Squares without structure beyond white noise, judged with or without their neighbours.
SquareMask find_flat(Plane<const SquareSums> sums, const SquareMask& scanned, bool with_neighbours) {
  HostPlane<float> noise(sums.extent), coarse(sums.extent);
  for (int y = 0; y < sums.height(); ++y)
    for (int x = 0; x < sums.width(); ++x) {
      noise(x, y) = sums(x, y).noise / 64;
      coarse(x, y) = sums(x, y).coarse;
    }
  if (with_neighbours) {
    noise = mean_of_neighbours(noise, scanned);
    coarse = mean_of_neighbours(coarse, scanned);
  }
  SquareMask flat(sums.extent, std::uint8_t{0});
  for (std::int64_t i = 0; i < sums.extent.area(); ++i)
    flat.data()[i] = static_cast<double>(coarse.data()[i]) <= kFlatEnergy * static_cast<double>(noise.data()[i]);
  return flat;
}

}  // namespace

SquareLight read_light(Plane<const SquareSums> sums, Extent slide, const QualityParams& params) {
  SquareLight out;
  const Extent grid = sums.extent;
  out.groups = light_groups(params.bands);
  for (int g = 0; g <= out.groups; ++g) out.light.emplace_back(grid, 0.0f);
  out.total = HostPlane<float>(grid, 0.0f);
  out.scanned = SquareMask(grid, std::uint8_t{1});
  out.saturated = SquareMask(grid, std::uint8_t{0});
  for (int y = 0; y < grid.height; ++y)
    for (int x = 0; x < grid.width; ++x) {
      const SquareSums& s = sums(x, y);
      double total = 0;
      for (int g = 0; g < out.groups; ++g) {
        const int bands = first_band_of_group(g + 1, params.bands) - first_band_of_group(g, params.bands);
        const double light = static_cast<double>(s.light[static_cast<std::size_t>(g)]) - bands * params.camera_offset;
        out.light[static_cast<std::size_t>(g)](x, y) = static_cast<float>(std::max(0.0, light));
        total += light;
      }
      const double nuclear = static_cast<double>(s.nuclear) - params.camera_offset;
      out.light.back()(x, y) = static_cast<float>(std::max(0.0, nuclear));
      out.total(x, y) = static_cast<float>(std::max(0.0, total));
      const double pixels = static_cast<double>(std::min(kQualitySquarePx, slide.width - x * kQualitySquarePx)) *
                            std::min(kQualitySquarePx, slide.height - y * kQualitySquarePx);
      out.saturated(x, y) = s.saturated > kMostSaturated * pixels;
      out.scanned(x, y) = s.not_scanned <= kMostNotScanned * pixels;
    }
  return out;
}

namespace {

// Gaps of the tissue are closed and specks dropped; what is left beside it is glass where it is large enough.
SquareMask glass_around(const SquareLight& squares, SquareMask tissue, double um_per_px) {
  const Extent grid = tissue.extent();
  SquareMask glass(grid, std::uint8_t{0});
  const double side_um = kQualitySquarePx * um_per_px, square_um2 = side_um * side_um;
  tissue = eroded(dilated(tissue, kClosingUm / side_um), kClosingUm / side_um);
  std::int64_t specks = 0;
  SquareMask large = tissue.copy();
  drop_parts(large, true, [&](std::int64_t n) {
    const bool keep =
        static_cast<double>(n) * square_um2 > kLargestSpeckUm2 && static_cast<double>(n) > kLargestSpeckSquares;
    if (!keep) specks += n;
    return keep;
  });
  if (static_cast<double>(specks) <= kMostSpecks * static_cast<double>(count_set(tissue))) tissue = std::move(large);
  for (std::int64_t i = 0; i < grid.area(); ++i)
    glass.data()[i] = tissue.data()[i] == 0 && squares.scanned.data()[i] != 0;
  drop_parts(glass, false, [&](std::int64_t n) { return static_cast<double>(n) * square_um2 >= kSmallestGlassUm2; });
  return glass;
}

}  // namespace

SquareMask find_empty(const SquareLight& squares, double glass_counts, double um_per_px) {
  const Extent grid = squares.total.extent();
  SquareMask tissue(grid, std::uint8_t{0});
  for (std::int64_t i = 0; i < grid.area(); ++i)
    tissue.data()[i] = squares.scanned.data()[i] == 0 || static_cast<double>(squares.total.data()[i]) >= glass_counts;
  return glass_around(squares, std::move(tissue), um_per_px);
}

SquareMask find_glass(const SquareLight& squares, Plane<const SquareSums> sums, double um_per_px) {
  const SquareMask flat = find_flat(sums, squares.scanned, true), own_flat = find_flat(sums, squares.scanned, false);
  const Extent grid = flat.extent();
  SquareMask tissue(grid, std::uint8_t{1}), glass(grid, std::uint8_t{0});
  std::vector<float> bright, structured;
  bool any_saturated = false;
  for (std::int64_t i = 0; i < grid.area(); ++i) {
    if (squares.scanned.data()[i] == 0) continue;
    bright.push_back(squares.total.data()[i]);
    any_saturated |= squares.saturated.data()[i] != 0;
  }
  if (bright.empty()) return glass;
  const double floor = std::max(kFloor * quantile_of(bright, 0.95), 1e-9);
  HostPlane<float> level(grid, 0.0f);
  for (std::int64_t i = 0; i < grid.area(); ++i) {
    level.data()[i] = static_cast<float>(exact_log(static_cast<double>(squares.total.data()[i]) + floor));
    if (squares.scanned.data()[i] != 0 && flat.data()[i] == 0) structured.push_back(level.data()[i]);
  }
  if (structured.empty()) {
    // Nothing but noise on the whole slide. Saturation alone also looks like that.
    if (!any_saturated) glass = squares.scanned.copy();
    return glass;
  }

  // Glass is flat and dark. Where the darkest flat squares are not far darker than tissue, all is tissue.
  const double tissue_level = quantile_of(structured, 0.5);
  std::vector<float> dark;
  for (std::int64_t i = 0; i < grid.area(); ++i)
    if (squares.scanned.data()[i] != 0 && flat.data()[i] != 0 && static_cast<double>(level.data()[i]) < tissue_level)
      dark.push_back(level.data()[i]);
  if (dark.empty()) return glass;
  const double glass_level = quantile_of(dark, 0.05);
  if (tissue_level - glass_level < exact_log(kGlassContrast)) return glass;
  const double limit = (tissue_level + glass_level) / 2;
  for (std::int64_t i = 0; i < grid.area(); ++i)
    tissue.data()[i] =
        !(squares.scanned.data()[i] != 0 && flat.data()[i] != 0 && static_cast<double>(level.data()[i]) < limit);

  glass = glass_around(squares, std::move(tissue), um_per_px);
  // A square counts as structured beside structure; what is dark and flat by itself there is glass after all.
  const SquareMask wider = dilated(glass, 1);
  for (std::int64_t i = 0; i < grid.area(); ++i)
    glass.data()[i] |=
        static_cast<std::uint8_t>(wider.data()[i] != 0 && own_flat.data()[i] != 0 && squares.scanned.data()[i] != 0 &&
                                  static_cast<double>(level.data()[i]) < limit);
  return glass;
}

}  // namespace hexaplex::detail
