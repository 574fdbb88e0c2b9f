#include "core/regions/drawn_regions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/io/drawn_objects.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr std::size_t kMostRegions = 1000;
constexpr double kMostBeyond = 0.05;  // of the slide's side that an outline may reach past it without a warning

using Areas = std::vector<std::vector<Ring>>;

bool is_ignored(const std::string& kind) {
  return !kind.empty() && kind.back() == '*' && kind != "Region*";
}

std::string name_of_region(const std::string& kind) {
  return kind.empty() || kind == "Region*" ? kUnnamedRegion : kind;
}

void require_name(const std::string& name, const std::string& file) {
  for (const char c : name)
    if (c == ';' || static_cast<unsigned char>(c) < ' ')
      throw InputError(file, fmt::format("the class {} holds a {}, which no region's name may; rename it in QuPath",
                                         name, c == ';' ? "semicolon" : "control character"));
}

// Where an area lies, compared with the slide.
class PlaceCheck {
 public:
  PlaceCheck(const std::string& file, Extent slide) : file_(file), slide_(slide) {}

  void add(const std::string& name, const std::vector<Ring>& rings) {
    const DrawnAreas area({rings});
    const PlacePx a = area.least(), b = area.most();
    if (!(b.x > 0 && b.y > 0 && a.x < slide_.width && a.y < slide_.height))
      throw InputError(file_, fmt::format("an area of {} lies outside the slide (x {:.0f} to {:.0f}, y {:.0f} to "
                                          "{:.0f}; the slide has {} x {} pixels); is it the drawing of another slide?",
                                          name, a.x, b.x, a.y, b.y, slide_.width, slide_.height));
    const double past = std::max({-a.x / slide_.width, (b.x - slide_.width) / slide_.width, -a.y / slide_.height,
                                  (b.y - slide_.height) / slide_.height});
    if (past > kMostBeyond && past > most_) most_ = past, name_ = name;
  }

  void warn(std::vector<std::string>& warnings) const {
    if (most_ > 0)
      warnings.push_back(
          fmt::format("the area of {} reaches {:.0f} % of the slide past its edge; is {} the drawing of "
                      "this slide?",
                      name_, 100 * most_, std::filesystem::path(file_).filename().string()));
  }

 private:
  std::string file_, name_;
  Extent slide_;
  double most_ = 0;
};

std::vector<Ring> whole_slide(Extent slide) {
  const double w = slide.width, h = slide.height;
  return {{{0, 0}, {w, 0}, {w, h}, {0, h}}};
}

}  // namespace

std::vector<Span> RegionArea::along(double y, double first, double step, int count) const {
  const std::vector<Span> inside = drawn_.along(y, first, step, count);
  return ignored_ && !inside.empty() ? without(inside, ignored_->along(y, first, step, count)) : inside;
}

DrawnRegions read_regions(const std::filesystem::path& path, Extent slide) {
  const std::string file = path.string();
  std::map<std::string, Areas> named;
  Areas ignored, all;
  PlaceCheck place(file, slide);
  std::size_t others = 0;
  for (DrawnObject& object : read_drawn_objects(path)) {
    if (object.rings.empty() || object.type != "annotation") {
      ++others;
      continue;
    }
    const std::string name = is_ignored(object.kind) ? object.kind : name_of_region(object.kind);
    require_name(name, file);
    place.add(name, object.rings);
    if (is_ignored(object.kind)) {
      ignored.push_back(std::move(object.rings));
    } else {
      all.push_back(object.rings);
      named[name].push_back(std::move(object.rings));
    }
  }
  if (named.empty() && ignored.empty())
    throw InputError(file,
                     "has no area; draw areas in QuPath (rectangle, polygon, brush, wand) and export them as GeoJSON");
  if (named.size() > kMostRegions)
    throw InputError(file, fmt::format("has areas of {} classes; {} are the most. Give areas that belong together one "
                                       "class",
                                       named.size(), kMostRegions));
  if (named.empty()) {
    all.push_back(whole_slide(slide));
    named[kAllButIgnored] = all;
  }
  const auto taken = ignored.empty() ? nullptr : std::make_shared<const DrawnAreas>(ignored);
  DrawnRegions regions{{}, {}, RegionArea(DrawnAreas(all), taken), {}};
  for (const auto& [name, areas] : named) {
    regions.names.push_back(name);
    regions.areas.emplace_back(DrawnAreas(areas), taken);
  }
  place.warn(regions.warnings);
  if (others > 0)
    regions.warnings.push_back(fmt::format("{} objects of {} are no areas (points, lines, cells) and were not used",
                                           others, path.filename().string()));
  return regions;
}

std::filesystem::path regions_file(const std::filesystem::path& given, const std::string& stem) {
  std::error_code error;
  if (!std::filesystem::is_directory(given, error)) return given;
  const std::filesystem::path file = given / (stem + ".geojson");
  if (!std::filesystem::exists(file, error))
    throw InputError(file.string(),
                     "is not there, and this slide needs it; export what is drawn on the slide under "
                     "this name, or run slides without a drawing by themselves");
  return file;
}

}  // namespace hexaplex
