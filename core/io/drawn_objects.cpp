#include "core/io/drawn_objects.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/io/file_bytes.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

using nlohmann::json;

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 28;
constexpr double kMostPx = 1e9;  // no slide is so wide; beyond, the arithmetic of edges would lose pixels

PlacePx place_from(const json& pair) {
  const PlacePx p{pair.at(0).get<double>(), pair.at(1).get<double>()};
  if (!(std::abs(p.x) <= kMostPx && std::abs(p.y) <= kMostPx))
    throw InvalidArgument("a coordinate is outside -1e9 .. 1e9");
  return p;
}

Ring ring_from(const json& places) {
  Ring ring;
  for (const json& p : places) ring.push_back(place_from(p));
  return ring;
}

void add_geometry(const json& geometry, DrawnObject& to) {
  if (!geometry.is_object()) return;
  if (const auto parts = geometry.find("geometries"); parts != geometry.end())
    for (const json& part : *parts)
      if (!part.contains("geometries")) add_geometry(part, to);
  const auto found = geometry.find("coordinates");
  if (found == geometry.end()) return;
  const std::string type = geometry.value("type", "");
  if (type == "Point") {
    to.points.push_back(place_from(*found));
  } else if (type == "MultiPoint") {
    for (const json& p : *found) to.points.push_back(place_from(p));
  } else if (type == "Polygon") {
    for (const json& ring : *found) to.rings.push_back(ring_from(ring));
  } else if (type == "MultiPolygon") {
    for (const json& polygon : *found)
      for (const json& ring : polygon) to.rings.push_back(ring_from(ring));
  }
}

// A class has a name, or the names of what it is derived from.
std::string kind_of(const json& properties) {
  const auto found = properties.find("classification");
  if (found == properties.end() || !found->is_object()) return "";
  if (const auto names = found->find("names"); names != found->end() && names->is_array()) {
    std::string joined;
    for (const json& name : *names) joined += (joined.empty() ? "" : ": ") + name.get<std::string>();
    return joined;
  }
  return found->value("name", "");
}

// QuPath 0.2 wrote the type as the object's id.
std::string type_of(const json& feature, const json& properties) {
  for (const char* key : {"objectType", "object_type"})
    if (const auto type = properties.find(key); type != properties.end() && type->is_string()) return *type;
  const auto id = feature.find("id");
  if (id == feature.end() || !id->is_string()) return "annotation";
  for (const auto& [legacy, type] : {std::pair{"PathCellObject", "cell"},
                                     {"PathDetectionObject", "detection"},
                                     {"PathTileObject", "tile"},
                                     {"TMACoreObject", "tmaCore"}})
    if (*id == legacy) return type;
  return "annotation";
}

DrawnObject object_from(const json& feature) {
  DrawnObject one;
  const auto properties = feature.find("properties");
  if (properties != feature.end() && properties->is_object()) {
    one.kind = kind_of(*properties);
    one.type = type_of(feature, *properties);
  }
  if (const auto geometry = feature.find("geometry"); geometry != feature.end()) add_geometry(*geometry, one);
  return one;
}

}  // namespace

std::vector<DrawnObject> read_drawn_objects(const std::filesystem::path& file) {
  json all = json::parse(FileBytes(file).read_all(kMostBytes), nullptr, false);
  if (all.is_discarded())
    throw InputError(file.string(), "is no GeoJSON; export annotations from QuPath as GeoJSON, not compressed");
  if (all.is_object() && all.value("type", json()) == "Feature") all = json::array({std::move(all)});
  const json& features = all.is_object() && all.contains("features") ? all["features"] : all;
  if (!features.is_array())
    throw InputError(file.string(), "holds no list of objects; export a FeatureCollection from QuPath");
  std::vector<DrawnObject> objects;
  try {
    for (const json& feature : features)
      if (feature.is_object()) objects.push_back(object_from(feature));
  } catch (const std::exception& e) {
    throw InputError(file.string(), fmt::format("holds an object that is no GeoJSON ({})", e.what()));
  }
  return objects;
}

}  // namespace hexaplex
