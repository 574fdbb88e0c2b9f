#include "core/segmentation/giants.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <mutex>
#include <vector>

#include "core/image/tile_loop.h"
#include "core/segmentation/coarser.h"
#include "core/segmentation/label_tools.h"
#include "kernels/filter/gaussian.h"
#include "kernels/intensity/histogram.h"
#include "kernels/intensity/quantise.h"
#include "kernels/morphology/dilate_square.h"
#include "kernels/resample/enlarge_labels.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

// Giants are looked for at the coarsest pixels that leave them this many across.
constexpr double kCoarseDiameterPx = 14;
constexpr int kMostCoarse = 64;

// Calls f(tile, smoothed marker of its core) for all tiles.
template <class F>
void for_each_smooth_tile(CpuQueue& q, const NucleiSource& source, double sigma_px, TileShape tile_px, F f) {
  const GaussianParams blur{std::max(sigma_px, 0.2)};
  for_each_tile(q, make_tiles(source.extent(), tile_px, gaussian_halo(blur)), [&](CpuQueue& inner, const Tile& tile) {
    HostPlane<std::uint16_t> image(tile.window.extent()), smooth(tile.window.extent());
    source.marker_level()(inner, tile.window, image.view());
    Queue queue = inner;
    gaussian_blur(queue, image.view(), smooth.view(), blur);
    const HostPlane<std::uint16_t>& made = smooth;
    f(inner, tile, made.view().window(tile.core_in_window()));
  });
}

// Half of Otsu's threshold, but far above the median: a marker that nobody wears has no positive pixels.
std::uint16_t automatic_level(const Histogram16& h, double spreads) {
  const int middle = quantile(h, 0.5);
  Histogram16 deviation = empty_histogram();
  for (int v = 0; v < static_cast<int>(h.size()); ++v) deviation[std::abs(v - middle)] += h[v];
  const double spread = 1.4826 * std::max(quantile(deviation, 0.5), 1);
  const double level = std::max(otsu_threshold(h) / 2.0, middle + spreads * spread);
  return static_cast<std::uint16_t>(std::min(level, 65535.0));
}

// 1 where the smoothed marker is above its level.
// @param keep  the smoothed marker, in a plane; else it is smoothed twice, which takes longer and no memory
HostPlane<std::uint8_t> positive_pixels(CpuQueue& q, const NucleiSource& source, const GiantRecipe& g, double sigma_px,
                                        TileShape tile_px, bool keep) {
  HostPlane<std::uint16_t> kept(keep ? source.extent() : Extent{});
  Histogram16 all = empty_histogram();
  std::mutex guard;
  if (keep || !g.level)
    for_each_smooth_tile(
        q, source, sigma_px, tile_px, [&](CpuQueue& inner, const Tile& tile, Plane<const std::uint16_t> smooth) {
          Histogram16 h = empty_histogram();
          add_to_histogram(inner, smooth, h);
          if (keep)
            for (int y = 0; y < tile.core.height; ++y)
              std::copy_n(smooth.row(y), tile.core.width, kept.view().row(tile.core.y + y) + tile.core.x);
          const std::lock_guard<std::mutex> lock(guard);
          for (std::size_t v = 0; v < h.size(); ++v) all[v] += h[v];
        });
  const std::uint16_t level = g.level
                                  ? static_cast<std::uint16_t>(std::clamp(
                                        *g.level * static_cast<double>(source.marker_counts_per_unit()), 0.0, 65535.0))
                                  : automatic_level(all, g.spreads);
  HostPlane<std::uint8_t> out(source.extent());
  const auto mark = [&](Plane<const std::uint16_t> smooth, Plane<std::uint8_t> dst) {
    for (int y = 0; y < dst.height(); ++y)
      for (int x = 0; x < dst.width(); ++x) dst(x, y) = smooth(x, y) > level ? 1 : 0;
  };
  if (keep) {
    const HostPlane<std::uint16_t>& smooth = kept;
    for_each_band(q, out.height(), 32, [&](std::int64_t begin, std::int64_t end) {
      const Rect rows{0, static_cast<int>(begin), out.width(), static_cast<int>(end - begin)};
      mark(smooth.view().window(rows), out.view().window(rows));
    });
  } else {
    for_each_smooth_tile(q, source, sigma_px, tile_px,
                         [&](CpuQueue&, const Tile& tile, Plane<const std::uint16_t> smooth) {
                           mark(smooth, out.view().window(tile.core));
                         });
  }
  return out;
}

