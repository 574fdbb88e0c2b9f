#include "core/segmentation/smooth_images.h"

#include "core/image/tile_loop.h"
#include "core/segmentation/recipe_lengths.h"
#include "kernels/segment/landscape.h"

namespace hexaplex {

SmoothImages::SmoothImages(const NucleiImages& images, const Table16& logarithm, GaussianParams smooth,
                           GaussianParams wall_smooth, bool keep)
    : images_(images), logarithm_(logarithm), smooth_(smooth), wall_smooth_(wall_smooth), keep_(keep) {
  if (!keep) return;
  level_ = HostPlane<std::uint16_t>(images.extent);
  linear_ = HostPlane<std::uint16_t>(images.extent);
  if (has_wall()) wall_ = HostPlane<std::uint16_t>(images.extent);
}

HostPlane<std::uint16_t> SmoothImages::smoothed(CpuQueue& q, const WindowLoader& load, const Table16* table,
                                                GaussianParams blur, Rect outer) const {
  HostPlane<std::uint16_t> image(outer.extent()), out(outer.extent());
  load(q, outer, image.view());
  if (table != nullptr) apply_table(q, image.view(), image.view(), *table);
  gaussian_blur(q, image.view(), out.view(), blur);
  return out;
}

SmoothImages::Window SmoothImages::read(CpuQueue& q, Rect window, unsigned which) const {
  Window out;
  const auto take = [&](unsigned one, const HostPlane<std::uint16_t>& kept, const WindowLoader& load,
                        const Table16* table, GaussianParams blur, Plane<const std::uint16_t>& view) {
    if ((which & one) == 0 || !load) return;
    if (keep_) {
      view = kept.view().window(window);
      return;
    }
    const Rect outer = widened(window, gaussian_halo(blur), images_.extent);
    out.owned.push_back(smoothed(q, load, table, blur, outer));
    if (one == kWall) cap(q, out.owned.back().view(), kMostWall);
    view = out.owned.back().view().window({window.x - outer.x, window.y - outer.y, window.width, window.height});
  };
  take(kLevel, level_, images_.nuclear, &logarithm_, smooth_, out.level);
  take(kLinear, linear_, images_.nuclear, nullptr, smooth_, out.linear);
  take(kWall, wall_, images_.wall, nullptr, wall_smooth_, out.wall);
  return out;
}

void SmoothImages::fill_dark(Rect core) {
  if (!keep_) return;
  hexaplex::fill(level_.view().window(core), logarithm_[0]);
  hexaplex::fill(linear_.view().window(core), std::uint16_t{0});
  if (has_wall()) hexaplex::fill(wall_.view().window(core), std::uint16_t{0});
}

void SmoothImages::fill(CpuQueue& q, const Tile& tile, Plane<std::uint16_t> logarithm, Plane<std::uint16_t> level,
                        Plane<std::uint16_t> wall) {
  images_.nuclear(q, tile.window, logarithm);
  if (keep_) {
    gaussian_blur(q, logarithm, level, smooth_);
    copy_core<std::uint16_t>(level, tile, linear_.view());
  }
  apply_table(q, logarithm, logarithm, logarithm_);
  gaussian_blur(q, logarithm, level, smooth_);
  if (keep_) copy_core<std::uint16_t>(level, tile, level_.view());
  if (!has_wall()) return;
  HostPlane<std::uint16_t> raw(tile.window.extent());
  images_.wall(q, tile.window, raw.view());
  gaussian_blur(q, raw.view(), wall, wall_smooth_);
  cap(q, wall, kMostWall);
  if (keep_) copy_core<std::uint16_t>(wall, tile, wall_.view());
}

}  // namespace hexaplex
