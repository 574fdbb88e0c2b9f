#include "core/image/thumbnails.h"

#include <utility>

#include "kernels/runtime/error.h"

namespace hexaplex {

Extent thumbnail_extent(Extent slide, int shrink) {
  return {(slide.width + shrink - 1) / shrink, (slide.height + shrink - 1) / shrink};
}

Thumbnails::Thumbnails(TissueArea area, int shrink, std::size_t channels) : area_(std::move(area)), shrink_(shrink) {
  HX_EXPECT(shrink >= 1 && shrink <= least_gap_px(area_.slide()),
            "a picture shrinks by 1 to as much as pieces lie apart");
  for (std::size_t i = 0; i < channels; ++i) planes_.emplace_back(thumbnail_extent(area_.slide(), shrink), 0.0f);
}

void Thumbnails::add(Rect core, std::span<const Plane<const float>> planes) {
  HX_EXPECT(planes.size() == planes_.size(), "one plane is needed for each channel");
  const auto around = area_.piece_around(core);
  HX_EXPECT(around, "a part lies in a piece of tissue");
  const Rect& piece = area_.pieces()[*around];
  const auto whole = [&](int at, int edge) { return at % shrink_ == 0 || at == edge; };
  HX_EXPECT(whole(core.x, piece.x) && whole(core.y, piece.y) && whole(core.right(), piece.right()) &&
                whole(core.bottom(), piece.bottom()),
            "a part must hold whole squares");
  const Extent slide = area_.slide();
  for (std::size_t k = 0; k < planes.size(); ++k)
    for (int y = core.y / shrink_; y * shrink_ < core.bottom(); ++y)
      for (int x = core.x / shrink_; x * shrink_ < core.right(); ++x) {
        const Rect square = common({x * shrink_, y * shrink_, shrink_, shrink_}, {0, 0, slide.width, slide.height});
        const Rect seen = seen_from(core.x, core.y, common(square, core));
        double sum = 0;
        for (int v = seen.y; v < seen.bottom(); ++v) {
          const float* row = planes[k].row(v);
          for (int u = seen.x; u < seen.right(); ++u) sum += static_cast<double>(row[u]);
        }
        planes_[k](x, y) = static_cast<float>(sum / static_cast<double>(square.area()));
      }
}

}  // namespace hexaplex