// Where a giant can be at all: squares of a fixed grid within two giant diameters of a positive pixel. The grid belongs
// to the image, not to the tiles. The answer is at pixels of factor x factor.
HostPlane<std::uint8_t> neighbourhood(CpuQueue& q, const HostPlane<std::uint8_t>& positive, double diameter_px,
                                      Extent coarse, int factor) {
  constexpr int kSquare = 64;
  const Extent grid{(positive.width() + kSquare - 1) / kSquare, (positive.height() + kSquare - 1) / kSquare};
  HostPlane<std::uint8_t> hit(grid, 0);
  for_each_task(q, grid.height, [&](std::int64_t cy) {
    const int bottom = std::min(positive.height(), static_cast<int>(cy + 1) * kSquare);
    for (int y = static_cast<int>(cy) * kSquare; y < bottom; ++y)
      for (int x = 0; x < positive.width(); ++x)
        if (positive(x, y) != 0) hit(x / kSquare, static_cast<int>(cy)) = 1;
  });
  HostPlane<std::uint8_t> wide(grid);
  dilate_square(q, hit.view(), wide.view(), 1 + static_cast<int>(2 * diameter_px / kSquare));
  HostPlane<std::uint8_t> out(coarse);
  for_each_band(q, out.height(), 32, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (int x = 0; x < out.width(); ++x) out(x, y) = wide(x * factor / kSquare, y * factor / kSquare);
  });
  return out;
}

// By label: sides of pixels where the label changes, and how many of them lie near the marker.
struct Outline {
  std::int64_t area = 0, total = 0, near = 0;
};

HostVector<Outline> outlines(CpuQueue& q, Plane<const std::uint32_t> labels, Plane<const std::uint8_t> near_marker) {
  HostVector<Outline> out(static_cast<std::size_t>(highest_label(q, labels)) + 1);
  const auto add = [](std::int64_t& sum, std::int64_t n) {
    std::atomic_ref<std::int64_t>(sum).fetch_add(n, std::memory_order_relaxed);
  };
  const auto side = [&](std::uint32_t a, std::uint32_t b, bool near) {
    for (std::uint32_t label : {a, b}) {
      if (label == 0) continue;
      add(out[label].total, 1);
      add(out[label].near, near ? 1 : 0);
    }
  };
  const int width = labels.width(), last = labels.height() - 1;
  for_each_band(q, labels.height(), 32, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y) {
      const std::uint32_t *row = labels.row(y), *below = labels.row(std::min(y + 1, last));
      std::int64_t run = 0;
      for (int x = 0; x < width; ++x) {
        ++run;
        if (row[x] != below[x]) side(row[x], below[x], near_marker(x, y) != 0 || near_marker(x, y + 1) != 0);
        if (x + 1 < width && row[x + 1] == row[x]) continue;
        if (x + 1 < width) side(row[x], row[x + 1], near_marker(x, y) != 0 || near_marker(x + 1, y) != 0);
        if (row[x] != 0) add(out[row[x]].area, run);
        run = 0;
      }
    }
  });
  return out;
}

}  // namespace

