#include "core/segmentation/nuclei.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <numeric>
#include <vector>

#include "core/compute/compute_place.h"
#include "core/image/tile_loop.h"
#include "core/segmentation/label_tools.h"
#include "core/segmentation/recipe_lengths.h"
#include "core/segmentation/smooth_images.h"
#include "kernels/filter/gaussian.h"
#include "kernels/intensity/histogram.h"
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

constexpr ComputeStage kStage{"nuclei"};

// What a search works on.
struct Search {
  const NucleiImages& images;
  const NucleiParams& p;
  const RecipeLengths& len;
  ComputePlace& place;
};

// Tiles of a step. A device takes no larger ones than it has memory for, all threads together, nor more staging for a
// thread than the largest; where not even the smallest fit, the step is the CPU's.
std::vector<Tile> tiles_for(const Search& s, int halo) {
  constexpr int kLargestSide = 1024, kSmallestSide = 128;
  constexpr std::int64_t kPixelBytes = 24;  // at most that many of a window at once
  const Extent image = s.images.extent;
  const auto window_bytes = [&](int side) {
    const std::int64_t around = side + 2 * halo + kTileAlignment;
    return kPixelBytes * std::min<std::int64_t>(around, image.width) * std::min<std::int64_t>(around, image.height);
  };
  const auto for_device = [&]() -> TileShape {
    int side = kLargestSide;
    while (side > kSmallestSide && window_bytes(side) > s.place.window_budget_bytes(window_bytes(side))) side /= 2;
    s.place.require_window_budget(fmt::format("finding nuclei in tiles of {} pixels", side), window_bytes(side));
    return side;
  };
  return make_tiles(image, s.place.either(kStage, for_device, [&] { return s.p.tile_px; }), halo);
}

// What is climbed, and how often each level occurs.
struct Landscape {
  HostPlane<std::uint16_t> plane;
  Histogram16 levels;
};

Landscape make_landscape(CpuQueue& q, const Search& s, SmoothImages& smooth) {
  const NucleiImages& images = s.images;
  Landscape out{HostPlane<std::uint16_t>(images.extent), empty_histogram()};
  std::mutex guard;
  const int halo = s.len.feature_halo();
  for_each_tile(q, tiles_for(s, halo), [&](CpuQueue& inner, const Tile& tile) {
    // No pixel there becomes foreground, and only the foreground climbs.
    if (!images.any_light(tile.window)) return smooth.fill_dark(tile.core);
    s.place.on_lane(kStage, inner, tile.core, [&](Lane& lane, Rect core) {
      const Rect window = window_around(core, halo, images.extent);
      const SmoothField made = smooth.fill(lane, window, core);
      const QueuePlane<std::uint16_t> climbed = climbed_landscape(lane.queue(), made, s.p.recipe, s.len);
      lane.fetch<std::uint16_t>(climbed.view().window(seen_from(window.x, window.y, core)),
                                out.plane.view().window(core));
      std::vector<Plane<const std::uint16_t>> tissue;
      for (const Rect& r : images.tissue_in(core))
        tissue.push_back(made.level.view().window(seen_from(window.x, window.y, r)));
      Histogram16 levels = empty_histogram();
      add_to_histogram(lane.queue(), tissue, levels);
      lane.finish();
      const std::lock_guard<std::mutex> lock(guard);
      add(levels, out.levels);
    });
  });
  return out;
}

