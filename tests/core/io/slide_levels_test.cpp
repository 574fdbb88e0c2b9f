// Levels of a pyramid: what counts as one, and that each is read from its own pages.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/io/ome_tiff_writer.h"
#include "core/run/output_file.h"
#include "tests/support/core/slide_reading.h"
#include "tests/support/core/tiff_builder.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A page whose pixel at (x, y) is base + 10 y + x.
BuiltPage ramp(std::uint64_t base, std::uint32_t width, std::uint32_t height) {
  std::vector<std::uint64_t> pixels;
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) pixels.push_back(base + std::uint64_t{10} * y + x);
  }
  return grey_page(width, height, pixels);
}

std::string ome(int channels, int side) {
  return "<OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\"><Image ID=\"Image:0\"><Pixels ID=\"P:0\" "
         "DimensionOrder=\"XYCZT\" Type=\"uint8\" SizeX=\"" +
         std::to_string(side) + "\" SizeY=\"" + std::to_string(side) + "\" SizeC=\"" + std::to_string(channels) +
         "\" SizeZ=\"1\" SizeT=\"1\"><TiffData/></Pixels></Image></OME>";
}

std::string qpi(const std::string& image_type) {
  return "<PerkinElmer-QPI-ImageDescription><ImageType>" + image_type +
         "</ImageType></PerkinElmer-QPI-ImageDescription>";
}

BuiltPage qpi_page(BuiltPage page, const std::string& type) {
  page.set_text(270, qpi(type)).set_text(305, "PerkinElmer-QPI").set(254, type == "FullResolution" ? 0 : 1);
  return page;
}

std::vector<float> pixels_at(Slide& slide, int channel, int level) {
  const Extent e = slide.info().levels.at(static_cast<std::size_t>(level));
  HostPlane<float> plane(e);
  slide.read(channel, 0, {0, 0, e.width, e.height}, plane.view(), level);
  return std::vector<float>(plane.data(), plane.data() + e.area());
}

class Levels : public ::testing::Test {
 protected:
  std::unique_ptr<Slide> open(const std::vector<BuiltPage>& pages, bool big = false, bool big_endian = false) {
    return open_slide(folder_.write("a.tif", build_tiff(pages, big, big_endian).bytes));
  }
  TemporaryFolder folder_;
};

TEST_F(Levels, OfOmeTiffAreTheSubdirectoriesOfEachChannel) {
  std::vector<BuiltPage> pages{ramp(0, 8, 8), ramp(100, 8, 8)};
  pages[0].levels = {ramp(40, 4, 4), ramp(70, 2, 2)};
  pages[1].levels = {ramp(140, 4, 4), ramp(170, 2, 2)};
  pages[0].set_text(270, ome(2, 8));
  for (const bool big : {false, true}) {
    for (const bool big_endian : {false, true}) {
      const auto slide = open(pages, big, big_endian);
      EXPECT_THAT(slide->info().levels, ElementsAre(Extent{8, 8}, Extent{4, 4}, Extent{2, 2}));
      EXPECT_THAT(slide->info().warnings, IsEmpty());
      EXPECT_THAT(pixels_at(*slide, 0, 2), ElementsAre(70, 71, 80, 81));
      EXPECT_THAT(pixels_at(*slide, 1, 2), ElementsAre(170, 171, 180, 181));
      HostPlane<std::uint16_t> window({2, 1});
      slide->read(1, 0, {2, 3, 2, 1}, window.view(), 1);
      EXPECT_EQ(window(0, 0), 172);
      EXPECT_EQ(window(1, 0), 173);
      slide->read(1, 0, {2, 3, 2, 1}, window.view());
      EXPECT_EQ(window(0, 0), 132);
    }
  }
}

