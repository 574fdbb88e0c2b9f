#include "core/quality/quality_mask.h"

#include <algorithm>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr int kSide = kQualitySquarePx;

int square_of(double at_px, int pixels) {
  // Compared before it becomes an integer: a point may lie anywhere, or be no number.
  if (!(at_px > 0)) return 0;
  if (at_px >= pixels - 1) return (pixels - 1) / kSide;
  return static_cast<int>(at_px + 0.5) / kSide;
}

}  // namespace

QualityMask::QualityMask(Extent slide, double um_per_px)
    : slide_(slide),
      um_per_px_(um_per_px),
      squares_(static_cast<std::size_t>(square_grid(slide).area()), std::uint8_t{0}) {
  HX_EXPECT(um_per_px > 0, "um_per_px must be positive");
}

Unusable QualityMask::at(double x_px, double y_px) const {
  HX_EXPECT(!slide_.empty(), "an empty slide has no pixels");
  return square(square_of(x_px, slide_.width), square_of(y_px, slide_.height));
}

std::array<double, kUnusableReasons> QualityMask::areas_mm2() const {
  std::array<std::int64_t, kUnusableReasons> pixels{};
  for (int row = 0; row < grid().height; ++row)
    for (int column = 0; column < grid().width; ++column) {
      const std::int64_t width = std::min(kSide, slide_.width - column * kSide);
      const std::int64_t height = std::min(kSide, slide_.height - row * kSide);
      pixels[static_cast<std::size_t>(square(column, row))] += width * height;
    }
  std::array<double, kUnusableReasons> areas{};
  for (int r = 0; r < kUnusableReasons; ++r)
    areas[static_cast<std::size_t>(r)] =
        static_cast<double>(pixels[static_cast<std::size_t>(r)]) * um_per_px_ * um_per_px_ / 1e6;
  return areas;
}

double QualityMask::tissue_mm2() const {
  const auto areas = areas_mm2();
  double sum = 0;
  for (int r = 0; r < kUnusableReasons; ++r)
    if (static_cast<Unusable>(r) != Unusable::glass && static_cast<Unusable>(r) != Unusable::not_scanned)
      sum += areas[static_cast<std::size_t>(r)];
  return sum;
}

}  // namespace hexaplex
