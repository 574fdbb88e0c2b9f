#include "core/pipeline/given_labels.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/io/slide.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

// The page of inForm's maps that holds a compartment, or -1.
int page_named(const LabelPages& pages, const std::string& name) {
  for (std::size_t i = 0; i < pages.names.size(); ++i)
    if (pages.names[i] == name) return static_cast<int>(i);
  return -1;
}

}  // namespace

LabelPair read_given_labels(const std::filesystem::path& mask, Extent slide) {
  LabelPages pages = read_label_pages(mask);
  for (const auto& page : pages.pages)
    if (!(page.extent() == slide))
      throw InputError(mask.string(),
                       fmt::format("the mask measures {} x {} pixels and the slide {} x {}; they must show "
                                   "the same field at the same resolution",
                                   page.width(), page.height(), slide.width, slide.height));
  const int nucleus = page_named(pages, "Nucleus"), cytoplasm = page_named(pages, "Cytoplasm");
  if (nucleus >= 0 && cytoplasm >= 0) {
    LabelPair out{std::move(pages.pages[nucleus]), std::move(pages.pages[cytoplasm])};
    // inForm's cytoplasm runs on under the nuclei of neighbours, and its table counts those pixels for both: the
    // cytoplasm stays where it is, and the measuring adds a cell's nucleus to it.
    for (int y = 0; y < slide.height; ++y)
      for (int x = 0; x < slide.width; ++x)
        if (out.cell(x, y) == 0) out.cell(x, y) = out.nucleus(x, y);
    return out;
  }
  if (pages.pages.size() == 1) return {HostPlane<std::uint32_t>(), std::move(pages.pages[0])};
  if (pages.pages.size() == 2) return {std::move(pages.pages[0]), std::move(pages.pages[1])};
  throw InputError(mask.string(), fmt::format("the mask has {} pages; one page of cells, or two (nucleus, cell), or "
                                              "inForm's maps can be used",
                                              pages.pages.size()));
}

}  // namespace hexaplex
