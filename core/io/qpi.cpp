// PerkinElmer / Akoya: inForm component data and QPTIFF. Pages are told apart by <ImageType>, never by order or suffix.

#include <fmt/format.h>

#include <cstring>
#include <set>

#include "core/io/pixel_size.h"
#include "core/io/text.h"
#include "core/io/tiff_layout.h"
#include "core/io/xml.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr const char* kRootElement = "PerkinElmer-QPI-ImageDescription";

/// Appends the float32 numbers of a base64 text.
template <class T>
void append_floats(const TiffFile& file, std::string_view base64, std::vector<T>& out) {
  const auto bytes = decode_base64(base64);
  if (!bytes || bytes->size() % sizeof(float) != 0)
    throw InputError(file.name(), "page 1: its embedded spectrum is damaged (not base64 of float32)");
  for (std::size_t i = 0; i < bytes->size(); i += sizeof(float)) {
    float v;  // stored little-endian, as on every machine this builds for
    std::memcpy(&v, bytes->data() + i, sizeof v);
    out.push_back(static_cast<T>(v));
  }
}

/// One element of inForm's spectral library: a stain measured in several filter cubes ("segments").
EmbeddedSpectrum read_spectrum(const TiffFile& file, pugi::xml_node element) {
  EmbeddedSpectrum s;
  const pugi::xml_node stain = child_named(element, "Stain");
  s.name = child_text(stain, "Name");
  for (const pugi::xml_node segment : child_named(stain, "SpectralSegments").children("SpectralSegments-i")) {
    for (const pugi::xml_node i : child_named(segment, "Signal").children("Signal-i"))
      append_floats(file, i.text().get(), s.values);
    for (const pugi::xml_node i : child_named(segment, "Exposure").children("Exposure-i"))
      append_floats(file, i.text().get(), s.exposures);
    const pugi::xml_node states = child_named(child_named(segment, "WavelengthGroup"), "TunableFilterStates");
    for (const pugi::xml_node i : states.children("TunableFilterStates-i"))
      s.wavelengths_nm.push_back(parse_number(child_text(i, "Wavelength")).value_or(0));
  }
  if (s.wavelengths_nm.size() != s.values.size()) s.wavelengths_nm.clear();
  if (s.exposures.size() != s.values.size()) s.exposures.clear();
  return s;
}

void read_spectra(const TiffFile& file, pugi::xml_node root, SlideInfo& info) {
  for (const pugi::xml_node element : child_named(root, "ScanProfile").children()) {
    if (std::string_view(element.attribute("subtype").value()) != "SpectralLibraryElement") continue;
    EmbeddedSpectrum s = read_spectrum(file, element);
    if (!s.values.empty()) info.spectra.push_back(std::move(s));
  }
}

SlideChannel read_channel(pugi::xml_node root) {
  SlideChannel c;
  c.name = child_text(root, "Name");
  const std::string biomarker = child_text(root, "Biomarker");
  if (!biomarker.empty()) {
    c.fluorophore = c.name;
    c.name = biomarker;
  }
  const auto exposure_us = parse_number(child_text(root, "ExposureTime"));
  if (exposure_us && *exposure_us > 0) c.exposure_ms = *exposure_us / 1000;
  return c;
}

/// The one pixel size that a scan profile names; absent where it names none, or several.
std::optional<double> scan_profile_um(pugi::xml_node root) {
  struct Walker : pugi::xml_tree_walker {
    std::set<double> sizes;
    bool for_each(pugi::xml_node& n) override {
      if (local_name(n) == "PixelSizeMicrons") {
        if (const auto um = parse_number(n.text().get())) sizes.insert(*um);
      }
      return true;
    }
  } walker;
  pugi::xml_node profile = child_named(root, "ScanProfile");
  profile.traverse(walker);
  return walker.sizes.size() == 1 ? std::optional(*walker.sizes.begin()) : std::nullopt;
}

enum class Kind { full, reduced, associated };

struct Classified {
  Kind kind = Kind::associated;
  std::string associated;
};

Classified classify(const TiffPage& page, const std::string& image_type, const TiffPage& first) {
  if (image_type == "FullResolution") return {Kind::full, {}};
  if (image_type == "ReducedResolution") return {Kind::reduced, {}};
  if (image_type == "Thumbnail") return {Kind::associated, "thumbnail"};
  if (image_type == "Overview") return {Kind::associated, "macro"};
  if (image_type == "Label") return {Kind::associated, "label"};
  if (image_type.empty() && same_kind(page, first) && !page.reduced()) return {Kind::full, {}};
  return {Kind::associated, image_type.empty() ? "unnamed" : to_lower(image_type)};
}

}  // namespace

bool is_qpi(const TiffFile& file) {
  const TiffPage& first = file.pages().front();
  return starts_with(first.software, "PerkinElmer-QPI") || first.description.find(kRootElement) != std::string::npos;
}

TiffLayout qpi_layout(std::unique_ptr<TiffFile> owned) {
  TiffLayout layout;
  layout.files.push_back(std::move(owned));
  const TiffFile& file = *layout.files.front();
  SlideInfo& info = layout.info;
  const TiffPage* first = nullptr;
  std::optional<double> profile_um;
  bool unmixed = false;
  std::vector<const TiffPage*> reduced;

  for (const TiffPage& page : file.pages()) {
    pugi::xml_document document;
    if (!page.description.empty()) parse_xml(document, page.description, file.name(), page.label);
    const pugi::xml_node root = child_named(document, kRootElement);
    const Classified c = classify(page, child_text(root, "ImageType"), first == nullptr ? page : *first);
    if (c.kind == Kind::reduced) reduced.push_back(&page);
    if (c.kind == Kind::associated) info.associated.push_back(c.associated);
    if (c.kind != Kind::full) continue;

    if (first == nullptr) {
      first = &page;
      describe_page(info, file, page);
      profile_um = scan_profile_um(root);
      unmixed = child_text(root, "IsUnmixedComponent") == "True";
    } else {
      require_same_kind(file, page, *first);
      check_readable_like(info, file, page);
    }
    read_spectra(file, root, info);
    const std::size_t before = info.channels.size();
    add_sample_channels(layout, 0, page);
    if (info.channels.size() == before + 1) info.channels.back() = read_channel(root);
  }
  if (first == nullptr) throw InputError(file.name(), "holds no page of type FullResolution; export it again");

  add_reduced_pages(layout, reduced);
  info.format = unmixed ? "inForm component data" : "QPTIFF";
  set_pixel_size_from_tags(info, *first);
  if (!info.um_per_px_x && !info.um_per_px_y && profile_um)
    set_pixel_size(info, profile_um, profile_um, "The scan profile");
  return layout;
}

}  // namespace hexaplex
