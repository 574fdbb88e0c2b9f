#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/spatial/drawn_areas.h"

namespace hexaplex {

/// What somebody drew on a slide, and what they called it.
struct DrawnObject {
  std::string kind{};             ///< its class, empty without one; parts of a derived class joined by ": "
  std::vector<PlacePx> points{};  ///< of a point annotation
  /// Of an area: outlines and holes. Inside is where an odd number of them goes around. Lines have neither.
  std::vector<Ring> rings{};
  std::string type = "annotation";  ///< "annotation", "cell", "detection", "tile", "tmaCore", ...
};

/// Reads the objects of a GeoJSON file as QuPath exports it: a FeatureCollection, a list of features, or one feature.
/// Throws: InputError, with the mend, for a file that is no GeoJSON or has no list of objects.
std::vector<DrawnObject> read_drawn_objects(const std::filesystem::path& file);

}  // namespace hexaplex
