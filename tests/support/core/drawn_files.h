#pragma once

#include <string>
#include <vector>

namespace hexaplex::test {

/// A rectangle's ring as GeoJSON, closed.
inline std::string ring_of(int x0, int y0, int x1, int y1) {
  const auto at = [](int x, int y) { return "[" + std::to_string(x) + "," + std::to_string(y) + "]"; };
  return "[" + at(x0, y0) + "," + at(x1, y0) + "," + at(x1, y1) + "," + at(x0, y1) + "," + at(x0, y0) + "]";
}

inline std::string polygon_of(const std::vector<std::string>& rings) {
  std::string text;
  for (const std::string& ring : rings) text += (text.empty() ? "" : ",") + ring;
  return R"({"type":"Polygon","coordinates":[)" + text + "]}";
}

/// An object as QuPath exports it. @param kind  its class; empty: none
inline std::string drawn_feature(const std::string& kind, const std::string& geometry,
                                 const std::string& type = "annotation") {
  return R"({"type":"Feature","id":"5f0b7e4e-0000-4000-8000-000000000000","geometry":)" + geometry +
         R"(,"properties":{"objectType":")" + type + "\"" +
         (kind.empty() ? "" : R"(,"classification":{"name":")" + kind + R"(","color":[1,2,3]})") + "}}";
}

inline std::string drawn_box(const std::string& kind, int x0, int y0, int x1, int y1) {
  return drawn_feature(kind, polygon_of({ring_of(x0, y0, x1, y1)}));
}

inline std::string drawing_of(const std::vector<std::string>& features) {
  std::string text;
  for (const std::string& feature : features) text += (text.empty() ? "" : ",") + feature;
  return R"({"type":"FeatureCollection","features":[)" + text + "]}";
}

}  // namespace hexaplex::test
