#include "kernels/segment/expand.h"

#include <algorithm>
#include <vector>

#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

// Squared distance above, label below: one comparison decides by distance, then by label. Unreached pixels stay far
// away, but adding a squared distance to them must not wrap around.
constexpr std::uint64_t kFar = ~std::uint64_t{0} >> 1;
constexpr int kBlockWidth = 256, kBlockHeight = 64;

// For each column: the nearest label met so far, and how many rows back it was met.
HX_CLONES void meet_row(const std::uint32_t* row, std::uint32_t* label, std::uint32_t* rows_back, int n) {
  for (int x = 0; x < n; ++x) {
    rows_back[x] = row[x] != 0 ? 0 : rows_back[x] + 1;
    label[x] = row[x] != 0 ? row[x] : label[x];
  }
}

HX_CLONES void lower_key(const std::uint32_t* label, const std::uint32_t* rows_back, std::uint32_t reach,
                         std::uint64_t* key, int n) {
  for (int x = 0; x < n; ++x) {
    const std::uint64_t d = rows_back[x], met = d * d << 32 | label[x];
    key[x] = rows_back[x] <= reach ? std::min(key[x], met) : key[x];
  }
}

HX_CLONES void lower_of(const std::uint64_t* left, const std::uint64_t* right, std::uint64_t add, std::uint64_t* best,
                        int n) {
  for (int x = 0; x < n; ++x) {
    const std::uint64_t v = std::min(left[x], right[x]) + add;
    best[x] = std::min(best[x], v);
  }
}

struct Content {
  bool any = false, full = true;
};

Content content_of(Plane<const std::uint32_t> src, const Rect& r) {
  Content out;
  for (int y = r.y; y < r.bottom() && (out.full || !out.any); ++y) {
    const std::uint32_t* row = src.row(y) + r.x;
    std::uint32_t seen = 0, holes = 0;
    for (int x = 0; x < r.width; ++x) {
      seen |= row[x];
      holes |= row[x] == 0 ? 1 : 0;
    }
    out.any |= seen != 0;
    out.full &= holes == 0;
  }
  return out;
}

// Scratch of one thread's blocks: keys of the best pixel in each column, a row for each row of the block.
struct Scratch {
  std::vector<std::uint64_t> keys, best;
  std::vector<std::uint32_t> label, rows_back;

  Scratch(int width, int height, int core_width)
      : keys(static_cast<std::size_t>(width) * height), best(core_width), label(width), rows_back(width) {}
};

// Writes the pixels of `core`, which lies in the image.
void expand_block(Plane<const std::uint32_t> src, Plane<std::uint32_t> dst, const Rect& core, int reach,
                  std::uint64_t limit) {
  const int left = std::min(reach, core.x), width = left + std::min(core.width + reach, src.width() - core.x);
  // Rows of keys are padded to the full reach on both sides, so that the row pass needs no tests.
  const int padded = core.width + 2 * reach;
  Scratch s(padded, core.height, core.width);
  std::fill(s.keys.begin(), s.keys.end(), kFar);
  const auto far = static_cast<std::uint32_t>(reach) + 1;
  const auto meet = [&](int y) { meet_row(src.row(y) + core.x - left, s.label.data(), s.rows_back.data(), width); };
  const auto lower = [&](int y) {
    lower_key(s.label.data(), s.rows_back.data(), far - 1,
              s.keys.data() + static_cast<std::size_t>(y - core.y) * padded + reach - left, width);
  };
  std::fill(s.rows_back.begin(), s.rows_back.end(), far);
  for (int y = std::max(0, core.y - reach); y < core.bottom(); ++y) {
    meet(y);
    if (y >= core.y) lower(y);
  }
  std::fill(s.rows_back.begin(), s.rows_back.end(), far);
  for (int y = std::min(src.height(), core.bottom() + reach) - 1; y >= core.y; --y) {
    meet(y);
    if (y < core.bottom()) lower(y);
  }
  for (int y = core.y; y < core.bottom(); ++y) {
    const std::uint64_t* c = s.keys.data() + static_cast<std::size_t>(y - core.y) * padded + reach;
    std::copy_n(c, core.width, s.best.data());
    for (int k = 1; k <= reach; ++k)
      lower_of(c - k, c + k, static_cast<std::uint64_t>(k) * k << 32, s.best.data(), core.width);
    const std::uint32_t* row = src.row(y) + core.x;
    std::uint32_t* out = dst.row(y) + core.x;
    for (int x = 0; x < core.width; ++x)
      out[x] = row[x] != 0 ? row[x] : (s.best[x] >> 32) <= limit ? static_cast<std::uint32_t>(s.best[x]) : 0;
  }
}

}  // namespace

int expand_halo(const ExpandParams& p) {
  const int floor = static_cast<int>(p.distance_px);
  return floor + (p.distance_px > floor ? 1 : 0);
}

void expand_labels(const Queue& q, Plane<const std::uint32_t> src, Plane<std::uint32_t> dst, const ExpandParams& p) {
  HX_EXPECT(src.extent == dst.extent, "src and dst extents differ");
  HX_EXPECT(p.distance_px >= 0 && p.distance_px < 255, "distance_px must lie in 0..254");
  HX_EXPECT(!share_memory(src, dst), "dst must not overlap src");
  if (src.extent.empty()) return;
  std::visit([&](const auto& queue) { detail::expand_labels(queue, src, dst, p); }, q);
}

namespace detail {

void expand_labels(const CpuQueue& q, Plane<const std::uint32_t> src, Plane<std::uint32_t> dst, const ExpandParams& p) {
  const int reach = static_cast<int>(p.distance_px), width = src.width(), height = src.height();
  const auto limit = static_cast<std::uint64_t>(p.distance_px * p.distance_px);
  const std::int64_t across = (width + kBlockWidth - 1) / kBlockWidth;
  const std::int64_t down = (height + kBlockHeight - 1) / kBlockHeight;
  for_each_task(q, across * down, [&](std::int64_t i) {
    const int x = static_cast<int>(i % across) * kBlockWidth, y = static_cast<int>(i / across) * kBlockHeight;
    const Rect core{x, y, std::min(kBlockWidth, width - x), std::min(kBlockHeight, height - y)};
    const int left = std::max(0, x - reach), top = std::max(0, y - reach);
    const Rect window{left, top, std::min(width, core.right() + reach) - left,
                      std::min(height, core.bottom() + reach) - top};
    // Most blocks of sparse labels have nothing in reach, and a block inside a label has nothing to fill.
    if (!content_of(src, window).any || content_of(src, core).full) {
      for (int row = core.y; row < core.bottom(); ++row)
        std::copy_n(src.row(row) + core.x, core.width, dst.row(row) + core.x);
      return;
    }
    expand_block(src, dst, core, reach, limit);
  });
}

}  // namespace detail
}  // namespace hexaplex
