#include "core/cells/large_cells.h"

#include <algorithm>
#include <utility>

namespace hexaplex {

namespace {
constexpr int kLargestBoxPx = 512;
}  // namespace

bool is_large(const LabelBox& box) {
  return box.right - box.left > kLargestBoxPx || box.bottom - box.top > kLargestBoxPx;
}

LargeCells::LargeCells(const HostVector<LabelBox>& boxes, Extent slide, std::vector<std::string> markers,
                       const std::vector<float>& magnitudes, double um_per_px, double membrane_um,
                       const MeasureOptions& options)
    : measurer_(slide, std::move(markers), magnitudes, um_per_px, membrane_um, options), slide_(slide) {
  for (std::size_t i = 0; i < boxes.size(); ++i)
    if (is_large(boxes[i])) {
      labels_.push_back(boxes[i].label);
      rows_.push_back(i);
      boxes_.push_back(boxes[i].rect());
    }
}

bool LargeCells::any_in(Rect core) const {
  return std::any_of(boxes_.begin(), boxes_.end(), [&](Rect b) { return common(b, core).area() > 0; });
}

Rect LargeCells::window(Rect core) const {
  return widened(core, measurer_.halo_px(), slide_);
}

void LargeCells::add(const CpuQueue& q, Rect core, const LabelView& labels, const ChannelWindow& seen,
                     Rect seen_window) {
  const Rect w = window(core);
  std::vector<Plane<const float>> planes;
  for (const auto& p : seen.planes) planes.push_back(p.window(seen_from(seen_window.x, seen_window.y, w)));
  const HostPlane<std::uint32_t> cell = only_large(labels.cell, w);
  const HostPlane<std::uint32_t> nucleus =
      labels.has_nuclei() ? only_large(labels.nucleus, w) : HostPlane<std::uint32_t>();
  const std::lock_guard<std::mutex> lock(guard_);
  measurer_.accumulate(q, w, core, planes, nucleus.view(), cell.view());
}

void LargeCells::finish(const CpuQueue& q, CellTable& table) {
  if (labels_.empty()) return;
  const CellTable found = measurer_.finish(q);
  for (std::size_t i = 0; i < labels_.size(); ++i) table.copy_row(rows_[i], found, i);
}

HostPlane<std::uint32_t> LargeCells::only_large(const PieceView<std::uint32_t>& labels, Rect window) const {
  HostPlane<std::uint32_t> out(window.extent());
  labels.copy(window, out.view());
  for (int y = 0; y < out.height(); ++y)
    for (int x = 0; x < out.width(); ++x)
      if (!std::binary_search(labels_.begin(), labels_.end(), out(x, y))) out(x, y) = 0;
  return out;
}

}  // namespace hexaplex