TEST_F(Levels, MustBeThereForEveryChannel) {
  std::vector<BuiltPage> pages{ramp(0, 8, 8), ramp(100, 8, 8)};
  pages[0].levels = {ramp(40, 4, 4), ramp(70, 2, 2)};
  pages[1].levels = {ramp(170, 2, 2)};
  pages[0].set_text(270, ome(2, 8));
  const auto slide = open(pages);
  EXPECT_THAT(slide->info().levels, ElementsAre(Extent{8, 8}, Extent{2, 2}));
  EXPECT_THAT(slide->info().warnings, ElementsAre(HasSubstr("4 x 4 pixels is not used: not every channel has it")));
  EXPECT_THAT(pixels_at(*slide, 0, 1), ElementsAre(70, 71, 80, 81));
}

TEST_F(Levels, AreSmallerCopiesOfTheSameKindThatCanBeDecoded) {
  const std::vector<std::uint64_t> grey(16, 1);
  BuiltPage strange = ramp(40, 4, 4);
  strange.set(259, 34712, 3);
  BuiltPage page = ramp(0, 8, 8);
  const auto warning = [&](const BuiltPage& level) {
    page.levels = {level};
    const auto slide = open({page});
    EXPECT_THAT(slide->info().levels, ElementsAre(Extent{8, 8}));
    return slide->info().warnings.size() == 1 ? slide->info().warnings.front() : "";
  };
  EXPECT_THAT(warning(ramp(0, 8, 8)), HasSubstr("not smaller"));
  EXPECT_THAT(warning(ramp(0, 9, 4)), HasSubstr("not smaller"));
  EXPECT_THAT(warning(ramp(0, 6, 2)), HasSubstr("proportions"));
  EXPECT_THAT(warning(grey_page(4, 4, grey, 16)), HasSubstr("another kind"));
  EXPECT_THAT(warning(strange), HasSubstr("JPEG 2000"));
}

TEST_F(Levels, MayRoundTheirSizesEitherWay) {
  BuiltPage page = ramp(0, 7, 13);
  page.levels = {ramp(0, 3, 7), ramp(0, 1, 3)};
  EXPECT_EQ(open({page})->info().levels.size(), 3u);
}

TEST_F(Levels, OfQptiffAreItsReducedPagesInTheOrderOfTheChannels) {
  BuiltPage thumbnail = ramp(0, 2, 2);
  const auto slide =
      open({qpi_page(ramp(0, 8, 8), "FullResolution"), qpi_page(ramp(100, 8, 8), "FullResolution"),
            qpi_page(thumbnail, "Thumbnail"), qpi_page(ramp(40, 4, 4), "ReducedResolution"),
            qpi_page(ramp(140, 4, 4), "ReducedResolution"), qpi_page(ramp(70, 2, 2), "ReducedResolution"),
            qpi_page(ramp(170, 2, 2), "ReducedResolution")},
           true);
  EXPECT_EQ(slide->info().format, "QPTIFF");
  EXPECT_THAT(slide->info().levels, ElementsAre(Extent{8, 8}, Extent{4, 4}, Extent{2, 2}));
  EXPECT_EQ(pixels_at(*slide, 0, 1).front(), 40);
  EXPECT_EQ(pixels_at(*slide, 1, 1).front(), 140);
  EXPECT_THAT(pixels_at(*slide, 1, 2), ElementsAre(170, 171, 180, 181));
}

TEST_F(Levels, OfQptiffThatLackAPageAreNotUsed) {
  const auto slide = open({qpi_page(ramp(0, 8, 8), "FullResolution"), qpi_page(ramp(100, 8, 8), "FullResolution"),
                           qpi_page(ramp(40, 4, 4), "ReducedResolution")});
  EXPECT_THAT(slide->info().levels, ElementsAre(Extent{8, 8}));
  EXPECT_THAT(slide->info().warnings, ElementsAre(HasSubstr("has 1 pages, full resolution has 2")));
}

