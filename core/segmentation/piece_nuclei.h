#pragma once

#include <cstdint>
#include <vector>

#include "core/compute/compute_place.h"
#include "core/segmentation/nuclei.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex {

/// Nuclei of the pieces of one slide, each piece on the device where it fits there whole, else from the host, where the
/// device does smoothing, landscape and foreground in tiles: the labels of find_nuclei. Levels are settled by all of
/// them together, wherever they are.
///
/// @param images  one for each piece
/// Throws: InvalidArgument; OutOfMemory; under `cuda` DeviceOutOfMemory for a tile that does not fit; DeviceError
std::vector<HostPlane<std::uint32_t>> find_nuclei_of_pieces(CpuQueue& q, ComputePlace& place,
                                                            const std::vector<NucleiImages>& images,
                                                            const NucleiParams& p);

}  // namespace hexaplex
