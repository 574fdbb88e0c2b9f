#include "kernels/segment/components.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

// Union-find whose roots are the smallest run index: numbering by first raster pixel then comes free.
std::uint32_t find_root(HostVector<std::uint32_t>& parent, std::uint32_t i) {
  while (parent[i] != i) {
    parent[i] = parent[parent[i]];
    i = parent[i];
  }
  return i;
}

void unite(HostVector<std::uint32_t>& parent, std::uint32_t i, std::uint32_t j) {
  const std::uint32_t a = find_root(parent, i), b = find_root(parent, j);
  if (a < b) parent[b] = a;
  if (b < a) parent[a] = b;
}

struct RowIndex {
  std::vector<std::size_t> begin;  // first run of each row, and the end
};

// Joins the runs of row y with those of the row above that overlap and carry the same label.
void join_rows(const HostVector<Run>& runs, const RowIndex& rows, int y, HostVector<std::uint32_t>& parent) {
  std::size_t i = rows.begin[y - 1], j = rows.begin[y];
  const std::size_t i_end = j, j_end = rows.begin[y + 1];
  while (i < i_end && j < j_end) {
    const Run &a = runs[i], &b = runs[j];
    if (a.x1 > b.x0 && b.x1 > a.x0 && a.value == b.value)
      unite(parent, static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(j));
    if (a.x1 < b.x1) {
      ++i;
    } else {
      ++j;
    }
  }
}

// std::find looks at one byte at a time.
const std::uint8_t* find_byte(const std::uint8_t* begin, const std::uint8_t* end, std::uint8_t value) {
  const void* found = std::memchr(begin, value, static_cast<std::size_t>(end - begin));
  return found != nullptr ? static_cast<const std::uint8_t*>(found) : end;
}

template <class FindRuns>
Components build(const CpuQueue& q, int height, FindRuns find_runs) {
  // Bands of rows are scanned and joined on their own, then joined with each other.
  constexpr int kBand = 128;
  const int bands = (height + kBand - 1) / kBand;
  std::vector<HostVector<Run>> found(bands);
  RowIndex rows{std::vector<std::size_t>(height + 1, 0)};
  for_each_task(q, bands, [&](std::int64_t b) {
    for (int y = static_cast<int>(b) * kBand; y < std::min(height, static_cast<int>(b + 1) * kBand); ++y) {
      const std::size_t before = found[b].size();
      find_runs(y, found[b]);
      rows.begin[y + 1] = found[b].size() - before;
    }
  });
  std::partial_sum(rows.begin.begin(), rows.begin.end(), rows.begin.begin());
  HX_EXPECT(rows.begin[height] < 0xffffffffu, "more runs than 32-bit indexes");
  Components c;
  c.runs.resize(rows.begin[height]);
  HostVector<std::uint32_t> parent(c.runs.size());
  for_each_task(q, bands, [&](std::int64_t b) {
    const int first = static_cast<int>(b) * kBand, last = std::min(height, first + kBand);
    std::copy(found[b].begin(), found[b].end(), c.runs.begin() + static_cast<std::ptrdiff_t>(rows.begin[first]));
    for (std::size_t i = rows.begin[first]; i < rows.begin[last]; ++i) parent[i] = static_cast<std::uint32_t>(i);
    for (int y = first + 1; y < last; ++y) join_rows(c.runs, rows, y, parent);
  });
  for (int y = kBand; y < height; y += kBand) join_rows(c.runs, rows, y, parent);

  c.component.resize(c.runs.size());
  for (std::uint32_t i = 0; i < c.runs.size(); ++i) {
    const std::uint32_t root = find_root(parent, i);
    if (root == i) {
      c.component[i] = static_cast<std::uint32_t>(c.count());
      c.area_px.push_back(0);
      c.first_run.push_back(i);
    } else {
      c.component[i] = c.component[root];
    }
    c.area_px[c.component[i]] += c.runs[i].x1 - c.runs[i].x0;
  }
  return c;
}

}  // namespace

Components mask_components(const CpuQueue& q, Plane<const std::uint8_t> mask, std::uint8_t value) {
  return build(q, mask.height(), [&](int y, HostVector<Run>& out) {
    const std::uint8_t* row = mask.row(y);
    const std::uint8_t* end = row + mask.width();
    for (const std::uint8_t* p = row; p < end;) {
      p = find_byte(p, end, value);
      if (p == end) break;
      const std::uint8_t* stop = find_byte(p, end, static_cast<std::uint8_t>(1 - value));
      out.push_back({y, static_cast<int>(p - row), static_cast<int>(stop - row), 1});
      p = stop;
    }
  });
}

Components label_components(const CpuQueue& q, Plane<const std::uint32_t> labels) {
  return build(q, labels.height(), [&](int y, HostVector<Run>& out) {
    const std::uint32_t* row = labels.row(y);
    for (int x = 0; x < labels.width();) {
      const std::uint32_t v = row[x];
      int stop = x + 1;
      while (stop < labels.width() && row[stop] == v) ++stop;
      if (v != 0) out.push_back({y, x, stop, v});
      x = stop;
    }
  });
}

}  // namespace hexaplex
