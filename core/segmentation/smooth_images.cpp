#include "core/segmentation/smooth_images.h"

#include <algorithm>
#include <utility>

#include "core/image/tile_loop.h"
#include "kernels/intensity/logarithm.h"
#include "kernels/segment/landscape.h"

namespace hexaplex {

SmoothImages::SmoothImages(const NucleiImages& images, const NucleiParams& p, const RecipeLengths& len)
    : images_(images), p_(p), len_(len), logarithm_(log_table(p.recipe.soft)) {
  if (!kept()) return;
  level_ = Kept(images.extent);
  linear_ = Kept(images.extent);
  if (has_wall()) wall_ = Kept(images.extent);
}

SeenPlane<std::uint16_t> SmoothImages::load(Lane& lane, const WindowLoader& image, Rect window) const {
  if (!image) return {};
  const Plane<std::uint16_t> raw = lane.host_plane<std::uint16_t>(window.extent());
  CpuQueue host = lane.host_queue();
  image(host, window, raw);
  LanePlane<std::uint16_t> there = lane.send(raw);
  return {there.view, std::move(there.owned)};
}

SmoothImages::Window SmoothImages::read(Lane& lane, Rect window, unsigned which) const {
  Window out;
  const auto take_kept = [&](unsigned one, const Kept& plane, Plane<const std::uint16_t>& view) {
    if ((which & one) == 0 || plane.extent().empty()) return;
    out.sent.push_back(lane.see(plane.view().window(window)));
    view = out.sent.back().view;
  };
  if (kept()) {
    take_kept(kLevel, level_, out.level);
    take_kept(kLinear, linear_, out.linear);
    take_kept(kWall, wall_, out.wall);
    return out;
  }
  const bool wall = (which & kWall) != 0 && has_wall();
  const int halo = std::max(gaussian_halo(len_.smooth), wall ? gaussian_halo(len_.wall_smooth) : 0);
  const Rect outer = widened(window, halo, images_.extent), inside = seen_from(outer.x, outer.y, window);
  out.sent.push_back(load(lane, images_.nuclear, outer));
  if (wall) out.sent.push_back(load(lane, images_.wall, outer));
  const SmoothField::Wanted wanted{(which & kLevel) != 0, (which & kLinear) != 0};
  out.made = smooth_field(lane.queue(), out.sent[0].view, wall ? out.sent[1].view : Plane<const std::uint16_t>{},
                          p_.recipe, len_, wanted, &logarithm_);
  const auto show = [&](const SmoothField::Image& made, Plane<const std::uint16_t>& view) {
    if (!made.extent().empty()) view = made.view().window(inside);
  };
  show(out.made.level, out.level);
  show(out.made.linear, out.linear);
  show(out.made.wall, out.wall);
  return out;
}

void SmoothImages::fill_dark(Rect core) {
  if (!kept()) return;
  hexaplex::fill(level_.view().window(core), logarithm_[0]);
  hexaplex::fill(linear_.view().window(core), std::uint16_t{0});
  if (has_wall()) hexaplex::fill(wall_.view().window(core), std::uint16_t{0});
}

SmoothField SmoothImages::fill(Lane& lane, Rect window, Rect core) {
  const SeenPlane<std::uint16_t> nuclear = load(lane, images_.nuclear, window);
  const SeenPlane<std::uint16_t> wall = load(lane, images_.wall, window);
  SmoothField made = smooth_field(lane.queue(), nuclear.view, wall.view, p_.recipe, len_, {true, kept()}, &logarithm_);
  if (!kept()) return made;
  const Rect inside = seen_from(window.x, window.y, core);
  const auto bring = [&](const SmoothField::Image& from, Kept& to) {
    if (!from.extent().empty()) lane.fetch<std::uint16_t>(from.view().window(inside), to.view().window(core));
  };
  bring(made.level, level_);
  bring(made.linear, linear_);
  bring(made.wall, wall_);
  return made;
}

}  // namespace hexaplex
