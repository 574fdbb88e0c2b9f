#pragma once

#include <cstdint>

#include "kernels/runtime/host_memory.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// A piece of one row that belongs to one component: pixels x0 .. x1 - 1 of row y.
struct Run {
  std::int32_t y = 0, x0 = 0, x1 = 0;
  std::uint32_t value = 0;  ///< label of the pixels (1 for a mask)
};

/// Connected components as runs, in raster order. Components are numbered 0 .. count - 1 by their first raster pixel.
struct Components {
  HostVector<Run> runs;
  HostVector<std::uint32_t> component;  ///< of each run
  HostVector<std::int64_t> area_px;     ///< of each component
  HostVector<std::uint32_t> first_run;  ///< of each component

  std::size_t count() const { return area_px.size(); }
};

/// Components of the pixels whose mask equals `value` (0 or 1), joined over sides (4-connected).
/// Result: the same for any thread count; numbering is canonical.
Components mask_components(const CpuQueue& q, Plane<const std::uint8_t> mask, std::uint8_t value);

/// Components of pixels with the same label, background 0 left out, joined over sides (4-connected).
Components label_components(const CpuQueue& q, Plane<const std::uint32_t> labels);

}  // namespace hexaplex
