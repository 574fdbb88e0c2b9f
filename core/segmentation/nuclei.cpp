#include "core/segmentation/nuclei.h"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <vector>

#include "core/image/tile_loop.h"
#include "core/segmentation/label_tools.h"
#include "core/segmentation/recipe_lengths.h"
#include "core/segmentation/smooth_images.h"
#include "kernels/filter/gaussian.h"
#include "kernels/intensity/histogram.h"
#include "kernels/intensity/quantise.h"
#include "kernels/morphology/open_mask.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"
#include "kernels/segment/climb.h"
#include "kernels/segment/components.h"
#include "kernels/segment/landscape.h"
#include "kernels/segment/local_threshold.h"
#include "kernels/segment/parts.h"
#include "kernels/segment/region_graph.h"

namespace hexaplex {

namespace {

SmoothImages smooth_images(const NucleiImages& images, const Table16& logarithm, const RecipeLengths& len, bool keep) {
  return {images, logarithm, len.smooth, len.wall_smooth, keep};
}

// What is climbed, and how often each level occurs.
struct Landscape {
  HostPlane<std::uint16_t> plane;
  Histogram16 levels;
};

Landscape make_landscape(CpuQueue& q, const NucleiImages& images, SmoothImages& smooth, const NucleiParams& p,
                         const RecipeLengths& len) {
  Landscape out{HostPlane<std::uint16_t>(images.extent), empty_histogram()};
  std::mutex guard;
  for_each_tile(q, make_tiles(images.extent, p.tile_px, len.feature_halo()), [&](CpuQueue& inner, const Tile& tile) {
    // No pixel there becomes foreground, and only the foreground climbs.
    if (!images.any_light(tile.window)) return smooth.fill_dark(tile.core);
    const Extent e = tile.window.extent();
    HostPlane<std::uint16_t> image(e), work(e), wall(smooth.has_wall() ? e : Extent{});
    smooth.fill(inner, tile, image.view(), work.view(), wall.view());
    Histogram16 levels = empty_histogram();
    const HostPlane<std::uint16_t>& level = work;
    for (const Rect& r : images.tissue_in(tile.core))
      add_to_histogram(inner, level.view().window(seen_from(tile.window.x, tile.window.y, r)), levels);
    landscape_of_blobs(inner, image.view(), len.blobs[0], len.blobs[1], wall.view(), p.recipe.wall, work.view());
    gaussian_blur(inner, work.view(), image.view(), len.settle);
    copy_core<std::uint16_t>(image.view(), tile, out.plane.view());
    const std::lock_guard<std::mutex> lock(guard);
    add(levels, out.levels);
  });
  return out;
}

HostPlane<std::uint8_t> foreground(CpuQueue& q, const NucleiImages& images, const SmoothImages& smooth,
                                   std::uint16_t floor, const NucleiParams& p, const RecipeLengths& len) {
  HostPlane<std::uint8_t> mask(images.extent);
  const int halo = level_halo(len.range) + 2 * len.open_px;
  for_each_tile(q, make_tiles(images.extent, p.tile_px, halo), [&](CpuQueue& inner, const Tile& tile) {
    // Smoothing carries light as far as its halo.
    if (!images.any_light(widened(tile.core, gaussian_halo(len.smooth) + 2 * len.open_px, images.extent)))
      return fill(mask.view().window(tile.core), std::uint8_t{0});
    const SmoothImages::Window seen = smooth.read(inner, tile.window, SmoothImages::kLevel);
    HostPlane<std::uint8_t> part(tile.window.extent());
    above_level(inner, seen.level, local_level(inner, seen.level, len.range), floor, part.view());
    if (p.active.data != nullptr) restrict_mask(inner, part.view(), p.active.window(tile.window));
    open_mask(inner, part.view(), len.open_px);
    copy_core<std::uint8_t>(part.view(), tile, mask.view());
  });
  drop_small_components(q, mask.view(), 1, p.recipe.debris * len.nucleus_area_px);
  drop_small_components(q, mask.view(), 0, p.recipe.hole * len.nucleus_area_px);
  return mask;
}

// Sums and contacts of all fragments. Images that are not kept are made again for bands of whole rows: fragments are
// numbered by row, so that a band sees few of them.
RegionGraph region_graph(CpuQueue& q, const SmoothImages& smooth, Plane<const std::uint32_t> labels,
                         std::size_t fragments) {
  constexpr std::int64_t kBandPixels = std::int64_t{1} << 21;
  constexpr unsigned kAll = SmoothImages::kLevel | SmoothImages::kLinear | SmoothImages::kWall;
  const int width = labels.width(), height = labels.height();
  RegionGraphBuilder builder(fragments);
  const auto add = [&](CpuQueue& inner, int y, int rows) {
    const Rect window{0, y, width, std::min(height, y + rows + 1) - y};
    const SmoothImages::Window seen = smooth.read(inner, window, kAll);
    builder.add(inner, {0, y, width, rows}, labels, {seen.level, seen.wall, seen.linear}, 0, y);
  };
  if (smooth.kept()) {
    add(q, 0, height);
    return builder.finish();
  }
  const int rows = static_cast<int>(std::clamp<std::int64_t>(kBandPixels / width, 32, height));
  for_each_task(q, (height + rows - 1) / rows, [&](std::int64_t i) {
    CpuQueue one{1};
    const int y = static_cast<int>(i) * rows;
    add(one, y, std::min(rows, height - y));
  });
  return builder.finish();
}

bool any_label(Plane<const std::uint32_t> labels) {
  for (int y = 0; y < labels.height(); ++y)
    if (std::any_of(labels.row(y), labels.row(y) + labels.width(), [](std::uint32_t v) { return v != 0; })) return true;
  return false;
}

// Pixels of a nucleus above the middle of the local minimum and the nucleus' own mean: the logarithm favours cuts but
// widens bright isolated nuclei. Writes the nucleus of each kept pixel, 0 elsewhere.
//
// own: mean level by label; into: the nucleus of each label
// read_linear(queue, window): a SmoothImages::Window with the linear image
template <class ReadLinear>
void trim_at_half_level(CpuQueue& q, ReadLinear read_linear, std::span<const std::uint16_t> own,
                        std::span<const std::uint32_t> into, const NucleiParams& p, const RecipeLengths& len,
                        Plane<std::uint32_t> labels) {
  for_each_tile(q, make_tiles(labels.extent, p.tile_px, level_halo(len.trough)),
                [&](CpuQueue& inner, const Tile& tile) {
                  if (!any_label(labels.window(tile.core))) return;
                  const SmoothImages::Window seen = read_linear(inner, tile.window);
                  keep_above_fraction(inner, seen.linear, local_level(inner, seen.linear, len.trough), own, into,
                                      p.recipe.trim, tile.core_in_window(), labels.window(tile.core));
                });
}

}  // namespace

struct NucleiSearch::State {
  const NucleiImages& images;
  NucleiParams p;
  RecipeLengths len;
  Table16 logarithm;
  SmoothImages smooth;
  HostPlane<std::uint16_t> landscape{};

