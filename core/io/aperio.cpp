// Aperio SVS: the first page is the slide, further tiled ones its pyramid, the rest a thumbnail, the label and the
// macro picture. The description is a line of text and then fields between bars, "MPP = 0.499".

#include "core/io/pixel_size.h"
#include "core/io/text.h"
#include "core/io/tiff_layout.h"

namespace hexaplex {

namespace {

std::optional<double> um_per_px(std::string_view description) {
  while (!description.empty()) {
    const auto bar = std::min(description.find('|'), description.size());
    const std::string_view field = trim(description.substr(0, bar));
    if (const auto equals = field.find('='); equals != std::string_view::npos && trim(field.substr(0, equals)) == "MPP")
      return parse_number(field.substr(equals + 1));
    description.remove_prefix(std::min(bar + 1, description.size()));
  }
  return std::nullopt;
}

std::string associated_name(const TiffPage& page) {
  if ((page.subfile_type & 8u) != 0 || page.description.find("macro ") != std::string::npos) return "macro";
  return page.description.find("label ") != std::string::npos ? "label" : "thumbnail";
}

}  // namespace

bool is_aperio(const TiffFile& file) {
  return starts_with(file.pages().front().description, "Aperio");
}

TiffLayout aperio_layout(std::unique_ptr<TiffFile> owned) {
  TiffLayout layout;
  layout.files.push_back(std::move(owned));
  const TiffFile& file = *layout.files.front();
  const TiffPage& first = file.pages().front();
  SlideInfo& info = layout.info;
  info.format = "Aperio SVS";
  describe_page(info, file, first);
  add_sample_channels(layout, 0, first);
  std::vector<const TiffPage*> reduced;
  for (const TiffPage& page : file.pages()) {
    if (&page == &first) continue;
    if (page.tiled) {
      reduced.push_back(&page);
    } else {
      info.associated.push_back(associated_name(page));
    }
  }
  add_reduced_pages(layout, reduced);
  const auto um = um_per_px(first.description);
  set_pixel_size(info, um, um, "The Aperio description");
  return layout;
}

}  // namespace hexaplex
