// Which files go to OpenSlide, told by a look at their first bytes and first directory.

#include <array>
#include <string>

#include "core/io/text.h"
#include "core/io/tiff_directory.h"
#include "core/io/tiff_prescan.h"
#include "core/io/whole_slide.h"

namespace hexaplex {

namespace {

constexpr std::uint64_t kMaxTextBytes = 32u << 20;

/// NDPI beyond 4 GiB is a classic TIFF with offsets of 8 bytes, which no TIFF reader understands; so the first
/// directory is searched for Hamamatsu's tag with either size.
bool is_ndpi(const FileBytes& file) {
  constexpr std::uint16_t kFormatFlag = 65420;
  std::array<std::uint8_t, 12> b{};
  const auto number = [&](std::size_t count) {
    std::uint64_t v = 0;
    for (std::size_t i = count; i-- > 0;) v = v << 8 | b[i];
    return v;
  };
  if (file.read_some(0, b.data(), 4) != 4 || number(4) != 0x002A4949) return false;
  for (const std::size_t offset_bytes : {8u, 4u}) {
    if (file.read_some(4, b.data(), offset_bytes) != offset_bytes) continue;
    const std::uint64_t offset = number(offset_bytes);
    if (offset >= file.size() || file.read_some(offset, b.data(), 2) != 2) continue;
    const std::uint64_t tags = number(2);
    for (std::uint64_t i = 0; i < tags; ++i) {
      if (file.read_some(offset + 2 + i * 12, b.data(), 12) != 12) break;
      if (number(2) == kFormatFlag) return true;
    }
  }
  return false;
}

std::string text_of(const TiffDirectory& d, TiffTag tag) {
  return d.location(tag).second <= kMaxTextBytes ? d.text(tag, kMaxTextBytes) : std::string();
}

bool is_scanner_tiff(const FileBytes& file) {
  if (is_ndpi(file)) return true;
  const TiffHeader header = read_tiff_header(file);
  const TiffDirectory first(file, header.encoding, header.first, "page 1");
  const std::string description = text_of(first, TiffTag::image_description);
  if (starts_with(description, "Aperio")) {
    const std::uint32_t codec = first.integer(TiffTag::compression, 1);
    return codec == 33003 || codec == 33005;  // JPEG 2000 as Aperio writes it
  }
  const std::string software = text_of(first, TiffTag::software);
  return description.find("http://www.leica-microsystems.com/scn/") != std::string::npos ||
         starts_with(software, "Philips") || starts_with(software, "MedScan") ||
         text_of(first, TiffTag::xmp).find("iScan") != std::string::npos;
}

}  // namespace

bool is_for_openslide(const FileBytes& file) {
  if (looks_like_tiff(file)) return is_scanner_tiff(file);
  std::array<char, 36> head{};
  const std::string_view start(head.data(), file.read_some(0, head.data(), head.size()));
  // A .mrxs file is a small JPEG beside the folder that holds the slide: only its name tells.
  return ends_with_ignoring_case(file.name(), ".mrxs") || starts_with(start, "[Virtual Microscope Specimen]") ||
         starts_with(start, "[Uncompressed Virtual Microscope") || starts_with(start, "SQLite format 3");
}

}  // namespace hexaplex