Giants find_giants(CpuQueue& q, const NucleiSource& source, const GiantRecipe& g, const CellParams& p) {
  const double d = g.nucleus_um / p.um_per_px;
  const NucleiImages images = source.images();
  Giants out;
  if (images.extent.empty()) return out;
  out.positive = positive_pixels(q, source, g, g.smooth * d, p.tile_px, p.keep_images);
  const std::uint8_t* pixels = out.positive.data();
  out.any = std::find(pixels, pixels + out.positive.extent().area(), std::uint8_t{1}) !=
            pixels + out.positive.extent().area();
  if (!out.any) return out;

  // A giant has far more pixels than the recipe needs: seen at coarser ones it is found as well, in a fraction of
  // the time.
  const int factor = std::clamp(static_cast<int>(d / kCoarseDiameterPx), 1, kMostCoarse);
  NucleiImages fine = images;
  fine.wall = [&](CpuQueue& inner, Rect window, Plane<std::uint16_t> dst) {
    source.marker_wall()(inner, window, dst);
    if (!images.wall) return;
    HostPlane<std::uint16_t> membranes(window.extent());
    images.wall(inner, window, membranes.view());
    add_saturating(inner, membranes.view(), dst);
  };
  const NucleiImages coarse = coarser(fine, factor);
  const HostPlane<std::uint8_t> active = neighbourhood(q, out.positive, d, coarse.extent, factor);
  NucleiParams params;
  params.nucleus_px = d / factor;
  params.recipe = p.recipe;
  params.tile_px = p.tile_px;
  params.keep_images = p.keep_images;
  params.active = active.view();
  params.trim = false;
  out.nuclei = HostPlane<std::uint32_t>(images.extent);
  enlarge_labels(q, find_nuclei(q, coarse, params).view(), out.nuclei.view(), factor);
  params.nucleus_px = d;
  params.active = {};
  trim_nuclei(q, images, params, out.nuclei.view());

  HostPlane<std::uint8_t> near(images.extent);
  dilate_square(q, out.positive.view(), near.view(), static_cast<int>(g.reach * d + 0.5));
  const auto all = outlines(q, out.nuclei.view(), near.view());
  out.smallest_px = g.smallest * 3.14159265358979323846 / 4 * d * d;
  out.any = false;
  HostVector<std::uint32_t> name(all.size(), 0);
  for (std::uint32_t label = 1; label < all.size(); ++label) {
    const Outline& o = all[label];
    if (static_cast<double>(o.near) >= g.enclosed * static_cast<double>(o.total) &&
        static_cast<double>(o.area) >= out.smallest_px)
      name[label] = label, out.any = true;
  }
  rename_labels(q, out.nuclei.view(), name);
  return out;
}

std::uint32_t join_giants(CpuQueue& q, Plane<std::uint32_t> nuclei, Plane<std::uint32_t> giants, double smallest_px) {
  const std::uint32_t count = highest_label(q, nuclei);
  HostVector<std::int64_t> area(static_cast<std::size_t>(count) + 1, 0), inside(area.size(), 0);
  for_each_band(q, nuclei.height(), 32, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (int x = 0; x < nuclei.width();) {
        const std::uint32_t label = nuclei(x, y);
        std::int64_t run = 0, covered = 0;
        for (; x < nuclei.width() && nuclei(x, y) == label; ++x, ++run) covered += giants(x, y) != 0 ? 1 : 0;
        if (label == 0) continue;
        std::atomic_ref<std::int64_t>(area[label]).fetch_add(run, std::memory_order_relaxed);
        if (covered > 0) std::atomic_ref<std::int64_t>(inside[label]).fetch_add(covered, std::memory_order_relaxed);
      }
  });
  for_each_band(q, nuclei.height(), 32, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (int x = 0; x < nuclei.width(); ++x) {
        std::uint32_t& label = nuclei(x, y);
        if (label != 0 && 2 * inside[label] >= area[label]) label = 0;
        if (label != 0) giants(x, y) = 0;
      }
  });
  // An ordinary nucleus that crosses a giant cuts it; one object per label is left.
  keep_largest_parts(q, giants, smallest_px);
  for_each_band(q, nuclei.height(), 32, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (int x = 0; x < nuclei.width(); ++x)
        if (giants(x, y) != 0) nuclei(x, y) = count + giants(x, y);
  });
  return count + 1;
}

}  // namespace hexaplex
