#include "core/classify/annotations.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/io/file_bytes.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

using nlohmann::json;

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 28;

PlacePx place_from(const json& pair) {
  return {pair.at(0).get<double>(), pair.at(1).get<double>()};
}

std::vector<PlacePx> ring_from(const json& places) {
  std::vector<PlacePx> ring;
  for (const json& p : places) ring.push_back(place_from(p));
  return ring;
}

// Adds a geometry; false for one that marks no cells.
bool add_geometry(const json& geometry, Annotation& to) {
  const std::string type = geometry.value("type", "");
  if (!geometry.contains("coordinates")) return false;
  const json& at = geometry["coordinates"];
  if (type == "Point") {
    to.points.push_back(place_from(at));
  } else if (type == "MultiPoint") {
    for (const json& p : at) to.points.push_back(place_from(p));
  } else if (type == "Polygon") {
    for (const json& ring : at) to.rings.push_back(ring_from(ring));
  } else if (type == "MultiPolygon") {
    for (const json& polygon : at)
      for (const json& ring : polygon) to.rings.push_back(ring_from(ring));
  } else {
    return false;
  }
  return true;
}

std::string kind_of(const json& feature) {
  const auto properties = feature.find("properties");
  if (properties == feature.end() || !properties->is_object()) return "";
  const auto classification = properties->find("classification");
  if (classification == properties->end() || !classification->is_object()) return "";
  return classification->value("name", "");
}

// Even-odd rule over all rings.
bool is_inside(const std::vector<std::vector<PlacePx>>& rings, PlacePx p) {
  bool inside = false;
  for (const std::vector<PlacePx>& ring : rings)
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
      const PlacePx &a = ring[i], &b = ring[j];
      if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x) inside = !inside;
    }
  return inside;
}

double squared(PlacePx a, PlacePx b) {
  return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
}

}  // namespace

std::vector<Annotation> read_annotations(const std::filesystem::path& file) {
  const json all = json::parse(FileBytes(file).read_all(kMostBytes), nullptr, false);
  if (all.is_discarded())
    throw InputError(file.string(), "is no GeoJSON; export annotations from QuPath as GeoJSON, not compressed");
  const json& features = all.is_object() && all.contains("features") ? all["features"] : all;
  if (!features.is_array())
    throw InputError(file.string(), "holds no list of objects; export a FeatureCollection from QuPath");
  std::vector<Annotation> annotations;
  try {
    for (const json& feature : features) {
      Annotation one;
      one.kind = kind_of(feature);
      if (!one.kind.empty() && feature.contains("geometry") && add_geometry(feature["geometry"], one))
        annotations.push_back(std::move(one));
    }
  } catch (const json::exception& e) {
    throw InputError(file.string(), fmt::format("holds an object that is no GeoJSON ({})", e.what()));
  }
  if (annotations.empty())
    throw InputError(file.string(), "holds no classified point or area; give annotations a class in QuPath");
  return annotations;
}

std::vector<int> annotated_kinds(std::span<const AnnotatedPlace> nuclei, std::span<const Annotation> annotations,
                                 std::span<const std::string> kinds, const std::string& file) {
  std::vector<int> out(nuclei.size(), -1);
  const auto set = [&](std::size_t i, int kind) {
    if (out[i] >= 0 && out[i] != kind)
      throw InputError(
          file, fmt::format("calls the cell at ({:.0f}, {:.0f}) both {} and {}; take one out", nuclei[i].centre.x,
                            nuclei[i].centre.y, kinds[static_cast<std::size_t>(out[i])],
                            kinds[static_cast<std::size_t>(kind)]));
    out[i] = kind;
  };
  for (const Annotation& a : annotations) {
    const auto kind = static_cast<int>(std::find(kinds.begin(), kinds.end(), a.kind) - kinds.begin());
    HX_EXPECT(kind < static_cast<int>(kinds.size()), "a kind is not in the list");
    for (std::size_t i = 0; i < nuclei.size() && !a.rings.empty(); ++i)
      if (is_inside(a.rings, nuclei[i].centre)) set(i, kind);
    for (const PlacePx& p : a.points) {
      std::size_t nearest = nuclei.size();
      for (std::size_t i = 0; i < nuclei.size(); ++i)
        if (squared(nuclei[i].centre, p) <= 4 * nuclei[i].radius_px * nuclei[i].radius_px &&
            (nearest == nuclei.size() || squared(nuclei[i].centre, p) < squared(nuclei[nearest].centre, p)))
          nearest = i;
      if (nearest < nuclei.size()) set(nearest, kind);
    }
  }
  return out;
}

}  // namespace hexaplex
