#include "kernels/segment/climb.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

// Interior pixels of a row, all neighbours present, in a form that vectorises.
// Rises are weighted so that 16-bit landscapes fit 32 bits; outside the mask the landscape counts as lowest.
HX_CLONES void climb_row(const std::int32_t* up, const std::int32_t* row, const std::int32_t* down, std::uint8_t* out,
                         int n) {
  for (int x = 1; x < n - 1; ++x) {
    const std::int32_t v = row[x];
    std::int32_t best = 0, to = 4, equal = 4;
    const auto look = [&](std::int32_t neighbour, std::int32_t weight, std::int32_t place) {
      const std::int32_t slope = (neighbour - v) * weight;
      to = slope > best ? place : to;
      best = slope > best ? slope : best;
    };
    look(up[x - 1], 5, 0);
    look(up[x], 7, 1);
    look(up[x + 1], 5, 2);
    look(row[x - 1], 7, 3);
    look(row[x + 1], 7, 5);
    look(down[x - 1], 5, 6);
    look(down[x], 7, 7);
    look(down[x + 1], 5, 8);
    equal = row[x - 1] == v ? 3 : equal;
    equal = up[x + 1] == v ? 2 : equal;
    equal = up[x] == v ? 1 : equal;
    equal = up[x - 1] == v ? 0 : equal;
    to = best > 0 ? to : equal;
    out[x] = static_cast<std::uint8_t>(v < 0 ? kClimbOutside : to);
  }
}

HX_CLONES void masked_row(const std::uint16_t* landscape, const std::uint8_t* mask, std::int32_t* out, int n) {
  for (int x = 0; x < n; ++x) out[x] = mask[x] != 0 ? static_cast<std::int32_t>(landscape[x]) : detail::kClimbNothing;
}

// Where a path ends: at a root inside its block, or at the first pixel outside it, where another block takes over.
class PathEnd {
 public:
  PathEnd(std::int64_t pixel, bool root) : value_(root ? pixel : ~pixel) {}
  bool is_root() const { return value_ >= 0; }
  std::int64_t pixel() const { return is_root() ? value_ : ~value_; }

 private:
  std::int64_t value_;
};

// The ends of all blocks, one block's after the other's.
struct PathEnds {
  HostVector<PathEnd> ends;
  HostVector<std::uint32_t> basin;  // final label of each
};

struct Block {
  Rect area;
  std::size_t first = 0;  // of its ends; its pixels name them from 1
};

// Writes the number of each pixel's end in this block, from 1.
std::vector<PathEnd> follow_paths(Plane<const std::uint8_t> pointers, Plane<std::uint32_t> labels, const Rect& b) {
  std::vector<PathEnd> ends;
  const std::int64_t width = pointers.width();
  std::vector<std::uint32_t*> path;
  // An end outside the block may be reached from several pixels: one entry each.
  std::unordered_map<std::int64_t, std::uint32_t> outside;
  const auto new_end = [&](std::int64_t index, bool root) {
    ends.emplace_back(index, root);
    return static_cast<std::uint32_t>(ends.size());
  };
  for (int y = b.y; y < b.bottom(); ++y)
    for (int x = b.x; x < b.right(); ++x) labels(x, y) = 0;
  for (int y = b.y; y < b.bottom(); ++y) {
    for (int x = b.x; x < b.right(); ++x) {
      if (pointers(x, y) == kClimbOutside || labels(x, y) != 0) continue;
      path.clear();
      int px = x, py = y;
      std::uint32_t end = 0;
      while (end == 0) {
        if (px < b.x || px >= b.right() || py < b.y || py >= b.bottom()) {
          const std::int64_t index = py * width + px;
          auto [at, fresh] = outside.try_emplace(index, 0);
          if (fresh) at->second = new_end(index, false);
          end = at->second;
          break;
        }
        std::uint32_t& label = labels(px, py);
        if (label != 0) {
          end = label;
          break;
        }
        path.push_back(&label);
        const std::uint8_t to = pointers(px, py);
        if (to == kClimbRoot) {
          end = new_end(py * width + px, true);
          break;
        }
        px += to % 3 - 1;
        py += to / 3 - 1;
      }
      for (std::uint32_t* label : path) *label = end;
    }
  }
  return ends;
}

}  // namespace

void climb_pointers(const Queue& q, Plane<const std::uint16_t> landscape, Plane<const std::uint8_t> mask,
                    Plane<std::uint8_t> pointers) {
  HX_EXPECT(landscape.extent == mask.extent && mask.extent == pointers.extent, "the extents differ");
  if (landscape.extent.empty()) return;
  std::visit([&](const auto& queue) { detail::climb_pointers(queue, landscape, mask, pointers); }, q);
}

HostVector<std::int64_t> label_basins(const Queue& q, Plane<const std::uint8_t> pointers, Plane<std::uint32_t> labels,
                                      int block_px) {
  HX_EXPECT(pointers.extent == labels.extent, "pointers and labels extents differ");
  HX_EXPECT(block_px >= 1, "block_px must be positive");
  if (labels.extent.empty()) return {};
  return std::visit([&](const auto& queue) { return detail::label_basins(queue, pointers, labels, block_px); }, q);
}

