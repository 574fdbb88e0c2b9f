#pragma once

#include "core/segmentation/nuclei.h"
#include "kernels/runtime/queue_plane.h"

namespace hexaplex {

/// What nuclei are found on, whole in the memory of a queue: the integers of NucleiImages.
struct FieldImages {
  Plane<const std::uint16_t> nuclear;
  Plane<const std::uint16_t> wall{};  ///< no data: no membranes
};

/// Nuclei of a field that is small enough to lie in the memory of a queue in one piece: the steps of NucleiSearch, each
/// one operator over the whole field, so that on CUDA no pixel leaves the device. Waits for the queue where a result of
/// the host decides how to go on: the histogram's floor, and numbers of fragments and contacts.
///
/// @param p  p.active lies in the queue's memory; p.trim must be on; tile_px and keep_images mean nothing here
/// Result:  the labels of find_nuclei, bit for bit, on every backend
/// Memory:  about 40 bytes a pixel on CUDA
/// Throws:  InvalidArgument; OutOfMemory; DeviceError
QueuePlane<std::uint32_t> find_field_nuclei(const Queue& q, const FieldImages& images, const NucleiParams& p);

}  // namespace hexaplex
