#include "core/segmentation/nuclei.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "core/image/tile_loop.h"
#include "core/segmentation/label_tools.h"
#include "kernels/filter/gaussian.h"
#include "kernels/filter/laplacian_of_gaussian.h"
#include "kernels/intensity/histogram.h"
#include "kernels/intensity/quantise.h"
#include "kernels/morphology/open_mask.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"
#include "kernels/segment/climb.h"
#include "kernels/segment/components.h"
#include "kernels/segment/landscape.h"
#include "kernels/segment/local_threshold.h"
#include "kernels/segment/region_graph.h"

namespace hexaplex {

namespace {

constexpr double kPi = 3.14159265358979323846;

// The recipe's lengths in pixels of this image.
struct Lengths {
  GaussianParams smooth, settle, wall_smooth;
  std::array<BlobParams, 2> blobs;
  LocalLevelParams range, trough;
  int open_px;
  double nucleus_area_px;

  Lengths(const Recipe& r, double d) {
    const auto sigma = [](double s) { return GaussianParams{std::max(s, 0.2)}; };
    smooth = sigma(r.smooth * d);
    settle = sigma(r.settle * d);
    wall_smooth = sigma(r.wall_smooth * d);
    constexpr double kSqrt2 = 1.41421356237309504880;
    for (std::size_t i = 0; i < blobs.size(); ++i)
      blobs[i] = {std::max(r.blobs[i] * d / (2 * kSqrt2), kMinBlobSigmaPx)};
    const int side = std::clamp(static_cast<int>(r.window * d) | 1, 3, 1023);
    range = {side, r.local};
    trough = {side, 0.0};
    open_px = std::max(1, static_cast<int>(r.open * d + 0.5));
    nucleus_area_px = kPi / 4 * d * d;
  }

