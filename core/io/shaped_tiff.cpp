// What Python's tifffile writes by default: a JSON description with the shape of the array, and often axes and names.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/io/pixel_size.h"
#include "core/io/text.h"
#include "core/io/tiff_layout.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

struct Shape {
  std::uint64_t channels = 1, slices = 1;
  bool channels_outside = true;  ///< channel before z in the order of the array
};

nlohmann::json parse(const TiffPage& page) {
  if (page.description.size() > (1u << 20) || page.description.empty() || page.description.front() != '{')
    return nullptr;
  nlohmann::json json = nlohmann::json::parse(page.description, nullptr, false);
  if (!json.is_object() || !json.contains("shape") || !json["shape"].is_array()) return nullptr;
  const auto& shape = json["shape"];  // a file changed by another program may keep a description that no longer fits
  const bool fits =
      shape.size() >= 2 && shape[shape.size() - 1] == page.width && shape[shape.size() - 2] == page.height;
  return fits ? json : nlohmann::json(nullptr);
}

/// Reads what lies before rows and columns. Without axes all of it counts as channels.
Shape read_shape(const TiffFile& file, const nlohmann::json& json) {
  std::string axes = json.contains("axes") && json["axes"].is_string() ? json["axes"].get<std::string>() : "";
  std::vector<std::uint64_t> sides;
  for (const auto& side : json["shape"]) {
    if (!side.is_number_unsigned() || side.get<std::uint64_t>() == 0 || side.get<std::uint64_t>() > (1u << 30))
      throw InputError(file.name(), "its JSON description has a shape that is no list of sizes");
    sides.push_back(side.get<std::uint64_t>());
  }
  if (axes.size() != sides.size()) axes = std::string(sides.size(), 'Q');
  Shape shape;
  bool seen_z = false;
  for (std::size_t i = 0; i + 2 < sides.size(); ++i) {
    if (axes[i] == 'Z') {
      shape.slices *= sides[i];
      seen_z = true;
    } else if (axes[i] == 'T' && sides[i] > 1) {
      throw InputError(file.name(), fmt::format("is a series of {} time points; save one time point", sides[i]));
    } else {
      shape.channels *= sides[i];
      if (seen_z && sides[i] > 1) shape.channels_outside = false;
    }
    if (shape.channels > 65535 || shape.slices > 65535)
      throw InputError(file.name(), "its JSON description asks for more than 65535 planes");
  }
  return shape;
}

}  // namespace

bool is_shaped(const TiffFile& file) {
  const TiffPage& first = file.pages().front();
  return first.samples == 1 && !parse(first).is_null();
}

TiffLayout shaped_layout(std::unique_ptr<TiffFile> owned) {
  TiffLayout layout;
  layout.files.push_back(std::move(owned));
  const TiffFile& file = *layout.files.front();
  const TiffPage& first = file.pages().front();
  SlideInfo& info = layout.info;
  info.format = "TIFF";
  describe_page(info, file, first);

  const nlohmann::json json = parse(first);
  const Shape shape = read_shape(file, json);
  const std::uint64_t planes = shape.channels * shape.slices;
  const bool contiguous = file.pages().size() == 1 && planes > 1;
  if ((contiguous && (first.compression != tiff::kNone || first.bits % 8 != 0 || first.tiled)) ||
      (!contiguous && file.pages().size() < planes))
    throw InputError(file.name(), fmt::format("its description gives {} planes, the file holds {} pages", planes,
                                              file.pages().size()));
  if (!contiguous && file.pages().size() > planes)
    info.warnings.push_back(
        fmt::format("The file holds {} more pages, which its description does not count as this image; "
                    "they are not read.",
                    file.pages().size() - planes));
  info.z_count = static_cast<int>(shape.slices);
  info.channels.resize(shape.channels);
  for (std::uint64_t z = 0; z < shape.slices; ++z) {
    for (std::uint64_t c = 0; c < shape.channels; ++c) {
      const std::uint64_t k = shape.channels_outside ? c * shape.slices + z : z * shape.channels + c;
      if (contiguous) {
        layout.planes.push_back(contiguous_plane(file, first, k));
        continue;
      }
      const TiffPage& page = file.pages()[k];
      require_same_kind(file, page, first);
      check_readable_like(info, file, page);
      layout.planes.push_back({0, &page, 0, std::nullopt, {}});
    }
  }
  if (json.contains("Channel") && json["Channel"].is_object() && json["Channel"].contains("Name")) {
    const auto& names = json["Channel"]["Name"];
    for (std::size_t c = 0; names.is_array() && names.size() == shape.channels && c < names.size(); ++c) {
      if (names[c].is_string()) info.channels[c].name = clean_text(names[c].get<std::string>());
    }
  }
  set_pixel_size_from_tags(info, first);
  return layout;
}

}  // namespace hexaplex
