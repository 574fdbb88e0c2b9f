#include "core/cells/label_boxes.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

void widen(LabelBox& box, const LabelBox& by) {
  box.left = std::min(box.left, by.left);
  box.top = std::min(box.top, by.top);
  box.right = std::max(box.right, by.right);
  box.bottom = std::max(box.bottom, by.bottom);
}

void add_row(const std::uint32_t* row, int width, int y, std::unordered_map<std::uint32_t, LabelBox>& boxes) {
  for (int x = 0; x < width;) {
    const std::uint32_t label = row[x];
    const int begin = x;
    while (x < width && row[x] == label) ++x;
    if (label == 0) continue;
    const LabelBox here{label, begin, y, x, y + 1};
    const auto [at, fresh] = boxes.try_emplace(label, here);
    if (!fresh) widen(at->second, here);
  }
}

}  // namespace

HostVector<LabelBox> label_boxes(const CpuQueue& q, Plane<const std::uint32_t> cell,
                                 Plane<const std::uint32_t> nucleus) {
  const bool has_nuclei = !nucleus.extent.empty();
  HX_EXPECT(!has_nuclei || nucleus.extent == cell.extent, "the label planes differ in extent");
  HostVector<LabelBox> all;
  std::mutex guard;
  for_each_band(q, cell.height(), 64, [&](std::int64_t begin, std::int64_t end) {
    std::unordered_map<std::uint32_t, LabelBox> boxes;
    for (int y = static_cast<int>(begin); y < end; ++y) {
      add_row(cell.row(y), cell.width(), y, boxes);
      if (has_nuclei) add_row(nucleus.row(y), cell.width(), y, boxes);
    }
    std::lock_guard<std::mutex> lock(guard);
    for (const auto& [label, box] : boxes) all.push_back(box);
  });
  std::sort(all.begin(), all.end(), [](const LabelBox& a, const LabelBox& b) { return a.label < b.label; });
  std::size_t kept = 0;
  for (const LabelBox& box : all) {
    if (kept > 0 && all[kept - 1].label == box.label) {
      widen(all[kept - 1], box);
    } else {
      all[kept++] = box;
    }
  }
  all.resize(kept);
  return all;
}

}  // namespace hexaplex
