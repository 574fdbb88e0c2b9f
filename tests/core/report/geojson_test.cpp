#include "core/report/geojson.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "core/report/tables.h"
#include "core/run/sha256.h"
#include "tests/support/core/sample_result.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex {
namespace {

using nlohmann::json;
using test::SampleResult;
using test::TemporaryFolder;

std::string written(const SlideResult& result) {
  const TemporaryFolder folder;
  OutputFile file(folder.path() / "cells.geojson.gz");
  write_geojson(CpuQueue{}, result, file);
  file.close();
  return hexaplex::test::bytes_of(folder.path() / "cells.geojson.gz");
}

// What QuPath 0.4 to 0.7 asks of a geometry: a polygon with closed rings inside the image.
void expect_polygon(const json& geometry, Extent extent, double area_px) {
  ASSERT_EQ(geometry.at("type"), "Polygon");
  ASSERT_GE(geometry.at("coordinates").size(), 1u);
  double area2 = 0;
  for (const json& ring : geometry.at("coordinates")) {
    ASSERT_GE(ring.size(), 5u);
    EXPECT_EQ(ring.front(), ring.back()) << "a ring must be closed";
    for (std::size_t i = 0; i + 1 < ring.size(); ++i) {
      ASSERT_EQ(ring[i].size(), 2u);
      const double x = ring[i][0], y = ring[i][1], u = ring[i + 1][0], v = ring[i + 1][1];
      EXPECT_TRUE(x >= 0 && y >= 0 && x <= extent.width && y <= extent.height);
      area2 += x * v - u * y;
    }
  }
  EXPECT_EQ(area2, 2 * area_px);
}

TEST(GeoJson, EveryRuleOfQuPath) {
  SampleResult sample;
  sample.result.phenotypes[0].name = "T \"cell\" <b> \\ \x01 \xff é";
  const CellTable& cells = sample.result.cells;
  const json document = json::parse(test::gunzip(written(sample.result)));
  ASSERT_EQ(document.at("type"), "FeatureCollection");
  const json& features = document.at("features");
  ASSERT_EQ(features.size(), cells.size());
  std::set<std::string> ids;
  const std::regex uuid5_form("[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  for (std::size_t i = 0; i < features.size(); ++i) {
    const json& f = features[i];
    EXPECT_EQ(f.at("type"), "Feature");
    EXPECT_TRUE(std::regex_match(f.at("id").get<std::string>(), uuid5_form)) << f.at("id");
    EXPECT_TRUE(ids.insert(f.at("id")).second) << "ids must differ";
    expect_polygon(f.at("geometry"), sample.result.extent, cells.cell[i].area_px);
    // The nucleus stands on the feature itself, and only where there is one.
    EXPECT_EQ(f.contains("nucleusGeometry"), cells.nucleus[i].area_px > 0);
    if (f.contains("nucleusGeometry"))
      expect_polygon(f.at("nucleusGeometry"), sample.result.extent, cells.nucleus[i].area_px);
    const json& properties = f.at("properties");
    EXPECT_EQ(properties.at("objectType"), "cell");
    const json& classification = properties.at("classification");
    EXPECT_TRUE(classification.at("name").is_string());
    ASSERT_EQ(classification.at("color").size(), 3u) << "a class without a colour throws on import";
    for (const json& c : classification.at("color")) EXPECT_TRUE(c.is_number_integer() && c >= 0 && c <= 255);
    for (const auto& [name, value] : properties.at("measurements").items()) {
      EXPECT_FALSE(name.empty());
      EXPECT_TRUE(value.is_number()) << name;
    }
    EXPECT_EQ(properties.at("measurements").at("CD3: Cell: Mean"),
              cells.values(1, Compartment::cell, Statistic::mean)[i]);
    EXPECT_EQ(properties.at("measurements").contains("CD3: Nucleus: Mean"), cells.nucleus[i].area_px > 0);
  }
  EXPECT_EQ(features[0]["properties"]["classification"]["name"], "T \"cell\" <b> \\ \x01 \xef\xbf\xbd é");
  EXPECT_EQ(features[0]["id"], uuid5(std::string(64, 'a') + "/1"));
}

TEST(GeoJson, GzipHasNoTimeAndOneMemberPerBlock) {
  const SampleResult sample({700, 600}, 12);  // 2,900 cells: 6 blocks, head and tail
  const std::string bytes = written(sample.result);
  EXPECT_EQ(bytes.substr(0, 4), std::string("\x1f\x8b\x08\x00", 4));
  EXPECT_EQ(bytes.substr(4, 4), std::string(4, '\0'));  // time
  EXPECT_EQ(json::parse(test::gunzip(bytes)).at("features").size(), sample.result.cells.size());
}

TEST(Uuid5, TheExampleOfTheStandard) {
  // RFC 9562, A.4: the DNS name www.example.com in the DNS namespace.
  const std::array<unsigned char, 16> dns{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1,
                                          0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
  EXPECT_EQ(uuid5(dns, "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  EXPECT_EQ(sha256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace hexaplex
