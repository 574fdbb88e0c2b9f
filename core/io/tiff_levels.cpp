// Which smaller copies of a slide count as levels of its pyramid.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "core/io/tiff_codec.h"
#include "core/io/tiff_layout.h"

namespace hexaplex {

namespace {

constexpr std::size_t kMaxLevels = 64;

Extent size_of(const TiffPage& page) {
  return {static_cast<int>(page.width), static_cast<int>(page.height)};
}

/// Why `page` is no level of a plane that is `full`, or empty.
std::string level_problem(const TiffPage& page, const TiffPage& full) {
  if (page.width > full.width || page.height > full.height || size_of(page) == size_of(full))
    return "it is not smaller than the slide";
  if (page.samples != full.samples || page.bits != full.bits || page.sample_format != full.sample_format)
    return "its samples are of another kind";
  // Each halving rounds, so a side may be one pixel off what the other side asks for.
  const auto w = static_cast<std::int64_t>(page.width), h = static_cast<std::int64_t>(page.height);
  const auto full_w = static_cast<std::int64_t>(full.width), full_h = static_cast<std::int64_t>(full.height);
  if (std::abs(h * full_w - w * full_h) > full_w + full_h) return "its proportions are others";
  return unreadable(page);
}

const TiffPage* page_of_size(const std::vector<const TiffPage*>& pages, Extent size) {
  const auto it = std::find_if(pages.begin(), pages.end(), [&](const TiffPage* p) { return size_of(*p) == size; });
  return it == pages.end() ? nullptr : *it;
}

}  // namespace

void add_reduced_pages(TiffLayout& layout, const std::vector<const TiffPage*>& reduced) {
  std::vector<const TiffPage*> full;
  std::vector<std::size_t> full_of_plane;
  for (const PlaneSource& plane : layout.planes) {  // the samples of one page follow one another
    if (full.empty() || full.back() != plane.page) full.push_back(plane.page);
    full_of_plane.push_back(full.size() - 1);
  }
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<const TiffPage*>> by_size;
  for (const TiffPage* page : reduced) by_size[{page->width, page->height}].push_back(page);
  if (by_size.size() > kMaxLevels) {
    layout.info.warnings.push_back(
        fmt::format("The file has reduced pages of {} sizes, which make no pyramid; none is used.", by_size.size()));
    return;
  }
  for (const auto& [size, copies] : by_size) {
    if (copies.size() != full.size()) {
      layout.info.warnings.push_back(
          fmt::format("The level of {} x {} pixels is not used: it has {} pages, full resolution has {}.", size.first,
                      size.second, copies.size(), full.size()));
      continue;
    }
    for (std::size_t i = 0; i < layout.planes.size(); ++i) layout.planes[i].reduced.push_back(copies[full_of_plane[i]]);
  }
}

void settle_levels(TiffLayout& layout) {
  SlideInfo& info = layout.info;
  info.levels = {info.extent};
  for (PlaneSource& plane : layout.planes) {
    if (plane.contiguous_at) {  // the planes behind the first have no directory that could name levels
      for (PlaneSource& p : layout.planes) p.reduced.clear();
      return;
    }
    if (plane.reduced.empty()) {
      for (const TiffPage& level : plane.page->levels) plane.reduced.push_back(&level);
    }
  }
  std::vector<const TiffPage*> wanted = layout.planes.front().reduced;
  std::stable_sort(wanted.begin(), wanted.end(),
                   [](const TiffPage* a, const TiffPage* b) { return size_of(*a).area() > size_of(*b).area(); });
  for (const TiffPage* candidate : wanted) {
    const Extent size = size_of(*candidate);
    if (std::find(info.levels.begin() + 1, info.levels.end(), size) != info.levels.end()) continue;
    std::string problem;
    for (const PlaneSource& plane : layout.planes) {
      const TiffPage* page = page_of_size(plane.reduced, size);
      problem = page == nullptr ? "not every channel has it" : level_problem(*page, *plane.page);
      if (!problem.empty()) break;
    }
    if (problem.empty()) {
      info.levels.push_back(size);
    } else {
      info.warnings.push_back(
          fmt::format("The level of {} x {} pixels is not used: {}.", size.width, size.height, problem));
    }
  }
  for (PlaneSource& plane : layout.planes) {
    std::vector<const TiffPage*> settled;
    for (std::size_t l = 1; l < info.levels.size(); ++l) settled.push_back(page_of_size(plane.reduced, info.levels[l]));
    plane.reduced = std::move(settled);
  }
}

}  // namespace hexaplex
