#include "core/segmentation/label_tools.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <tuple>
#include <vector>

#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"
#include "kernels/segment/parts.h"

namespace hexaplex {

namespace {
constexpr std::int64_t kNowhere = std::numeric_limits<std::int64_t>::max();

// Where each label comes first, y * width + x; only the first pixel of a run of equal ones can be that.
HostVector<std::int64_t> first_pixels(const CpuQueue& q, Plane<const std::uint32_t> labels, std::uint32_t highest) {
  HostVector<std::int64_t> first(static_cast<std::size_t>(highest) + 1, kNowhere);
  for_each_band(q, labels.height(), 32, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (int x = 0; x < labels.width(); ++x) {
        const std::uint32_t label = labels(x, y);
        if (label == 0 || (x > 0 && labels(x - 1, y) == label)) continue;
        const std::int64_t here = static_cast<std::int64_t>(y) * labels.width() + x;
        std::atomic_ref<std::int64_t> earliest(first[label]);
        std::int64_t seen = earliest.load(std::memory_order_relaxed);
        while (here < seen && !earliest.compare_exchange_weak(seen, here, std::memory_order_relaxed)) {
        }
      }
  });
  return first;
}

}  // namespace

MeanLevels::MeanLevels(std::uint32_t highest_label)
    : sum_(static_cast<std::size_t>(highest_label) + 1, 0), area_(sum_.size(), 0) {}

void MeanLevels::add(const CpuQueue& q, Plane<const std::uint32_t> labels, Plane<const std::uint16_t> image) {
  for_each_band(q, labels.height(), 32, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (int x = 0; x < labels.width();) {
        const std::uint32_t label = labels(x, y);
        std::int64_t run_sum = 0, run = 0;
        for (; x < labels.width() && labels(x, y) == label; ++x, ++run) run_sum += image(x, y);
        if (label == 0) continue;
        std::atomic_ref<std::int64_t>(sum_[label]).fetch_add(run_sum, std::memory_order_relaxed);
        std::atomic_ref<std::int64_t>(area_[label]).fetch_add(run, std::memory_order_relaxed);
      }
  });
}

HostVector<std::uint16_t> MeanLevels::levels() const {
  HostVector<std::uint16_t> mean(sum_.size(), 0);
  for (std::size_t i = 1; i < mean.size(); ++i)
    if (area_[i] > 0) mean[i] = static_cast<std::uint16_t>((sum_[i] + area_[i] / 2) / area_[i]);
  return mean;
}

std::uint32_t number_by_nucleus(const CpuQueue& q, std::span<const LabelPiece> parts) {
  struct First {
    int y = 0, x = 0;  // in the slide
    std::uint32_t part = 0, label = 0;
  };
  HostVector<First> order;
  std::vector<std::uint32_t> highest;
  for (std::uint32_t i = 0; i < parts.size(); ++i) {
    const LabelPiece& part = parts[i];
    highest.push_back(highest_label(q, part.nuclei));
    HX_EXPECT(highest[i] < 0xffffffffu, "the highest label must be free: it ends loops");
    const HostVector<std::int64_t> first = first_pixels(q, part.nuclei, highest[i]);
    for (std::uint32_t label = 1; label < first.size(); ++label)
      if (first[label] != kNowhere)
        order.push_back({part.y + static_cast<int>(first[label] / part.nuclei.width()),
                         part.x + static_cast<int>(first[label] % part.nuclei.width()), i, label});
  }
  HX_EXPECT(order.size() < 0xffffffffu, "the slide has more nuclei than there are labels");
  std::sort(order.begin(), order.end(),
            [](const First& a, const First& b) { return std::tie(a.y, a.x) < std::tie(b.y, b.x); });
  std::vector<HostVector<std::uint32_t>> names;
  for (const std::uint32_t h : highest) names.emplace_back(static_cast<std::size_t>(h) + 1, 0u);
  for (std::size_t i = 0; i < order.size(); ++i)
    names[order[i].part][order[i].label] = static_cast<std::uint32_t>(i + 1);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const LabelPiece& part = parts[i];
    const HostVector<std::uint32_t>& name = names[i];
    for_each_band(q, part.nuclei.height(), 32, [&](std::int64_t begin, std::int64_t end) {
      for (int y = static_cast<int>(begin); y < end; ++y)
        for (int x = 0; x < part.nuclei.width(); ++x) {
          part.nuclei(x, y) = name[part.nuclei(x, y)];
          std::uint32_t& cell = part.cells(x, y);
          cell = cell < name.size() ? name[cell] : 0;
        }
    });
  }
  return static_cast<std::uint32_t>(order.size());
}

}  // namespace hexaplex
