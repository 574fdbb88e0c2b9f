// A TIFF whose writer is not known: pages of the first one's kind are channels, smaller reduced ones its pyramid.

#include <fmt/format.h>

#include "core/io/pixel_size.h"
#include "core/io/text.h"
#include "core/io/tiff_layout.h"

namespace hexaplex {

TiffLayout plain_layout(std::unique_ptr<TiffFile> owned) {
  TiffLayout layout;
  layout.files.push_back(std::move(owned));
  const TiffFile& file = *layout.files.front();
  SlideInfo& info = layout.info;
  const TiffPage& first = file.pages().front();
  info.format = "TIFF";
  describe_page(info, file, first);
  std::vector<const TiffPage*> reduced;
  for (const TiffPage& page : file.pages()) {
    if (&page == &first || (same_kind(page, first) && !page.reduced())) {
      check_readable_like(info, file, page);
      const std::size_t before = info.channels.size();
      add_sample_channels(layout, 0, page);
      if (info.channels.size() == before + 1) info.channels.back().name = clean_text(page.page_name);
    } else if (page.reduced()) {
      reduced.push_back(&page);
    } else {
      info.warnings.push_back(
          fmt::format("The file's {} ({} x {} pixels, {} samples of {} bits) differs from the first and "
                      "is not read.",
                      page.label, page.width, page.height, page.samples, page.bits));
    }
  }
  add_reduced_pages(layout, reduced);
  set_pixel_size_from_tags(info, first);
  return layout;
}

}  // namespace hexaplex
