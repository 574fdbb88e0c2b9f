#pragma once

#include <cstdint>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <vector>

#include "core/io/slide.h"

namespace hexaplex {

/// <TiffData>: which directories hold which planes.
struct OmeTiffData {
  std::uint32_t first_z = 0, first_c = 0, first_t = 0;
  std::optional<std::uint32_t> ifd, plane_count;
  std::string file_name, uuid;  ///< of another file of the set, where given
};

struct OmeXmlChannel {
  SlideChannel channel;
  std::uint32_t samples = 1;
};

struct OmeImage {
  std::string name;
  std::string dimension_order = "XYZCT";
  std::uint32_t size_x = 0, size_y = 0, size_z = 1, size_c = 1, size_t = 1;
  std::string pixel_type;
  std::optional<std::uint32_t> significant_bits;
  std::optional<double> um_x, um_y;     ///< physical pixel size
  std::vector<OmeXmlChannel> channels;  ///< samples sum to size_c
  std::vector<OmeTiffData> tiff_data;
};

struct OmeMetadata {
  std::string uuid;
  std::string metadata_file;  ///< of <BinaryOnly>: the file that holds the description in this one's place
  std::vector<OmeImage> images;
};

/// Reads the part of OME-XML (2016-06 and before) that says what a slide is. `where` begins messages.
/// Throws InputError for values that cannot be.
OmeMetadata read_ome_xml(const pugi::xml_document& document, const std::string& file, const std::string& where);

}  // namespace hexaplex
