#include "kernels/segment/parts.h"

#include <algorithm>
#include <atomic>
#include <vector>

#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"
#include "kernels/segment/components.h"

namespace hexaplex {

void drop_small_components(const Queue& q, Plane<std::uint8_t> mask, std::uint8_t value, double smallest_px) {
  HX_EXPECT(value <= 1, "a mask's value is 0 or 1");
  if (mask.extent.empty()) return;
  std::visit([&](const auto& queue) { detail::drop_small_components(queue, mask, value, smallest_px); }, q);
}

std::uint32_t keep_largest_parts(const Queue& q, Plane<std::uint32_t> labels, double smallest_px,
                                 std::optional<std::uint32_t> highest) {
  if (labels.extent.empty()) return 0;
  return std::visit([&](const auto& queue) { return detail::keep_largest_parts(queue, labels, smallest_px, highest); },
                    q);
}

std::uint32_t highest_label(const Queue& q, Plane<const std::uint32_t> labels) {
  if (labels.extent.empty()) return 0;
  return std::visit([&](const auto& queue) { return detail::highest_label(queue, labels); }, q);
}

void rename_labels(const Queue& q, Plane<std::uint32_t> labels, std::span<const std::uint32_t> name) {
  if (labels.extent.empty()) return;
  HX_EXPECT(!name.empty(), "every label needs a name, the background too");
  std::visit([&](const auto& queue) { detail::rename_labels(queue, labels, name); }, q);
}

namespace detail {

void drop_small_components(const CpuQueue& q, Plane<std::uint8_t> mask, std::uint8_t value, double smallest_px) {
  const Components c = mask_components(q, mask, value);
  for_each_band(q, static_cast<std::int64_t>(c.runs.size()), 4096, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) {
      if (static_cast<double>(c.area_px[c.component[i]]) >= smallest_px) continue;
      const Run& r = c.runs[i];
      std::fill(mask.row(r.y) + r.x0, mask.row(r.y) + r.x1, static_cast<std::uint8_t>(1 - value));
    }
  });
}

std::uint32_t keep_largest_parts(const CpuQueue& q, Plane<std::uint32_t> labels, double smallest_px,
                                 std::optional<std::uint32_t> /*highest: found with the runs*/) {
  const Components c = label_components(q, labels);
  std::uint32_t most = 0;
  for (std::uint32_t first : c.first_run) most = std::max(most, c.runs[first].value);
  // Components come in raster order, so of equal parts the first stays.
  constexpr std::uint32_t kNone = 0xffffffffu;
  HostVector<std::uint32_t> largest(static_cast<std::size_t>(most) + 1, kNone);
  for (std::uint32_t k = 0; k < c.count(); ++k) {
    std::uint32_t& best = largest[c.runs[c.first_run[k]].value];
    if (best == kNone || c.area_px[k] > c.area_px[best]) best = k;
  }
  HostVector<std::uint32_t> name(c.count(), 0);
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

std::uint32_t highest_label(const CpuQueue& q, Plane<const std::uint32_t> labels) {
  std::atomic<std::uint32_t> highest{0};
  for_each_band(q, labels.height(), 32, [&](std::int64_t begin, std::int64_t end) {
    std::uint32_t own = 0;
    for (int y = static_cast<int>(begin); y < end; ++y)
      own = std::max(own, *std::max_element(labels.row(y), labels.row(y) + labels.width()));
    std::uint32_t seen = highest.load();
    while (seen < own && !highest.compare_exchange_weak(seen, own)) {
    }
  });
  return highest.load();
}

void rename_labels(const CpuQueue& q, Plane<std::uint32_t> labels, std::span<const std::uint32_t> name) {
  for_each_band(q, labels.height(), 32, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (int x = 0; x < labels.width(); ++x) labels(x, y) = name[labels(x, y)];
  });
}

}  // namespace detail
}  // namespace hexaplex
