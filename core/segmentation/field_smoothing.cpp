#include "core/segmentation/field_smoothing.h"

#include <utility>

#include "kernels/intensity/logarithm.h"
#include "kernels/morphology/open_mask.h"
#include "kernels/segment/landscape.h"

namespace hexaplex {

using Image = SmoothField::Image;

SmoothField smooth_field(const Queue& q, Plane<const std::uint16_t> nuclear, Plane<const std::uint16_t> wall,
                         const Recipe& recipe, const RecipeLengths& len, SmoothField::Wanted wanted,
                         const Table16* logarithm) {
  const Extent e = nuclear.extent;
  SmoothField out;
  if (wanted.linear) {
    out.linear = Image(q, e);
    gaussian_blur(q, nuclear, out.linear.view(), len.smooth);
  }
  if (wanted.level) {
    out.logarithm = Image(q, e);
    out.level = Image(q, e);
    if (logarithm != nullptr) {
      take_logarithm(q, nuclear, out.logarithm.view(), recipe.soft, *logarithm);
    } else {
      take_logarithm(q, nuclear, out.logarithm.view(), recipe.soft);
    }
    gaussian_blur(q, out.logarithm.view(), out.level.view(), len.smooth);
  }
  if (!wall.extent.empty()) {
    out.wall = Image(q, e);
    gaussian_blur(q, wall, out.wall.view(), len.wall_smooth);
    cap(q, out.wall.view(), kMostWall);
  }
  return out;
}

Image climbed_landscape(const Queue& q, const SmoothField& smooth, const Recipe& recipe, const RecipeLengths& len) {
  const Extent e = smooth.level.extent();
  Image rough(q, e), out(q, e);
  landscape_of_blobs(q, smooth.logarithm.view(), len.blobs[0], len.blobs[1], smooth.walls(), recipe.wall, rough.view());
  gaussian_blur(q, rough.view(), out.view(), len.settle);
  return out;
}

LevelView level_of(const Queue& q, Plane<const std::uint16_t> image, const LocalLevelParams& p, Image& grid) {
  grid = Image(q, level_extent(image.extent, p.window_px));
  local_level(q, image, p, grid.view());
  return {level_stride(p.window_px), std::as_const(grid).view()};
}

QueuePlane<std::uint8_t> opened_foreground(const Queue& q, Plane<const std::uint16_t> level, std::uint16_t floor,
                                           Plane<const std::uint8_t> active, const RecipeLengths& len) {
  QueuePlane<std::uint8_t> mask(q, level.extent);
  Image grid;
  above_level(q, level, level_of(q, level, len.range, grid), floor, mask.view());
  if (active.data != nullptr) restrict_mask(q, mask.view(), active);
  open_mask(q, mask.view(), len.open_px);
  return mask;
}

int foreground_halo(const RecipeLengths& len) {
  return level_halo(len.range) + 2 * len.open_px;
}

}  // namespace hexaplex
