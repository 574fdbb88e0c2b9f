#include "core/io/ome_description.h"

#include <fmt/format.h>

#include <bit>

#include "core/report/text.h"

namespace hexaplex {

std::string ome_description(const OmeDescription& d) {
  std::string um;
  append_number(um, d.um_per_px);
  std::string xml = fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?>)"
      R"(<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" )"
      R"(xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" )"
      R"(xsi:schemaLocation="http://www.openmicroscopy.org/Schemas/OME/2016-06 )"
      R"(http://www.openmicroscopy.org/Schemas/OME/2016-06/ome.xsd" Creator="{}">)"
      R"(<Image ID="Image:0" Name="{}"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="{}" BigEndian="{}" )"
      R"(SizeX="{}" SizeY="{}" SizeC="{}" SizeZ="1" SizeT="1" PhysicalSizeX="{}" PhysicalSizeXUnit="µm" )"
      R"(PhysicalSizeY="{}" PhysicalSizeYUnit="µm">)",
      markup_text(d.software), markup_text(d.image_name), d.pixel_type, std::endian::native == std::endian::big,
      d.extent.width, d.extent.height, d.channels.size(), um, um);
  for (std::size_t c = 0; c < d.channels.size(); ++c)
    xml += fmt::format(R"(<Channel ID="Channel:0:{}" Name="{}" SamplesPerPixel="1"/>)", c, markup_text(d.channels[c]));
  for (std::size_t c = 0; c < d.channels.size(); ++c)
    xml += fmt::format(R"(<TiffData FirstC="{}" FirstZ="0" FirstT="0" IFD="{}" PlaneCount="1"/>)", c, c);
  return xml + "</Pixels></Image></OME>";
}

}  // namespace hexaplex
