#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/runtime/host_memory.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Flips 4-connected components of pixels equal to `value` (0 or 1) that are smaller than `smallest_px`: specks for 1,
/// holes for 0.
void drop_small_components(CpuQueue& q, Plane<std::uint8_t> mask, std::uint8_t value, double smallest_px);

/// Keeps the largest 4-connected part of each label (ties to the one that comes first in raster order), drops objects
/// smaller than `smallest_px`, and numbers what is left 1 .. count by first raster pixel.
/// @return count
std::uint32_t keep_largest_parts(CpuQueue& q, Plane<std::uint32_t> labels, double smallest_px);

/// The highest label of a plane; 0 for an empty one.
std::uint32_t highest_label(CpuQueue& q, Plane<const std::uint32_t> labels);

/// labels = name[labels].
void rename_labels(CpuQueue& q, Plane<std::uint32_t> labels, std::span<const std::uint32_t> name);

/// Mean of an image under each label, collected window by window. Sums are integers: the same for any threads and
/// windows.
class MeanLevels {
 public:
  explicit MeanLevels(std::uint32_t highest_label);

  /// Adds a window; from any thread. Windows must not overlap.
  void add(CpuQueue& q, Plane<const std::uint32_t> labels, Plane<const std::uint16_t> image);

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
std::uint32_t number_by_nucleus(CpuQueue& q, std::span<const LabelPiece> parts);

}  // namespace hexaplex
