#pragma once

#include <span>
#include <string>

#include "kernels/runtime/plane.h"

namespace hexaplex {

/// What an OME-XML description says of an image that has one page for each channel.
struct OmeDescription {
  std::string image_name;
  std::string software;
  std::string pixel_type;  ///< "uint32", "float"
  double um_per_px = 0;
  Extent extent{};
  std::span<const std::string> channels;
};

/// OME-XML (schema 2016-06) without dates and UUIDs.
std::string ome_description(const OmeDescription& d);

}  // namespace hexaplex
