#include "core/segmentation/label_tools.h"

#include <algorithm>
#include <vector>

#include "kernels/runtime/launch.h"
#include "kernels/segment/components.h"

namespace hexaplex {

void drop_small_components(CpuQueue& q, Plane<std::uint8_t> mask, std::uint8_t value, double smallest_px) {
  const Components c = mask_components(q, mask, value);
  for_each_band(q, static_cast<std::int64_t>(c.runs.size()), 4096, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) {
      if (static_cast<double>(c.area_px[c.component[i]]) >= smallest_px) continue;
      const Run& r = c.runs[i];
      std::fill(mask.row(r.y) + r.x0, mask.row(r.y) + r.x1, static_cast<std::uint8_t>(1 - value));
    }
  });
}

std::uint32_t keep_largest_parts(CpuQueue& q, Plane<std::uint32_t> labels, double smallest_px) {
  const Components c = label_components(q, labels);
  std::uint32_t highest = 0;
  for (std::uint32_t first : c.first_run) highest = std::max(highest, c.runs[first].value);
  // Components come in raster order, so of equal parts the first stays.
  constexpr std::uint32_t kNone = 0xffffffffu;
  std::vector<std::uint32_t> largest(static_cast<std::size_t>(highest) + 1, kNone);
  for (std::uint32_t k = 0; k < c.count(); ++k) {
    std::uint32_t& best = largest[c.runs[c.first_run[k]].value];
    if (best == kNone || c.area_px[k] > c.area_px[best]) best = k;
  }
  std::vector<std::uint32_t> name(c.count(), 0);
  std::uint32_t count = 0;
  for (std::uint32_t k = 0; k < c.count(); ++k)
    if (largest[c.runs[c.first_run[k]].value] == k && static_cast<double>(c.area_px[k]) >= smallest_px)
      name[k] = ++count;
  for_each_band(q, static_cast<std::int64_t>(c.runs.size()), 4096, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) {
      const Run& r = c.runs[i];
      std::fill(labels.row(r.y) + r.x0, labels.row(r.y) + r.x1, name[c.component[i]]);
    }
  });
  return count;
}

std::uint32_t number_by_raster(CpuQueue& q, Plane<std::uint32_t> labels) {
  std::uint32_t highest = 0, count = 0;
  for (int y = 0; y < labels.height(); ++y)
    for (int x = 0; x < labels.width(); ++x) highest = std::max(highest, labels(x, y));
  std::vector<std::uint32_t> name(static_cast<std::size_t>(highest) + 1, 0);
  for (int y = 0; y < labels.height(); ++y)
    for (int x = 0; x < labels.width(); ++x) {
      const std::uint32_t label = labels(x, y);
      if (label != 0 && name[label] == 0) name[label] = ++count;
    }
  for_each_band(q, labels.height(), 32, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (int x = 0; x < labels.width(); ++x) labels(x, y) = name[labels(x, y)];
  });
  return count;
}

}  // namespace hexaplex
