#include "core/regions/region_cells.h"

#include <algorithm>

#include "kernels/runtime/launch.h"

namespace hexaplex {

RegionCells::RegionCells(const CpuQueue& q, const DrawnRegions& regions, const CellTable& cells) {
  constexpr std::size_t kCellsPerTask = 4096;
  const std::size_t tasks = (cells.size() + kCellsPerTask - 1) / kCellsPerTask;
  std::vector<std::vector<std::uint16_t>> found(tasks);
  first_.assign(cells.size() + 1, 0);
  for_each_task(q, static_cast<std::int64_t>(tasks), [&](std::int64_t task) {
    const std::size_t begin = static_cast<std::size_t>(task) * kCellsPerTask;
    std::vector<std::uint16_t>& here = found[static_cast<std::size_t>(task)];
    for (std::size_t i = begin; i < std::min(cells.size(), begin + kCellsPerTask); ++i) {
      const Shape& s = cells.nucleus[i].area_px > 0 ? cells.nucleus[i] : cells.cell[i];
      const PlacePx at{s.centroid_x_px + 0.5, s.centroid_y_px + 0.5};
      const std::size_t before = here.size();
      for (std::size_t r = 0; r < regions.areas.size(); ++r)
        if (regions.areas[r].contains(at)) here.push_back(static_cast<std::uint16_t>(r));
      first_[i + 1] = static_cast<std::uint32_t>(here.size() - before);
    }
  });
  for (std::size_t i = 0; i < cells.size(); ++i) first_[i + 1] += first_[i];
  for (const std::vector<std::uint16_t>& here : found) regions_.insert(regions_.end(), here.begin(), here.end());
}

std::vector<std::uint8_t> RegionCells::counted_in(std::size_t region, std::span<const std::uint8_t> counted) const {
  std::vector<std::uint8_t> out(cells());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto in = of(i);
    out[i] = (counted.empty() || counted[i] != 0) &&
             std::find(in.begin(), in.end(), static_cast<std::uint16_t>(region)) != in.end();
  }
  return out;
}

}  // namespace hexaplex
