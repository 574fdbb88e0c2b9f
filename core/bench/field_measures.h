#pragma once

#include <cstddef>
#include <span>

#include "core/segmentation/field_cells.h"
#include "kernels/measure/device_regions.h"
#include "kernels/measure/region_stats.h"

namespace hexaplex {

/// What the channels of a field come to over the parts of its cells: nucleus and cytoplasm, in the border band and not.
/// In the memory of the queue that measured; on a device with the regions it belongs to.
class FieldMeasures {
 public:
  FieldMeasures() = default;

  /// @param labels    must outlive this
  /// @param channels  planes in the memory of the queue, as large as the labels
  FieldMeasures(const Queue& q, const FieldLabels& labels, std::span<const Plane<const float>> channels);

  /// Enqueues the copy of all sums, as they lie on a device, to memory of the host; on the CPU they are there already.
  /// Throws: InvalidArgument where they do not fit
  void bring(const Queue& q, std::span<std::byte> to) const;

  /// The same bytes for every queue. Waits.
  RegionTable on_host(const Queue& q) const;

 private:
  struct Measure;
  RegionTable host_;
#if HX_WITH_CUDA
  DeviceRegions<CudaQueue> regions_;
  DeviceRegionTable<CudaQueue> device_;
#endif
};

/// Of the bytes of the sums, without the gaps between members.
std::uint64_t digest_of_table(const RegionTable& table);

}  // namespace hexaplex
