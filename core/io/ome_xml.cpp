#include "core/io/ome_xml.h"

#include <fmt/format.h>

#include "core/io/text.h"
#include "core/io/xml.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr std::uint32_t kMaxSide = 1u << 30;
constexpr std::uint32_t kMaxPlanes = 1u << 20;

class OmeReader {
 public:
  OmeReader(const std::string& file, const std::string& where) : file_(file), where_(where) {}

  OmeMetadata run(pugi::xml_node root) const {
    OmeMetadata m;
    m.uuid = text(root, "UUID");
    m.metadata_file = text(child_named(root, "BinaryOnly"), "MetadataFile");
    for (const pugi::xml_node n : root.children()) {
      if (local_name(n) == "Image") m.images.push_back(read_image(n));
    }
    return m;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw InputError(file_, where_ + ": its OME-XML " + what); }

  static std::string text(pugi::xml_node n, const char* attribute) {
    return clean_text(n.attribute(attribute).value());
  }

  std::optional<std::uint32_t> count(pugi::xml_node n, const char* attribute, std::uint32_t limit) const {
    if (!n.attribute(attribute)) return std::nullopt;
    const auto v = parse_number(n.attribute(attribute).value());
    if (!v || *v < 0 || *v > static_cast<double>(limit) || *v != static_cast<double>(static_cast<std::uint32_t>(*v)))
      fail(fmt::format("gives {}=\"{}\", which is no sensible number", attribute, text(n, attribute)));
    return static_cast<std::uint32_t>(*v);
  }

  std::uint32_t size(pugi::xml_node n, const char* attribute, std::uint32_t limit) const {
    const auto v = count(n, attribute, limit);
    if (!v) fail(fmt::format("lacks {} of its pixels", attribute));
    if (*v == 0) fail(fmt::format("gives {}=\"0\"; an image cannot be empty", attribute));
    return *v;
  }

  /// A length in `per_unit` of its unit attribute; absent where absent, not a number, or in a unit without length.
  static std::optional<double> length_um(pugi::xml_node n, const char* attribute, const char* default_unit) {
    const auto v = parse_number(n.attribute(attribute).value());
    const std::string unit_attribute = std::string(attribute) + "Unit";
    const std::string unit = n.attribute(unit_attribute.c_str()) ? text(n, unit_attribute.c_str()) : default_unit;
    const auto um = um_per_unit(unit);
    return v && um ? std::optional(*v * *um) : std::nullopt;
  }

  static std::optional<double> wavelength_nm(pugi::xml_node n, const char* attribute) {
    const auto um = length_um(n, attribute, "nm");
    return um && *um > 0 ? std::optional(*um * 1000) : std::nullopt;
  }

  static std::optional<double> exposure_ms(pugi::xml_node plane) {
    const auto v = parse_number(plane.attribute("ExposureTime").value());
    if (!v || *v <= 0) return std::nullopt;
    const std::string unit = text(plane, "ExposureTimeUnit");
    if (unit.empty() || unit == "s") return *v * 1000;
    if (unit == "ms") return *v;
    if (unit == "\xC2\xB5s" || unit == "\xCE\xBCs") return *v / 1000;
    return std::nullopt;
  }

  OmeImage read_image(pugi::xml_node node) const {
    OmeImage image;
    image.name = text(node, "Name");
    const pugi::xml_node pixels = child_named(node, "Pixels");
    if (!pixels) fail("describes an image without pixels");
    image.size_x = size(pixels, "SizeX", kMaxSide);
    image.size_y = size(pixels, "SizeY", kMaxSide);
    image.size_z = size(pixels, "SizeZ", kMaxPlanes);
    image.size_c = size(pixels, "SizeC", kMaxPlanes);
    image.size_t = size(pixels, "SizeT", kMaxPlanes);
    image.pixel_type = text(pixels, pixels.attribute("Type") ? "Type" : "PixelType");
    image.significant_bits = count(pixels, "SignificantBits", 64);
    image.um_x = length_um(pixels, "PhysicalSizeX", "\xC2\xB5m");
    image.um_y = length_um(pixels, "PhysicalSizeY", "\xC2\xB5m");
    if (pixels.attribute("DimensionOrder")) image.dimension_order = text(pixels, "DimensionOrder");
    read_children(pixels, image);
    if (std::uint64_t{image.size_z} * image.size_c * image.size_t > kMaxPlanes)
      fail("describes more than a million planes");
    complete_channels(image);
    return image;
  }

  void read_children(pugi::xml_node pixels, OmeImage& image) const {
    for (const pugi::xml_node n : pixels.children()) {
      const std::string_view name = local_name(n);
      if (name == "Channel") {
        OmeXmlChannel c;
        c.channel.name = text(n, "Name");
        c.channel.fluorophore = text(n, "Fluor");
        c.channel.excitation_nm = wavelength_nm(n, "ExcitationWavelength");
        c.channel.emission_nm = wavelength_nm(n, "EmissionWavelength");
        c.samples = count(n, "SamplesPerPixel", 1024).value_or(1);
        if (c.samples == 0) fail("gives SamplesPerPixel=\"0\"");
        image.channels.push_back(std::move(c));
      } else if (name == "TiffData") {
        image.tiff_data.push_back(read_tiff_data(n));
      } else if (name == "Plane") {
        const auto c = count(n, "TheC", kMaxPlanes);
        const auto exposure = exposure_ms(n);
        if (c && exposure && *c < image.channels.size() && !image.channels[*c].channel.exposure_ms)
          image.channels[*c].channel.exposure_ms = exposure;
      }
    }
  }

  OmeTiffData read_tiff_data(pugi::xml_node n) const {
    OmeTiffData d;
    d.first_z = count(n, "FirstZ", kMaxPlanes).value_or(0);
    d.first_c = count(n, "FirstC", kMaxPlanes).value_or(0);
    d.first_t = count(n, "FirstT", kMaxPlanes).value_or(0);
    d.ifd = count(n, "IFD", kMaxPlanes);
    d.plane_count = count(n, "PlaneCount", kMaxPlanes);
    if (!d.plane_count) d.plane_count = count(n, "NumPlanes", kMaxPlanes);  // as it was called before 2008
    const pugi::xml_node uuid = child_named(n, "UUID");
    d.uuid = clean_text(uuid.text().get());
    d.file_name = text(uuid, "FileName");
    return d;
  }

  /// Older writers leave channels out; the samples that are described must sum to SizeC.
  void complete_channels(OmeImage& image) const {
    if (image.channels.empty()) image.channels.resize(image.size_c);
    std::uint64_t samples = 0;
    for (const OmeXmlChannel& c : image.channels) samples += c.samples;
    if (samples != image.size_c)
      fail(fmt::format("describes channels with {} samples in all, but SizeC is {}", samples, image.size_c));
  }

  const std::string& file_;
  const std::string& where_;
};

}  // namespace

OmeMetadata read_ome_xml(const pugi::xml_document& document, const std::string& file, const std::string& where) {
  const pugi::xml_node root = child_named(document, "OME");
  if (!root) throw InputError(file, where + ": its OME-XML has no OME element");
  return OmeReader(file, where).run(root);
}

}  // namespace hexaplex
