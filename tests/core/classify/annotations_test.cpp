#include "core/classify/annotations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/runtime/error.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex {
namespace {

using test::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string feature(const std::string& kind, const std::string& geometry) {
  return R"({"type":"Feature","geometry":)" + geometry +
         R"(,"properties":{"objectType":"annotation","classification":)" +
         (kind.empty() ? "null" : R"({"name":")" + kind + R"(","color":[1,2,3]})") + "}}";
}

const std::string kPoint = R"({"type":"Point","coordinates":[12,10]})";
// A square with a hole.
const std::string kSquare =
    R"({"type":"Polygon","coordinates":[[[0,0],[40,0],[40,40],[0,40],[0,0]],[[20,20],[30,20],[30,30],[20,30],[20,20]]]})";

TEST(Annotations, AreReadAsQuPathWritesThem) {
  const TemporaryFolder folder;
  const std::string features = feature("T", kPoint) + "," + feature("", kPoint) + "," + feature("R", kSquare) + "," +
                               feature("R", R"({"type":"MultiPoint","coordinates":[[1,2],[3,4]]})") + "," +
                               feature("T", R"({"type":"LineString","coordinates":[[1,2],[3,4]]})");
  for (const std::string& text :
       {R"({"type":"FeatureCollection","features":[)" + features + "]}", "[" + features + "]"}) {
    const std::vector<Annotation> got = read_annotations(folder.write("a.geojson", text));
    ASSERT_EQ(got.size(), 3u) << "without a class, and lines, tell of no cell";
    EXPECT_EQ(got[0].kind, "T");
    EXPECT_EQ(got[0].points.size(), 1u);
    EXPECT_EQ(got[1].rings.size(), 2u);
    EXPECT_EQ(got[2].points[1].x, 3);
  }
}

TEST(Annotations, TellOfTheNucleiTheyMark) {
  const std::vector<std::string> kinds{"R", "T"};
  const std::vector<AnnotatedPlace> nuclei{{{10, 10}, 3}, {{25, 25}, 3}, {{50, 50}, 3}, {{5, 35}, 3}, {{60, 50}, 3}};
  const std::vector<Annotation> drawn{
      {"R", {}, {{{0, 0}, {40, 0}, {40, 40}, {0, 40}}, {{20, 20}, {30, 20}, {30, 30}, {20, 30}}}},
      {"T", {{52, 50}, {80, 80}}, {}}};
  EXPECT_THAT(annotated_kinds(nuclei, drawn, kinds, "a"), ElementsAre(0, -1, 1, 0, -1))
      << "the second lies in the hole, the last too far from the point";
}

TEST(Annotations, RefuseACellOfTwoKindsAndFilesThatAreNone) {
  const std::vector<std::string> kinds{"R", "T"};
  const std::vector<AnnotatedPlace> nuclei{{{10, 10}, 3}};
  const std::vector<Annotation> twice{{"R", {{10, 10}}, {}}, {"T", {{11, 10}}, {}}};
  EXPECT_THROW(annotated_kinds(nuclei, twice, kinds, "a.geojson"), InputError);
  const TemporaryFolder folder;
  for (const auto& [text, why] : std::vector<std::pair<std::string, std::string>>{
           {"not json", "is no GeoJSON"},
           {"{\"features\": 3}", "holds no list"},
           {"[" + feature("", kPoint) + "]", "holds no classified point or area"},
           {"[" + feature("T", R"({"type":"Point","coordinates":["x"]})") + "]",
            "holds an object that is no GeoJSON"}}) {
    try {
      read_annotations(folder.write("bad.geojson", text));
      FAIL() << text;
    } catch (const InputError& e) {
      EXPECT_THAT(e.what(), HasSubstr(why));
    }
  }
  EXPECT_THROW(read_annotations(folder.path() / "none.geojson"), InputError);
}

}  // namespace
}  // namespace hexaplex
