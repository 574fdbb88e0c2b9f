#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/runtime/host_memory.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Mean of an image under each label, collected window by window. Sums are integers: the same for any threads and
/// windows.
class MeanLevels {
 public:
  explicit MeanLevels(std::uint32_t highest_label);

  /// Adds a window; from any thread. Windows must not overlap.
  void add(const CpuQueue& q, Plane<const std::uint32_t> labels, Plane<const std::uint16_t> image);

  /// By label, rounded half up; entry 0 is unused.
  HostVector<std::uint16_t> levels() const;

 private:
  HostVector<std::int64_t> sum_, area_;
};

/// Labels of a part of a slide, by themselves: other parts may use the same numbers.
struct LabelPiece {
  Plane<std::uint32_t> nuclei, cells;
  int x = 0, y = 0;  ///< first pixel of the part in the slide
};

/// Numbers the nuclei of all parts 1 .. count by first raster pixel in the slide. A cell shares its nucleus' label and
/// gets its name; cells without a nucleus go.
/// @return count
/// Throws: InvalidArgument for more than 0xffffffff nuclei
std::uint32_t number_by_nucleus(const CpuQueue& q, std::span<const LabelPiece> parts);

}  // namespace hexaplex
