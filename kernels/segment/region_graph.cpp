#include "kernels/segment/region_graph.h"

#include <algorithm>
#include <limits>

#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

// Contacts of one band by pair: open addressing, doubled when half full.
class ContactTable {
 public:
  ContactTable() : slots_(1024) {}

  void add(std::uint32_t a, std::uint32_t b, std::int64_t level, std::int64_t wall) {
    if (a > b) std::swap(a, b);
    if (2 * used_ >= slots_.size()) grow();
    Contact& c = slot(a, b);
    if (c.first == 0) {
      c.first = a;
      c.second = b;
      ++used_;
    }
    ++c.length;
    c.level += level;
    c.wall += wall;
  }

  void append_to(HostVector<Contact>& out) const {
    for (const Contact& c : slots_)
      if (c.first != 0) out.push_back(c);
  }

 private:
  Contact& slot(std::uint32_t a, std::uint32_t b) {
    std::uint64_t h = (static_cast<std::uint64_t>(a) << 32 | b) * 0x9e3779b97f4a7c15ull;
    for (std::size_t i = h >> 32;; ++i) {
      Contact& c = slots_[i & (slots_.size() - 1)];
      if (c.first == 0 || (c.first == a && c.second == b)) return c;
    }
  }

  void grow() {
    HostVector<Contact> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Contact& c : old)
      if (c.first != 0) slot(c.first, c.second) = c;
  }

  HostVector<Contact> slots_;
  std::size_t used_ = 0;
};

}  // namespace

RegionGraphBuilder::RegionGraphBuilder(std::size_t regions) {
  graph_.regions.resize(regions + 1);
}

void RegionGraphBuilder::add(CpuQueue& q, Rect core, Plane<const std::uint32_t> labels, const RegionImages& images,
                             int x0, int y0) {
  const bool has_wall = images.wall.data != nullptr;
  HX_EXPECT(images.linear.extent == images.level.extent && (!has_wall || images.wall.extent == images.level.extent),
            "the images' extents differ");
  HX_EXPECT(core.x >= 0 && core.y >= 0 && core.right() <= labels.width() && core.bottom() <= labels.height(),
            "the core must lie inside the image");
  HX_EXPECT(core.x >= x0 && core.y >= y0 && std::min(core.right() + 1, labels.width()) <= x0 + images.level.width() &&
                std::min(core.bottom() + 1, labels.height()) <= y0 + images.level.height(),
            "the window must hold the core and one pixel more to the right and below");
  // Labels are numbered in raster order, so a band of rows holds a narrow range of them: a dense local table is small.
  constexpr int kBand = 64;
  for_each_band(q, core.height, kBand, [&](std::int64_t begin, std::int64_t end) {
    const int y_begin = core.y + static_cast<int>(begin), y_end = core.y + static_cast<int>(end);
    std::uint32_t low = std::numeric_limits<std::uint32_t>::max(), high = 0;
    for (int y = y_begin; y < y_end; ++y) {
      const std::uint32_t* row = labels.row(y);
      for (int x = core.x; x < core.right(); ++x) {
        high = std::max(high, row[x]);
        low = std::min(low, row[x] - 1);  // background wraps to the largest number
      }
    }
    if (high == 0) return;
    ++low;
    if (high >= graph_.regions.size())
      detail::throw_invalid_argument("RegionGraphBuilder::add", "a label is larger than the number of regions");
    HostVector<RegionSums> local(high - low + 1);
    ContactTable contacts;
    for (int y = y_begin; y < y_end; ++y) {
      const std::uint32_t* row = labels.row(y);
      const std::uint32_t* below = y + 1 < labels.height() ? labels.row(y + 1) : nullptr;
      const std::uint16_t* level = images.level.row(y - y0) - x0;
      const std::uint16_t* linear = images.linear.row(y - y0) - x0;
      const std::uint16_t* wall = has_wall ? images.wall.row(y - y0) - x0 : nullptr;
      const std::ptrdiff_t level_pitch = images.level.pitch, wall_pitch = images.wall.pitch;
      for (int x = core.x; x < core.right();) {
        const std::uint32_t label = row[x];
        int stop = x + 1;
        while (stop < core.right() && row[stop] == label) ++stop;
        if (label != 0) {
          std::int64_t sum_level = 0, sum_wall = 0, sum_linear = 0;
          for (int i = x; i < stop; ++i) {
            sum_level += level[i];
            sum_linear += linear[i];
          }
          if (has_wall)
            for (int i = x; i < stop; ++i) sum_wall += wall[i];
          const std::int64_t n = stop - x, first = x, last = stop - 1;
          const std::int64_t sum_x = (first + last) * n / 2;
          const auto squares = [](std::int64_t k) { return k * (k + 1) * (2 * k + 1) / 6; };
          RegionSums& r = local[label - low];
          r.area += n;
          r.x += sum_x;
          r.y += n * y;
          r.xx += squares(last) - squares(first - 1);
          r.yy += n * y * y;
          r.xy += sum_x * y;
          r.level += sum_level;
          r.wall += sum_wall;
          r.linear += sum_linear;
          if (stop < labels.width() && row[stop] != 0 && row[stop] != label)
            contacts.add(label, row[stop], level[last] + level[stop], has_wall ? wall[last] + wall[stop] : 0);
          if (below != nullptr)
            for (int i = x; i < stop; ++i)
              if (below[i] != label && below[i] != 0)
                contacts.add(label, below[i], level[i] + level[i + level_pitch],
                             has_wall ? wall[i] + wall[i + wall_pitch] : 0);
        }
        x = stop;
      }
    }
    std::lock_guard<std::mutex> lock(guard_);
    for (std::size_t i = 0; i < local.size(); ++i)
      if (local[i].area != 0) graph_.regions[low + i].add(local[i]);
    contacts.append_to(graph_.contacts);
  });
}

void aggregate_contacts(HostVector<Contact>& contacts) {
  std::sort(contacts.begin(), contacts.end(), [](const Contact& a, const Contact& b) {
    return a.first != b.first ? a.first < b.first : a.second < b.second;
  });
  std::size_t kept = 0;
  for (const Contact& c : contacts) {
    if (kept > 0 && contacts[kept - 1].first == c.first && contacts[kept - 1].second == c.second) {
      contacts[kept - 1].add(c);
    } else {
      contacts[kept++] = c;
    }
  }
  contacts.resize(kept);
}

RegionGraph RegionGraphBuilder::finish() {
  aggregate_contacts(graph_.contacts);
  return std::move(graph_);
}

}  // namespace hexaplex
