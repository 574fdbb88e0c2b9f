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

int floor_square(std::int64_t px) {
  return static_cast<int>(std::max<std::int64_t>(px, 0) / kSide);
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

void QualityMask::write_active(Rect window, int margin_px, Plane<std::uint8_t> dst) const {
  HX_EXPECT(dst.extent == window.extent(), "dst must be of the window's extent");
  HX_EXPECT(margin_px >= 0, "a margin cannot be negative");
  for (int y = 0; y < window.height; ++y) std::fill(dst.row(y), dst.row(y) + window.width, std::uint8_t{0});
  const std::int64_t margin = margin_px;
  const int first_row = floor_square(window.y - margin), first_column = floor_square(window.x - margin);
  const int last_row = std::min(grid().height - 1, floor_square(window.bottom() - 1 + margin));
  const int last_column = std::min(grid().width - 1, floor_square(window.right() - 1 + margin));
  for (int row = first_row; row <= last_row; ++row)
    for (int column = first_column; column <= last_column; ++column) {
      if (!tissue(column, row)) continue;
      const std::int64_t x = std::int64_t{column} * kSide, y = std::int64_t{row} * kSide;
      const auto clamped = [](std::int64_t at, int begin, int size) {
        return static_cast<int>(std::clamp<std::int64_t>(at - begin, 0, size));
      };
      const int left = clamped(x - margin, window.x, window.width);
      const int right = clamped(x + kSide + margin, window.x, window.width);
      const int top = clamped(y - margin, window.y, window.height);
      const int bottom = clamped(y + kSide + margin, window.y, window.height);
      for (int v = top; v < bottom; ++v) std::fill(dst.row(v) + left, dst.row(v) + right, std::uint8_t{1});
    }
}

bool QualityMask::any_active(Rect window, int margin_px) const {
  HX_EXPECT(margin_px >= 0, "a margin cannot be negative");
  if (window.extent().empty()) return false;
  const std::int64_t margin = margin_px;
  const int last_row = std::min(grid().height - 1, floor_square(window.bottom() - 1 + margin));
  const int last_column = std::min(grid().width - 1, floor_square(window.right() - 1 + margin));
  for (int row = floor_square(window.y - margin); row <= last_row; ++row)
    for (int column = floor_square(window.x - margin); column <= last_column; ++column)
      if (tissue(column, row)) return true;
  return false;
}

}  // namespace hexaplex
