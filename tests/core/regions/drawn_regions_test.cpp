#include "core/regions/drawn_regions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/runtime/error.h"
#include "tests/support/core/drawn_files.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Extent kSlide{100, 80};

class DrawnRegionsFile : public ::testing::Test {
 protected:
  DrawnRegions read(const std::vector<std::string>& features) const {
    return read_regions(folder_.write("a.geojson", drawing_of(features)), kSlide);
  }
  std::string refusal(const std::string& text) const {
    try {
      read_regions(folder_.write("a.geojson", text), kSlide);
    } catch (const InputError& e) {
      return e.what();
    }
    return "";
  }
  const TemporaryFolder folder_;
};

TEST_F(DrawnRegionsFile, NamesRegionsByClassAndTakesIgnoredAreasOut) {
  const DrawnRegions r =
      read({drawn_box("Spleen", 50, 0, 100, 80), drawn_box("Liver", 0, 0, 40, 40), drawn_box("Liver", 0, 60, 40, 80),
            drawn_box("", 45, 0, 48, 80), drawn_box("Region*", 48, 0, 50, 80), drawn_box("Ignore*", 10, 0, 60, 10),
            drawn_box("Fold*", 0, 70, 5, 80)});
  EXPECT_THAT(r.names, ElementsAre("Liver", "Region", "Spleen"));
  EXPECT_THAT(r.warnings, IsEmpty());
  EXPECT_TRUE(r.areas[0].contains({20, 20}));
  EXPECT_TRUE(r.areas[0].contains({20, 70})) << "two areas of one class are one region";
  EXPECT_FALSE(r.areas[0].contains({20, 50}));
  EXPECT_FALSE(r.areas[0].contains({20, 5})) << "ignored";
  EXPECT_FALSE(r.areas[0].contains({2, 75})) << "any class that ends in * is";
  EXPECT_TRUE(r.areas[1].contains({46, 50}));
  EXPECT_TRUE(r.areas[1].contains({49, 50})) << "Region* marks a region";
  EXPECT_TRUE(r.all.contains({49, 50}));
  EXPECT_FALSE(r.all.contains({55, 5}));
  EXPECT_FALSE(r.all.contains({42, 50}));
  EXPECT_THAT(r.areas[2].pixels(5, kSlide.width), ElementsAre(Span{60, 100}));
}

TEST_F(DrawnRegionsFile, HasAllButWhatIsIgnoredWhereNothingElseIsDrawn) {
  const DrawnRegions r = read({drawn_box("Ignore*", 10, 10, 20, 20)});
  EXPECT_THAT(r.names, ElementsAre("All but ignored"));
  EXPECT_THAT(r.areas[0].pixels(15, kSlide.width), ElementsAre(Span{0, 10}, Span{20, 100}));
  EXPECT_THAT(r.all.pixels(79, kSlide.width), ElementsAre(Span{0, 100}));
}

TEST_F(DrawnRegionsFile, ReadsHolesManyPolygonsDerivedClassesAndSingleFeatures) {
  const std::string many = R"({"type":"MultiPolygon","coordinates":[[)" + ring_of(0, 0, 30, 30) + "," +
                           ring_of(10, 10, 20, 20) + "],[" + ring_of(50, 50, 60, 60) + "]]}";
  const DrawnRegions r = read_regions(
      folder_.write("one.geojson", R"({"type":"Feature","geometry":)" + many +
                                       R"(,"properties":{"classification":{"names":["Kidney","Cortex"]}}})"),
      kSlide);
  EXPECT_THAT(r.names, ElementsAre("Kidney: Cortex"));
  EXPECT_FALSE(r.all.contains({15, 15}));
  EXPECT_TRUE(r.all.contains({5, 15}));
  EXPECT_TRUE(r.all.contains({55, 55}));
}

TEST_F(DrawnRegionsFile, SaysWhatItDidNotUseAndWhatLooksWrong) {
  const std::string point = R"({"type":"Point","coordinates":[3,3]})";
  const DrawnRegions r = read({drawn_box("A", 0, 0, 120, 40), drawn_feature("A", point),
                               drawn_feature("B", polygon_of({ring_of(0, 0, 9, 9)}), "cell")});
  EXPECT_THAT(r.names, ElementsAre("A"));
  EXPECT_THAT(r.warnings, ElementsAre(AllOf(HasSubstr("area of A"), HasSubstr("20 %")), HasSubstr("2 objects")));
}

// QuPath 0.2 told an object's type by its id.
TEST_F(DrawnRegionsFile, KnowsCellsOfOldFiles) {
  std::string old = drawn_box("B", 0, 0, 9, 9);
  old.replace(old.find("5f0b7e4e-0000-4000-8000-000000000000"), 36, "PathDetectionObject");
  old.replace(old.find("\"objectType\""), 12, "\"isLocked\"");
  EXPECT_THAT(read({drawn_box("A", 0, 0, 9, 9), old}).names, ElementsAre("A"));
}

TEST_F(DrawnRegionsFile, IsRefusedWithTheMend) {
  const std::string point = R"({"type":"Point","coordinates":[3,3]})";
  EXPECT_THAT(refusal(drawing_of({drawn_feature("A", point)})), AllOf(HasSubstr("no area"), HasSubstr("draw areas")));
  EXPECT_THAT(refusal(drawing_of({})), HasSubstr("no area"));
  EXPECT_THAT(refusal(drawing_of({drawn_box("A", 0, 0, 9, 9), drawn_box("B", 100, 0, 140, 40)})),
              AllOf(HasSubstr("area of B lies outside"), HasSubstr("100 x 80"), HasSubstr("another slide")));
  EXPECT_THAT(refusal(drawing_of({drawn_box("A;B", 0, 0, 9, 9)})), HasSubstr("semicolon"));
  EXPECT_THAT(refusal(drawing_of({drawn_feature("A", R"({"type":"Polygon","coordinates":[[[0,0],[2e9,0],[1,1]]]})")})),
              HasSubstr("coordinate"));
  EXPECT_THAT(refusal("{\"type\":"), HasSubstr("is no GeoJSON"));
  EXPECT_THROW(read_regions(folder_.path() / "none.geojson", kSlide), InputError);
}

TEST_F(DrawnRegionsFile, IsFoundInAFolderByTheSlidesName) {
  const auto file = folder_.write("s1.geojson", "x");
  EXPECT_EQ(regions_file(folder_.path(), "s1"), file);
  EXPECT_EQ(regions_file(file, "s2"), file);
  try {
    regions_file(folder_.path(), "s2");
    FAIL();
  } catch (const InputError& e) {
    EXPECT_THAT(e.what(), AllOf(HasSubstr("s2.geojson"), HasSubstr("export")));
  }
}

}  // namespace
}  // namespace hexaplex::test
