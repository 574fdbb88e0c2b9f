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
#include "kernels/segment/parts.h"

namespace hexaplex {

namespace {

// Giants are looked for at the coarsest pixels that leave them this many across.
constexpr double kCoarseDiameterPx = 14;
constexpr int kMostCoarse = 64;

// Calls f(queue, tile, smoothed marker of its core) for all tiles of a piece; dark(tile) for those that see no light.
template <class F, class Dark>
void for_each_smooth_tile(CpuQueue& q, const NucleiSource& source, Rect piece, double sigma_px, TileShape tile_px, F f,
                          Dark dark) {
  const GaussianParams blur{std::max(sigma_px, 0.2)};
  const MarkerImages marker = source.marker(piece);
  for_each_tile(q, make_tiles(piece.extent(), tile_px, gaussian_halo(blur)), [&](CpuQueue& inner, const Tile& tile) {
    if (marker.tissue && marker.tissue(tile.window).empty()) return dark(tile);
    HostPlane<std::uint16_t> image(tile.window.extent()), smooth(tile.window.extent());
    marker.level(inner, tile.window, image.view());
    gaussian_blur(inner, image.view(), smooth.view(), blur);
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

// 1 where the smoothed marker is above its level, for each piece.
// @param keep  the smoothed marker, in planes; else it is smoothed twice, which takes longer and no memory
std::vector<HostPlane<std::uint8_t>> positive_pixels(CpuQueue& q, const NucleiSource& source, const GiantRecipe& g,
                                                     double sigma_px, TileShape tile_px, bool keep) {
  const std::vector<Rect>& pieces = source.area().pieces();
  std::vector<HostPlane<std::uint16_t>> kept(pieces.size());
  Histogram16 all = empty_histogram();
  std::mutex guard;
  for (std::size_t i = 0; i < pieces.size() && (keep || !g.level); ++i) {
    if (keep) kept[i] = HostPlane<std::uint16_t>(pieces[i].extent());
    const WindowTissue tissue = source.marker(pieces[i]).tissue;
    const auto add = [&](CpuQueue& inner, const Tile& tile, Plane<const std::uint16_t> smooth) {
      Histogram16 h = empty_histogram();
      for (const Rect& r : tissue ? tissue(tile.core) : std::vector<Rect>{tile.core})
        add_to_histogram(inner, smooth.window(seen_from(tile.core.x, tile.core.y, r)), h);
      if (keep)
        for (int y = 0; y < tile.core.height; ++y)
          std::copy_n(smooth.row(y), tile.core.width, kept[i].view().row(tile.core.y + y) + tile.core.x);
      const std::lock_guard<std::mutex> lock(guard);
      hexaplex::add(h, all);
    };
    for_each_smooth_tile(q, source, pieces[i], sigma_px, tile_px, add, [&](const Tile& tile) {
      if (keep) fill(kept[i].view().window(tile.core), std::uint16_t{0});
    });
  }
  const std::uint16_t level = g.level
                                  ? static_cast<std::uint16_t>(std::clamp(
                                        *g.level * static_cast<double>(source.marker_counts_per_unit()), 0.0, 65535.0))
                                  : automatic_level(all, g.spreads);
  std::vector<HostPlane<std::uint8_t>> out;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    std::atomic<bool> any{false};
    HostPlane<std::uint8_t> positive(pieces[i].extent());
    const auto mark = [&](Plane<const std::uint16_t> smooth, Plane<std::uint8_t> dst) {
      unsigned seen = 0;
      for (int y = 0; y < dst.height(); ++y)
        for (int x = 0; x < dst.width(); ++x) seen |= dst(x, y) = smooth(x, y) > level ? 1 : 0;
      if (seen != 0) any = true;
    };
    if (keep) {
      const HostPlane<std::uint16_t> smooth = std::move(kept[i]);
      for_each_band(q, positive.height(), 32, [&](std::int64_t begin, std::int64_t end) {
        const Rect rows{0, static_cast<int>(begin), positive.width(), static_cast<int>(end - begin)};
        mark(smooth.view().window(rows), positive.view().window(rows));
      });
    } else {
      for_each_smooth_tile(
          q, source, pieces[i], sigma_px, tile_px,
          [&](CpuQueue&, const Tile& tile, Plane<const std::uint16_t> smooth) {
            mark(smooth, positive.view().window(tile.core));
          },
          [&](const Tile& tile) { fill(positive.view().window(tile.core), std::uint8_t{0}); });
    }
    out.push_back(any ? std::move(positive) : HostPlane<std::uint8_t>());
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

// The marker guides the cuts of giants as one more membrane.
NucleiImages with_marker(const NucleiImages& images, const MarkerImages& marker) {
  NucleiImages out = images;
  out.wall = [membranes = images.wall, marker](CpuQueue& q, Rect window, Plane<std::uint16_t> dst) {
    marker.wall(q, window, dst);
    if (!membranes) return;
    HostPlane<std::uint16_t> sum(window.extent());
    membranes(q, window, sum.view());
    add_saturating(q, sum.view(), dst);
  };
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

GiantSearch::GiantSearch(CpuQueue& q, const NucleiSource& source, const GiantRecipe& g, const CellParams& p)
    : source_(source), giant_(g), params_(p) {
  const double d = g.nucleus_um / p.um_per_px;
  positive_ = positive_pixels(q, source, g, g.smooth * d, p.tile_px, p.keep_images);
  // A giant has far more pixels than the recipe needs: seen at coarser ones it is found as well, in a fraction of
  // the time.
  factor_ = std::clamp(static_cast<int>(d / kCoarseDiameterPx), 1, kMostCoarse);
  const std::vector<Rect>& pieces = source.area().pieces();
  std::vector<NucleiImages> images(pieces.size());
  std::vector<HostPlane<std::uint8_t>> active(pieces.size());
  std::vector<NucleiSearch> searches;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (positive_[i].extent().empty()) continue;
    images[i] = coarser(with_marker(source.images(pieces[i]), source.marker(pieces[i])), factor_);
    active[i] = neighbourhood(q, positive_[i], d, images[i].extent, factor_);
    NucleiParams params;
    params.nucleus_px = d / factor_;
    params.recipe = p.recipe;
    params.tile_px = p.tile_px;
    params.keep_images = p.keep_images;
    params.active = active[i].view();
    params.trim = false;
    searches.emplace_back(images[i], params);
  }
  std::vector<HostPlane<std::uint32_t>> found = find_nuclei(q, std::move(searches));
  coarse_.resize(pieces.size());
  for (std::size_t i = 0, k = 0; i < pieces.size(); ++i)
    if (!positive_[i].extent().empty()) coarse_[i] = std::move(found[k++]);
}

Giants GiantSearch::take(CpuQueue& q, std::size_t piece) {
  const double d = giant_.nucleus_um / params_.um_per_px;
  Giants out;
  out.positive = std::move(positive_[piece]);
  if (out.positive.extent().empty()) return out;
  const NucleiImages images = source_.images(source_.area().pieces()[piece]);
  out.nuclei = HostPlane<std::uint32_t>(images.extent);
  enlarge_labels(q, coarse_[piece].view(), out.nuclei.view(), factor_);
  coarse_[piece] = {};
  NucleiParams params;
  params.nucleus_px = d;
  params.recipe = params_.recipe;
  params.tile_px = params_.tile_px;
  params.keep_images = params_.keep_images;
  trim_nuclei(q, images, params, out.nuclei.view());

  HostPlane<std::uint8_t> near(images.extent);
  dilate_square(q, out.positive.view(), near.view(), static_cast<int>(giant_.reach * d + 0.5));
  const auto all = outlines(q, out.nuclei.view(), near.view());
  out.smallest_px = giant_.smallest * 3.14159265358979323846 / 4 * d * d;
  HostVector<std::uint32_t> name(all.size(), 0);
  for (std::uint32_t label = 1; label < all.size(); ++label) {
    const Outline& o = all[label];
    if (static_cast<double>(o.near) >= giant_.enclosed * static_cast<double>(o.total) &&
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