  State(const NucleiImages& all, const NucleiParams& params)
      : images(all),
        p(params),
        len(params.recipe, params.nucleus_px),
        logarithm(log_table(params.recipe.soft)),
        smooth(smooth_images(images, logarithm, len, params.keep_images)) {}
};

NucleiSearch::NucleiSearch(const NucleiImages& images, const NucleiParams& p) {
  require_sound(p, images.extent);
  state_ = std::make_unique<State>(images, p);
}
NucleiSearch::~NucleiSearch() = default;
NucleiSearch::NucleiSearch(NucleiSearch&&) noexcept = default;

Histogram16 NucleiSearch::survey(CpuQueue& q) {
  State& s = *state_;
  Landscape made = make_landscape(q, s.images, s.smooth, s.p, s.len);
  s.landscape = std::move(made.plane);
  return std::move(made.levels);
}

HostPlane<std::uint32_t> NucleiSearch::find(CpuQueue& q, const Histogram16& levels) {
  State& s = *state_;
  const RecipeLengths& len = s.len;
  const NucleiParams& p = s.p;
  if (s.images.extent.empty()) return HostPlane<std::uint32_t>(s.images.extent);
  // Planes go as soon as nobody reads them again: of a large slide each would have to be written to disk.
  HostPlane<std::uint8_t> pointers;
  {
    const HostPlane<std::uint16_t> landscape = std::move(s.landscape);
    const HostPlane<std::uint8_t> mask = foreground(q, s.images, s.smooth, global_floor(levels, p.recipe), p, len);
    pointers = HostPlane<std::uint8_t>(s.images.extent);
    climb_pointers(q, landscape.view(), mask.view(), pointers.view());
  }
  HostPlane<std::uint32_t> labels(s.images.extent);
  const std::size_t fragments = label_basins(q, pointers.view(), labels.view()).size();
  pointers = {};
  RegionGraph graph = region_graph(q, s.smooth, labels.view(), fragments);
  s.smooth.let_level_go();
  s.smooth.let_wall_go();
  const HostVector<std::uint32_t> into = merge_regions(graph, merge_params(p.recipe, p.nucleus_px));

  if (!p.trim) {
    rename_labels(q, labels.view(), into);
    return labels;
  }
  const auto linear = [&](CpuQueue& inner, Rect r) { return s.smooth.read(inner, r, SmoothImages::kLinear); };
  trim_at_half_level(q, linear, own_levels(graph, into), into, p, len, labels.view());
  keep_largest_parts(q, labels.view(), p.recipe.debris * len.nucleus_area_px);
  return labels;
}

HostPlane<std::uint32_t> find_nuclei(CpuQueue& q, const NucleiImages& images, const NucleiParams& p) {
  NucleiSearch search(images, p);
  const Histogram16 levels = search.survey(q);
  return search.find(q, levels);
}

std::vector<HostPlane<std::uint32_t>> find_nuclei(CpuQueue& q, std::vector<NucleiSearch> images) {
  Histogram16 levels = empty_histogram();
  for (NucleiSearch& one : images) {
    const Histogram16 own = one.survey(q);
    add(own, levels);
  }
  std::vector<HostPlane<std::uint32_t>> labels;
  for (NucleiSearch& one : images) {
    labels.push_back(one.find(q, levels));
    const NucleiSearch done = std::move(one);  // its smoothed image goes
  }
  return labels;
}

void trim_nuclei(CpuQueue& q, const NucleiImages& images, const NucleiParams& p, Plane<std::uint32_t> labels) {
  HX_EXPECT(labels.extent == images.extent, "the labels have another extent than the images");
  if (labels.extent.empty()) return;
  const RecipeLengths len(p.recipe, p.nucleus_px);
  const Table16 logarithm = log_table(p.recipe.soft);
  const SmoothImages smooth = smooth_images(images, logarithm, len, false);
  // The smoothed image is kept on the way, or made a second time where there are labels.
  HostPlane<std::uint16_t> kept(p.keep_images ? labels.extent : Extent{});
  MeanLevels means(highest_label(q, labels));
  for_each_tile(q, make_tiles(labels.extent, p.tile_px, 0), [&](CpuQueue& inner, const Tile& tile) {
    const bool labelled = any_label(labels.window(tile.core));
    if (!labelled && !p.keep_images) return;
    if (!labelled && !images.any_light(widened(tile.core, gaussian_halo(len.smooth), images.extent)))
      return fill(kept.view().window(tile.core), std::uint16_t{0});
    const SmoothImages::Window seen = smooth.read(inner, tile.window, SmoothImages::kLinear);
    if (p.keep_images) copy_core<std::uint16_t>(seen.linear, tile, kept.view());
    if (labelled) means.add(inner, labels.window(tile.core), seen.linear.window(tile.core_in_window()));
  });
  const auto linear = [&](CpuQueue& inner, Rect r) {
    if (!p.keep_images) return smooth.read(inner, r, SmoothImages::kLinear);
    SmoothImages::Window view;
    view.linear = kept.view().window(r);
    return view;
  };
  const HostVector<std::uint16_t> own = means.levels();
  HostVector<std::uint32_t> itself(own.size());
  std::iota(itself.begin(), itself.end(), 0u);
  trim_at_half_level(q, linear, own, itself, p, len, labels);
  keep_largest_parts(q, labels, p.recipe.debris * len.nucleus_area_px);
}

}  // namespace hexaplex
