#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/spatial/drawn_areas.h"
#include "kernels/runtime/plane.h"

namespace hexaplex {

/// What is drawn of a region, less what is to be left out.
class RegionArea {
 public:
  /// @param ignored  left out of all regions; null: nothing
  RegionArea(DrawnAreas drawn, std::shared_ptr<const DrawnAreas> ignored)
      : drawn_(std::move(drawn)), ignored_(std::move(ignored)) {}

  bool contains(PlacePx p) const { return drawn_.contains(p) && !(ignored_ && ignored_->contains(p)); }

  /// As DrawnAreas::along.
  std::vector<Span> along(double y, double first, double step, int count) const;

  /// Pixels of a row of the slide whose centres lie inside.
  std::vector<Span> pixels(int row, int width) const { return along(row + 0.5, 0.5, 1, width); }

 private:
  DrawnAreas drawn_;
  std::shared_ptr<const DrawnAreas> ignored_;
};

/// The regions of a slide.
struct DrawnRegions {
  std::vector<std::string> names;  ///< of the classes, in alphabetical order
  std::vector<RegionArea> areas;   ///< one for each name; they may overlap
  RegionArea all;                  ///< what lies in any of them
  std::vector<std::string> warnings;
};

/// The name of areas without a class, and of QuPath's class Region*.
inline constexpr const char* kUnnamedRegion = "Region";
/// The name of what is left where only ignored areas are drawn.
inline constexpr const char* kAllButIgnored = "All but ignored";

/// Reads what was drawn on a slide, as QuPath exports it: areas of a class are a region of its name; those of a class
/// whose name ends in * are left out of every region, but for Region*, by which QuPath marks a region. Points, lines
/// and objects that are no annotations (cells, detections, tiles, cores) are none; a warning counts them.
/// Throws: InputError, with the mend, for a file that is no GeoJSON, has no area, an area that lies outside the slide
///         altogether, or a class that cannot be a name
DrawnRegions read_regions(const std::filesystem::path& file, Extent slide);

/// The drawing of a slide: `given` itself, or where that is a folder the file STEM.geojson in it.
/// Throws: InputError where there is none, with the name it must have
std::filesystem::path regions_file(const std::filesystem::path& given, const std::string& stem);

}  // namespace hexaplex
