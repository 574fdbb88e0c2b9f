#pragma once

#include <string>
#include <vector>

#include "kernels/runtime/host_plane.h"

namespace hexaplex {

/// One measured channel of a field: its pixels, as read or unmixed.
struct FieldChannel {
  std::string name;         ///< marker, or component, or the name in the file
  HostPlane<float> pixels;  ///< finite values
};

/// A multichannel image in memory. All planes have the field's extent.
struct Field {
  Extent extent{};
  double um_per_px = 0;  ///< > 0; square pixels
  std::vector<FieldChannel> channels;
};

}  // namespace hexaplex