HostPlane<std::uint8_t> foreground(CpuQueue& q, const Search& s, const SmoothImages& smooth, std::uint16_t floor) {
  const NucleiImages& images = s.images;
  HostPlane<std::uint8_t> mask(images.extent);
  const int halo = foreground_halo(s.len);
  for_each_tile(q, tiles_for(s, halo), [&](CpuQueue& inner, const Tile& tile) {
    // Smoothing carries light as far as its halo.
    if (!images.any_light(widened(tile.core, gaussian_halo(s.len.smooth) + 2 * s.len.open_px, images.extent)))
      return fill(mask.view().window(tile.core), std::uint8_t{0});
    s.place.on_lane(kStage, inner, tile.core, [&](Lane& lane, Rect core) {
      const Rect window = window_around(core, halo, images.extent);
      const SmoothImages::Window seen = smooth.read(lane, window, SmoothImages::kLevel);
      const SeenPlane<std::uint8_t> active =
          lane.see(s.p.active.data != nullptr ? s.p.active.window(window) : s.p.active);
      const QueuePlane<std::uint8_t> part = opened_foreground(lane.queue(), seen.level, floor, active.view, s.len);
      lane.fetch<std::uint8_t>(part.view().window(seen_from(window.x, window.y, core)), mask.view().window(core));
      lane.finish();
    });
  });
  drop_small_components(q, mask.view(), 1, s.p.recipe.debris * s.len.nucleus_area_px);
  drop_small_components(q, mask.view(), 0, s.p.recipe.hole * s.len.nucleus_area_px);
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
    Lane lane(inner);
    const SmoothImages::Window seen = smooth.read(lane, window, kAll);
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
// read_linear(lane, window): a SmoothImages::Window with the linear image
template <class ReadLinear>
void trim_at_half_level(CpuQueue& q, ReadLinear read_linear, std::span<const std::uint16_t> own,
                        std::span<const std::uint32_t> into, const NucleiParams& p, const RecipeLengths& len,
                        Plane<std::uint32_t> labels) {
  for_each_tile(q, make_tiles(labels.extent, p.tile_px, level_halo(len.trough)),
                [&](CpuQueue& inner, const Tile& tile) {
                  if (!any_label(labels.window(tile.core))) return;
                  Lane lane(inner);
                  const SmoothImages::Window seen = read_linear(lane, tile.window);
                  keep_above_fraction(inner, seen.linear, local_level(inner, seen.linear, len.trough), own, into,
                                      p.recipe.trim, tile.core_in_window(), labels.window(tile.core));
                });
}

}  // namespace

struct NucleiSearch::State {
  const NucleiImages& images;
  NucleiParams p;
  RecipeLengths len;
  ComputePlace cpu;
  ComputePlace& place;
  SmoothImages smooth;
  HostPlane<std::uint16_t> landscape{};

  State(const NucleiImages& all, const NucleiParams& params, ComputePlace* tiles)
      : images(all),
        p(params),
        len(params.recipe, params.nucleus_px),
        place(tiles != nullptr ? *tiles : cpu),
        smooth(images, p, len) {}
  Search search() { return {images, p, len, place}; }
};

NucleiSearch::NucleiSearch(const NucleiImages& images, const NucleiParams& p, ComputePlace* place) {
  require_sound(p, images.extent);
  state_ = std::make_unique<State>(images, p, place);
}
NucleiSearch::~NucleiSearch() = default;
NucleiSearch::NucleiSearch(NucleiSearch&&) noexcept = default;

Histogram16 NucleiSearch::survey(CpuQueue& q) {
  State& s = *state_;
  Landscape made = make_landscape(q, s.search(), s.smooth);
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
    const HostPlane<std::uint8_t> mask =
        foreground(q, s.search(), s.smooth, foreground_floor(levels, p.recipe, p.least));
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
  const auto linear = [&](Lane& lane, Rect r) { return s.smooth.read(lane, r, SmoothImages::kLinear); };
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
  NucleiParams again = p;
  again.keep_images = false;
  const SmoothImages smooth(images, again, len);
  // The smoothed image is kept on the way, or made a second time where there are labels.
  HostPlane<std::uint16_t> kept(p.keep_images ? labels.extent : Extent{});
  MeanLevels means(highest_label(q, labels));
  for_each_tile(q, make_tiles(labels.extent, p.tile_px, 0), [&](CpuQueue& inner, const Tile& tile) {
    const bool labelled = any_label(labels.window(tile.core));
    if (!labelled && !p.keep_images) return;
    if (!labelled && !images.any_light(widened(tile.core, gaussian_halo(len.smooth), images.extent)))
      return fill(kept.view().window(tile.core), std::uint16_t{0});
    Lane lane(inner);
    const SmoothImages::Window seen = smooth.read(lane, tile.window, SmoothImages::kLinear);
    if (p.keep_images) copy_core<std::uint16_t>(seen.linear, tile, kept.view());
    if (labelled) means.add(inner, labels.window(tile.core), seen.linear.window(tile.core_in_window()));
  });
  const auto linear = [&](Lane& lane, Rect r) {
    if (!p.keep_images) return smooth.read(lane, r, SmoothImages::kLinear);
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
