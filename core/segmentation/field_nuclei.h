#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/segmentation/nuclei.h"
#include "kernels/runtime/queue_plane.h"

namespace hexaplex {

/// What nuclei are found on, whole in the memory of a queue: the integers of NucleiImages.
struct FieldImages {
  Plane<const std::uint16_t> nuclear;
  Plane<const std::uint16_t> wall{};  ///< no data: no membranes
  /// What counts in statistics, as rectangles that do not overlap; far from them both images are 0. Absent: everything.
  std::optional<std::vector<Rect>> tissue{};
};

/// Nuclei of a field, or of a piece of a slide, that is small enough to lie in the memory of a queue: the steps of
/// NucleiSearch, each one operator over the whole field, so that on CUDA no pixel leaves the device. Waits for the
/// queue where a result of the host decides how to go on: the levels, and numbers of fragments and contacts.
///
/// Result:  the levels and labels of NucleiSearch, bit for bit, on every backend
/// Memory:  about 40 bytes a pixel on CUDA; 8 between the steps
/// Throws:  InvalidArgument; OutOfMemory; DeviceError
class FieldNucleiSearch {
 public:
  /// Smooths the images.
  ///
  /// @param images  must outlive this, as must the queue's stream
  /// @param p       p.active lies in the queue's memory; p.trim must be on; tile_px and keep_images mean nothing here
  FieldNucleiSearch(const Queue& q, FieldImages images, const NucleiParams& p);
  ~FieldNucleiSearch();
  FieldNucleiSearch(FieldNucleiSearch&&) noexcept;
  FieldNucleiSearch& operator=(FieldNucleiSearch&&) noexcept;

  /// How often each smoothed level occurs in the tissue.
  Histogram16 survey() const;

  /// Call it once. A search whose levels are known needs no survey: a piece may be let go after its own, and be
  /// searched anew when the others are surveyed.
  /// @param levels  of all pieces of the slide, added up
  /// @param count   where not null, receives the number of nuclei: their labels are 1 .. count
  QueuePlane<std::uint32_t> find(const Histogram16& levels, std::uint32_t* count = nullptr);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Both steps, for a field by itself: the labels of find_nuclei.
QueuePlane<std::uint32_t> find_field_nuclei(const Queue& q, const FieldImages& images, const NucleiParams& p,
                                            std::uint32_t* count = nullptr);

}  // namespace hexaplex