  int feature_halo() const {
    const int blob = std::max(blob_halo(blobs[0]), blob_halo(blobs[1]));
    return std::max(
        {gaussian_halo(smooth), blob + gaussian_halo(settle), gaussian_halo(wall_smooth) + gaussian_halo(settle)});
  }
};

// Full-size planes that the later stages read.
struct Features {
  HostPlane<std::uint16_t> level;      // smoothed logarithm
  HostPlane<std::uint16_t> linear;     // smoothed linear image
  HostPlane<std::uint16_t> wall;       // smoothed membranes; empty without any
  HostPlane<std::uint16_t> landscape;  // to climb
};

Features compute_features(CpuQueue& q, const NucleiImages& images, const NucleiParams& p, const Lengths& len) {
  const bool has_wall = static_cast<bool>(images.wall);
  Features out{HostPlane<std::uint16_t>(images.extent), HostPlane<std::uint16_t>(images.extent),
               HostPlane<std::uint16_t>(has_wall ? images.extent : Extent{}), HostPlane<std::uint16_t>(images.extent)};
  const Table16 logarithm = log_table(p.recipe.soft);
  for_each_tile(q, make_tiles(images.extent, p.tile_px, len.feature_halo()), [&](CpuQueue& inner, const Tile& tile) {
    const Extent e = tile.window.extent();
    Queue queue = inner;
    HostPlane<std::uint16_t> image(e), work(e), wall(has_wall ? e : Extent{});
    HostPlane<std::int16_t> fine(e), coarse(e);
    images.nuclear(inner, tile.window, image.view());
    gaussian_blur(queue, image.view(), work.view(), len.smooth);
    copy_core<std::uint16_t>(work.view(), tile, out.linear.view());
    apply_table(inner, image.view(), image.view(), logarithm);
    gaussian_blur(queue, image.view(), work.view(), len.smooth);
    copy_core<std::uint16_t>(work.view(), tile, out.level.view());
    blob_response(inner, image.view(), fine.view(), len.blobs[0]);
    blob_response(inner, image.view(), coarse.view(), len.blobs[1]);
    if (has_wall) {
      images.wall(inner, tile.window, work.view());
      gaussian_blur(queue, work.view(), wall.view(), len.wall_smooth);
      cap(inner, wall.view(), 2 << kLogFractionBits);
      copy_core<std::uint16_t>(wall.view(), tile, out.wall.view());
    }
    blob_landscape(inner, fine.view(), coarse.view(), wall.view(), p.recipe.wall, work.view());
    gaussian_blur(queue, work.view(), image.view(), len.settle);
    copy_core<std::uint16_t>(image.view(), tile, out.landscape.view());
  });
  return out;
}

// The level below which nothing is foreground, from the histogram of the whole image.
std::uint16_t global_floor(CpuQueue& q, Plane<const std::uint16_t> level, const Recipe& r) {
  Histogram16 h = empty_histogram();
  add_to_histogram(q, level, h);
  const int low = quantile(h, 0.01);
  const double floor = low + r.floor * (otsu_threshold(h) - low);
  return static_cast<std::uint16_t>(std::clamp(floor, 0.0, 65535.0));
}

HostPlane<std::uint8_t> foreground(CpuQueue& q, const Features& f, const NucleiParams& p, const Lengths& len) {
  const Extent extent = f.level.extent();
  HostPlane<std::uint8_t> mask(extent);
  const std::uint16_t floor = global_floor(q, f.level.view(), p.recipe);
  const int halo = level_halo(len.range) + 2 * len.open_px;
  for_each_tile(q, make_tiles(extent, p.tile_px, halo), [&](CpuQueue& inner, const Tile& tile) {
    const auto level = f.level.view().window(tile.window);
    HostPlane<std::uint8_t> part(tile.window.extent());
    above_level(inner, level, local_level(inner, level, len.range), floor, part.view());
    if (p.active.data != nullptr) restrict_mask(inner, part.view(), p.active.window(tile.window));
    open_mask(inner, part.view(), len.open_px);
    copy_core<std::uint8_t>(part.view(), tile, mask.view());
  });
  drop_small_components(q, mask.view(), 1, p.recipe.debris * len.nucleus_area_px);
  drop_small_components(q, mask.view(), 0, p.recipe.hole * len.nucleus_area_px);
  return mask;
}

// Pixels of a nucleus above the middle of the local minimum and the nucleus' own mean: the logarithm favours cuts but
// widens bright isolated nuclei. Writes the nucleus of each kept pixel, 0 elsewhere.
//
// own: mean level by label; into: the nucleus of each label
void trim_at_half_level(CpuQueue& q, Plane<const std::uint16_t> linear, std::span<const std::uint16_t> own,
                        std::span<const std::uint32_t> into, const NucleiParams& p, const Lengths& len,
                        Plane<std::uint32_t> labels) {
  for_each_tile(q, make_tiles(labels.extent, p.tile_px, level_halo(len.trough)),
                [&](CpuQueue& inner, const Tile& tile) {
                  const auto window = linear.window(tile.window);
                  const LevelGrid trough = local_level(inner, window, len.trough);
                  keep_above_fraction(inner, window, trough, own, into, p.recipe.trim, tile.core_in_window(),
                                      labels.window(tile.core));
                });
}

HostVector<std::uint16_t> own_levels(const RegionGraph& graph, std::span<const std::uint32_t> into) {
  HostVector<std::uint16_t> own(graph.regions.size(), 0);
  for (std::size_t i = 1; i < own.size(); ++i) {
    const RegionSums& r = graph.regions[into[i]];
    own[i] = static_cast<std::uint16_t>((r.linear + r.area / 2) / r.area);
  }
  return own;
}

// Where each pixel of the foreground climbs to.
HostPlane<std::uint8_t> path_pointers(CpuQueue& q, const Features& f, const NucleiParams& p, const Lengths& len) {
  const HostPlane<std::uint8_t> mask = foreground(q, f, p, len);
  HostPlane<std::uint8_t> pointers(mask.extent());
  climb_pointers(q, f.landscape.view(), mask.view(), pointers.view());
  return pointers;
}

bool any_label(Plane<const std::uint32_t> labels) {
  for (int y = 0; y < labels.height(); ++y)
    if (std::any_of(labels.row(y), labels.row(y) + labels.width(), [](std::uint32_t v) { return v != 0; })) return true;
  return false;
}

// Calls f(queue, tile, smoothed linear image of its window) for all tiles with labels in their core.
template <class F>
void for_each_labelled_tile(CpuQueue& q, const NucleiImages& images, const Lengths& len, TileShape tile_px,
                            Plane<const std::uint32_t> labels, F f) {
  const int halo = gaussian_halo(len.smooth) + level_halo(len.trough);
  for_each_tile(q, make_tiles(images.extent, tile_px, halo), [&](CpuQueue& inner, const Tile& tile) {
    if (!any_label(labels.window(tile.core))) return;
    HostPlane<std::uint16_t> image(tile.window.extent()), smooth(tile.window.extent());
    images.nuclear(inner, tile.window, image.view());
    Queue queue = inner;
    gaussian_blur(queue, image.view(), smooth.view(), len.smooth);
    const HostPlane<std::uint16_t>& made = smooth;
    f(inner, tile, made.view());
  });
}

}  // namespace

HostPlane<std::uint32_t> find_nuclei(CpuQueue& q, const NucleiImages& images, const NucleiParams& p) {
  HX_EXPECT(p.nucleus_px >= kMinNucleusPx && p.nucleus_px <= kMaxNucleusPx,
            "the nucleus diameter must lie in 3..400 pixels: check the pixel size and the panel's nucleus_um");
  HX_EXPECT(p.active.data == nullptr || p.active.extent == images.extent, "the active mask has another extent");
  const Lengths len(p.recipe, p.nucleus_px);
  if (images.extent.empty()) return HostPlane<std::uint32_t>(images.extent);
  // Planes go as soon as nobody reads them again: of a large slide each would have to be written to disk.
  Features f = compute_features(q, images, p, len);
  HostPlane<std::uint8_t> pointers = path_pointers(q, f, p, len);
  f.landscape = {};
  HostPlane<std::uint32_t> labels(images.extent);
  const std::size_t fragments = label_basins(q, pointers.view(), labels.view()).size();
  pointers = {};

  RegionGraphBuilder builder(fragments);
  builder.add(q, {0, 0, labels.width(), labels.height()}, labels.view(),
              {f.level.view(), f.wall.view(), f.linear.view()}, 0, 0);
  f.level = {};
  f.wall = {};
  RegionGraph graph = builder.finish();
  MergeParams merge;
  merge.weights = p.recipe.weights;
  merge.nucleus_px = p.nucleus_px;
  merge.largest_nuclei = p.recipe.largest;
  merge.rounds = p.recipe.rounds;
  const HostVector<std::uint32_t> into = merge_regions(graph, merge);

  if (!p.trim) {
    rename_labels(q, labels.view(), into);
    return labels;
  }
  trim_at_half_level(q, f.linear.view(), own_levels(graph, into), into, p, len, labels.view());
  keep_largest_parts(q, labels.view(), p.recipe.debris * len.nucleus_area_px);
  return labels;
}

void trim_nuclei(CpuQueue& q, const NucleiImages& images, const NucleiParams& p, Plane<std::uint32_t> labels) {
  HX_EXPECT(labels.extent == images.extent, "the labels have another extent than the images");
  if (labels.extent.empty()) return;
  const Lengths len(p.recipe, p.nucleus_px);
  // The image is smoothed twice rather than kept: labels are few where this is used.
  MeanLevels means(highest_label(q, labels));
  for_each_labelled_tile(q, images, len, p.tile_px, labels,
                         [&](CpuQueue& inner, const Tile& tile, Plane<const std::uint16_t> linear) {
                           means.add(inner, labels.window(tile.core), linear.window(tile.core_in_window()));
                         });
  const HostVector<std::uint16_t> own = means.levels();
  HostVector<std::uint32_t> itself(own.size());
  std::iota(itself.begin(), itself.end(), 0u);
  for_each_labelled_tile(q, images, len, p.tile_px, labels,
                         [&](CpuQueue& inner, const Tile& tile, Plane<const std::uint16_t> linear) {
                           keep_above_fraction(inner, linear, local_level(inner, linear, len.trough), own, itself,
                                               p.recipe.trim, tile.core_in_window(), labels.window(tile.core));
                         });
  keep_largest_parts(q, labels, p.recipe.debris * len.nucleus_area_px);
}

}  // namespace hexaplex