std::uint32_t number_basins(const Queue& q, Plane<const std::uint8_t> pointers, Plane<std::uint32_t> labels,
                            int block_px) {
  HX_EXPECT(pointers.extent == labels.extent, "pointers and labels extents differ");
  HX_EXPECT(block_px >= 1, "block_px must be positive");
  if (labels.extent.empty()) return 0;
  return std::visit([&](const auto& queue) { return detail::number_basins(queue, pointers, labels, block_px); }, q);
}

namespace detail {

void climb_pointers(const CpuQueue& q, Plane<const std::uint16_t> landscape, Plane<const std::uint8_t> mask,
                    Plane<std::uint8_t> pointers) {
  const int width = landscape.width(), height = landscape.height();
  for_each_band(q, height, 64, [&](std::int64_t begin, std::int64_t end) {
    // Three rows of the masked landscape, padded by one pixel that does not exist, so that every pixel is interior.
    const int n = width + 2;
    std::vector<std::int32_t> rows(3 * static_cast<std::size_t>(n), kClimbNothing);
    std::vector<std::uint8_t> out(n);
    const auto load = [&](int y) {
      std::int32_t* row = &rows[static_cast<std::size_t>((y + 3) % 3) * n];
      if (y < 0 || y >= height) return std::fill_n(row, n, detail::kClimbNothing), void();
      masked_row(landscape.row(y), mask.row(y), row + 1, width);
    };
    load(static_cast<int>(begin) - 1);
    load(static_cast<int>(begin));
    for (int y = static_cast<int>(begin); y < end; ++y) {
      load(y + 1);
      const auto row = [&](int r) { return &rows[static_cast<std::size_t>((r + 3) % 3) * n]; };
      climb_row(row(y - 1), row(y), row(y + 1), out.data(), n);
      std::copy_n(out.data() + 1, width, pointers.row(y));
    }
  });
}

HostVector<std::int64_t> label_basins(const CpuQueue& q, Plane<const std::uint8_t> pointers,
                                      Plane<std::uint32_t> labels, int block_px) {
  const std::int64_t width = labels.width();
  const int across = (labels.width() + block_px - 1) / block_px, down = (labels.height() + block_px - 1) / block_px;
  std::vector<Block> blocks(static_cast<std::size_t>(across) * down);
  PathEnds all;
  std::mutex guard;
  for_each_task(q, static_cast<std::int64_t>(blocks.size()), [&](std::int64_t i) {
    const int x = static_cast<int>(i % across) * block_px, y = static_cast<int>(i / across) * block_px;
    blocks[i].area = {x, y, std::min(block_px, labels.width() - x), std::min(block_px, labels.height() - y)};
    const std::vector<PathEnd> ends = follow_paths(pointers, labels, blocks[i].area);
    const std::lock_guard<std::mutex> lock(guard);
    blocks[i].first = all.ends.size();
    all.ends.insert(all.ends.end(), ends.begin(), ends.end());
  });

  // Number the roots in raster order.
  HostVector<std::int64_t> roots;
  for (const PathEnd& e : all.ends)
    if (e.is_root()) roots.push_back(e.pixel());
  HX_EXPECT(roots.size() < 0xffffffffu, "more basins than 32-bit labels");
  std::sort(roots.begin(), roots.end());
  all.basin.assign(all.ends.size(), 0);
  for (std::size_t e = 0; e < all.ends.size(); ++e)
    if (all.ends[e].is_root())
      all.basin[e] = static_cast<std::uint32_t>(std::lower_bound(roots.begin(), roots.end(), all.ends[e].pixel()) -
                                                roots.begin() + 1);

  // A hand-over goes on where its pixel's own path goes. Chains over several blocks are followed to the root.
  const auto next = [&](std::size_t end) {
    const std::int64_t index = all.ends[end].pixel();
    const int x = static_cast<int>(index % width), y = static_cast<int>(index / width);
    return blocks[static_cast<std::size_t>(y / block_px) * across + x / block_px].first + labels(x, y) - 1;
  };
  std::vector<std::size_t> chain;
  for (std::size_t e = 0; e < all.ends.size(); ++e) {
    chain.clear();
    std::size_t at = e;
    while (all.basin[at] == 0) {
      chain.push_back(at);
      at = next(at);
    }
    for (const std::size_t end : chain) all.basin[end] = all.basin[at];
  }
  for_each_task(q, static_cast<std::int64_t>(blocks.size()), [&](std::int64_t i) {
    const Block& b = blocks[i];
    for (int y = b.area.y; y < b.area.bottom(); ++y)
      for (int x = b.area.x; x < b.area.right(); ++x)
        if (labels(x, y) != 0) labels(x, y) = all.basin[b.first + labels(x, y) - 1];
  });
  return roots;
}

std::uint32_t number_basins(const CpuQueue& q, Plane<const std::uint8_t> pointers, Plane<std::uint32_t> labels,
                            int block_px) {
  return static_cast<std::uint32_t>(label_basins(q, pointers, labels, block_px).size());
}

}  // namespace detail
}  // namespace hexaplex