TEST_F(Levels, OfOtherTiffsAreTheirReducedPages) {
  const auto slide = open({ramp(0, 8, 8), ramp(40, 4, 4).set(254, 1), ramp(70, 2, 2).set(254, 1)});
  EXPECT_THAT(slide->info().levels, ElementsAre(Extent{8, 8}, Extent{4, 4}, Extent{2, 2}));
  EXPECT_EQ(pixels_at(*slide, 0, 1).back(), 73);
}

TEST_F(Levels, WithoutEndAreNoPyramid) {
  std::vector<BuiltPage> pages{ramp(0, 100, 100)};
  for (std::uint32_t side = 10; side < 90; ++side)
    pages.push_back(grey_page(side, side, std::vector<std::uint64_t>(side * side, 1)).set(254, 1));
  const auto slide = open(pages);
  EXPECT_EQ(slide->info().levels.size(), 1u);
  EXPECT_THAT(slide->info().warnings, ElementsAre(HasSubstr("80 sizes")));
}

TEST_F(Levels, AreCheckedAsArguments) {
  BuiltPage page = ramp(0, 8, 8);
  page.levels = {ramp(40, 4, 4)};
  const auto slide = open({page});
  HostPlane<float> plane({5, 1});
  EXPECT_THROW(slide->read(0, 0, {0, 0, 5, 1}, plane.view(), 1), InvalidArgument);
  EXPECT_THROW(slide->read(0, 0, {0, 0, 5, 1}, plane.view(), 2), InvalidArgument);
  EXPECT_THROW(slide->read(0, 0, {0, 0, 5, 1}, plane.view(), -1), InvalidArgument);
  EXPECT_NO_THROW(slide->read(0, 0, {0, 0, 5, 1}, plane.view(), 0));
}

TEST_F(Levels, NameThePageAndTheLevelOfANumberThatIsNotFinite) {
  const std::uint64_t one = 0x3F800000u, nan = 0x7FC00000u;
  BuiltPage page = grey_page(2, 2, {one, one, one, one}, 32).set(339, 3, 3);
  page.levels = {grey_page(1, 1, {nan}, 32).set(339, 3, 3)};
  const auto slide = open({page});
  HostPlane<float> plane({1, 1});
  try {
    slide->read(0, 0, {0, 0, 1, 1}, plane.view(), 1);
    FAIL() << "no error";
  } catch (const InputError& e) {
    EXPECT_THAT(e.what(), HasSubstr("at x 0, y 0 of level 1"));
  }
}

TEST_F(Levels, OfOurOwnPyramidsHoldEverySecondPixel) {
  const Extent extent{1203, 701};
  HostPlane<std::uint32_t> nucleus(extent), cell(extent);
  for (int y = 0; y < extent.height; ++y) {
    for (int x = 0; x < extent.width; ++x) {
      nucleus(x, y) = static_cast<std::uint32_t>(y * 2000 + x);
      cell(x, y) = nucleus(x, y) + 7;
    }
  }
  const std::vector<OmeChannel<std::uint32_t>> channels{{"nucleus", nucleus.view()}, {"cell", cell.view()}};
  const auto path = folder_.path() / "labels.ome.tif";
  OutputFile file(path);
  write_ome_tiff(CpuQueue{1}, file, channels, {"labels", 0.5, "Hexaplex"});
  file.close();
  const auto slide = open_slide(path);
  ASSERT_THAT(slide->info().levels, ElementsAre(extent, Extent{602, 351}, Extent{301, 176}));
  for (const int level : {0, 1, 2}) {
    const auto pixels = pixels_at(*slide, 1, level);
    const Extent e = slide->info().levels[static_cast<std::size_t>(level)];
    for (int y = 0; y < e.height; ++y) {
      for (int x = 0; x < e.width; ++x)
        ASSERT_EQ(pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(e.width) + static_cast<std::size_t>(x)],
                  static_cast<float>(cell(x << level, y << level)));
    }
  }
}

}  // namespace
}  // namespace hexaplex::test
