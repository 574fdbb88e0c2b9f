#include "core/stains/colour_table.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/core/painted_stains.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using test::Rgb8;

void expect_same(const std::vector<Colour>& found, const std::vector<Colour>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].pixels, expected[i].pixels) << i;
    EXPECT_EQ(found[i].mean, expected[i].mean) << i;
  }
}

TEST(Colours, OfThreePixelsByHand) {
  const test::TemporaryFolder folder;
  const auto slide =
      open_slide(folder.write("a.tif", test::rgb_tiff({3, 1}, {{8, 16, 255}, {15, 23, 248}, {16, 16, 255}}).bytes));
  expect_same(survey_colours(CpuQueue{}, slide->info(), 0), {{2, {11.5, 19.5, 251.5}}, {1, {16, 16, 255}}});
}

TEST(Colours, AreCountedExactlyWithAnyNumberOfThreads) {
  // More than one window each way, the last ones cut.
  const Extent extent{1100, 530};
  std::vector<Rgb8> pixels;
  std::mt19937 random(1);
  for (std::int64_t i = 0; i < extent.area(); ++i) {
    const auto v = random();
    pixels.push_back({static_cast<std::uint8_t>(v % 200), static_cast<std::uint8_t>(v >> 8 & 255),
                      static_cast<std::uint8_t>(100 + (v >> 16) % 40)});
  }
  const test::TemporaryFolder folder;
  const auto slide = open_slide(folder.write("a.tif", test::rgb_tiff(extent, pixels).bytes));
  const std::vector<Colour> expected = test::colours_of(pixels);
  testing::for_thread_counts([&] { expect_same(survey_colours(CpuQueue{}, slide->info(), 0), expected); });
}

TEST(WhitePoint, IsGlassNotTheRareGlareAbove) {
  EXPECT_EQ(white_point({{5000, {200, 150, 190}}, {1000, {240, 241, 239}}, {5, {254, 254, 254}}}),
            (StainVector{240, 241, 239}));
}

TEST(WhitePoint, IsGlassNotTheFrequentGlareALittleAbove) {
  EXPECT_EQ(white_point({{5000, {200, 150, 190}}, {1000, {240, 240, 240}}, {60, {249, 249, 249}}}),
            (StainVector{240, 240, 240}));
}

TEST(WhitePoint, IsTheMeanOfGlassThatSeveralColoursShare) {
  EXPECT_EQ(white_point({{5000, {200, 150, 190}}, {300, {247, 246, 245}}, {100, {251, 246, 245}}}),
            (StainVector{248, 246, 245}));
}

TEST(WhitePoint, IsNotPaleTissueThoughThatIsMore) {
  EXPECT_EQ(white_point({{9000, {225, 205, 225}}, {100, {240, 240, 240}}}), (StainVector{240, 240, 240}));
}

TEST(WhitePoint, WithoutGlassIsTheBrightestThatIsFrequent) {
  EXPECT_EQ(white_point({{5000, {120, 80, 150}}, {2000, {200, 150, 190}}, {3, {230, 230, 230}}}),
            (StainVector{200, 150, 190}));
}

TEST(WhitePoint, OfOneColourIsThatColour) {
  EXPECT_EQ(white_point({{1, {12, 34, 56}}}), (StainVector{12, 34, 56}));
  EXPECT_EQ(white_point({{7, {255, 255, 255}}}), (StainVector{255, 255, 255}));
  EXPECT_EQ(white_point({{7, {0, 0, 0}}}), (StainVector{1, 1, 1})) << "a white has a logarithm";
}

TEST(WhitePoint, OfPaintedGlassIsThatGlass) {
  const StainVector white = white_point(test::colours_of(test::painted_pixels({{{.65, .70, .29}, {.27, .57, .78}}})));
  for (const double w : white) EXPECT_NEAR(w, test::kPaintedWhite, 0.5);
}

}  // namespace
}  // namespace hexaplex
