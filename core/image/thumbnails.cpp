#include "core/image/thumbnails.h"

#include <algorithm>

#include "kernels/runtime/error.h"

namespace hexaplex {

Extent thumbnail_extent(Extent slide, int shrink) {
  return {(slide.width + shrink - 1) / shrink, (slide.height + shrink - 1) / shrink};
}

Thumbnails::Thumbnails(Extent slide, int shrink, std::size_t channels) : slide_(slide), shrink_(shrink) {
  HX_EXPECT(shrink >= 1, "a picture shrinks by 1 or more");
  for (std::size_t i = 0; i < channels; ++i) planes_.emplace_back(thumbnail_extent(slide, shrink), 0.0f);
}

void Thumbnails::add(Rect core, std::span<const Plane<const float>> planes) {
  HX_EXPECT(planes.size() == planes_.size(), "one plane is needed for each channel");
  HX_EXPECT(core.x % shrink_ == 0 && core.y % shrink_ == 0 &&
                (core.right() % shrink_ == 0 || core.right() == slide_.width) &&
                (core.bottom() % shrink_ == 0 || core.bottom() == slide_.height),
            "a part must hold whole squares");
  const Extent squares = thumbnail_extent(core.extent(), shrink_);
  for (std::size_t k = 0; k < planes.size(); ++k)
    for (int y = 0; y < squares.height; ++y)
      for (int x = 0; x < squares.width; ++x) {
        const int right = std::min((x + 1) * shrink_, core.width), bottom = std::min((y + 1) * shrink_, core.height);
        double sum = 0;
        for (int v = y * shrink_; v < bottom; ++v) {
          const float* row = planes[k].row(v);
          for (int u = x * shrink_; u < right; ++u) sum += static_cast<double>(row[u]);
        }
        const int pixels = (right - x * shrink_) * (bottom - y * shrink_);
        planes_[k](core.x / shrink_ + x, core.y / shrink_ + y) = static_cast<float>(sum / pixels);
      }
}

}  // namespace hexaplex
