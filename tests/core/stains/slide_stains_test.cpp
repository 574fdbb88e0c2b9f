#include "core/stains/slide_stains.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/panel/load_panel.h"
#include "core/stains/known_stains.h"
#include "core/stains/vectors.h"
#include "kernels/runtime/error.h"
#include "tests/support/core/painted_stains.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using test::degrees_between;
using test::turned;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kDabFirst =
    "modality: brightfield\n"
    "channels: [{marker: CD34, stain: DAB, compartment: membrane}, {marker: nuclei, stain: haematoxylin, compartment: "
    "nucleus}]\n";

StainVector known(const char* name) {
  return unit(*known_stain(name));
}

class SlideStainsOf : public ::testing::Test {
 protected:
  std::unique_ptr<Slide> painted(const std::vector<StainVector>& stains, bool second_is_there = true) {
    const Extent extent{300, 200};
    return open({300, 200},
                test::painted_pixels({stains, second_is_there, 3}, static_cast<std::size_t>(extent.area())));
  }
  std::unique_ptr<Slide> open(Extent extent, const std::vector<test::Rgb8>& pixels, int bits = 8) {
    return open_slide(folder_.write("a.tif", test::rgb_tiff(extent, pixels, bits).bytes));
  }
  static SlideStains found(const Slide& slide, const std::string& panel) {
    return find_stains(CpuQueue{}, slide.info(), parse_panel(panel, "p.yaml"), 0);
  }
  static std::string refusal(const Slide& slide) {
    try {
      require_rgb(slide.info());
      return "none";
    } catch (const InputError& error) {
      return error.what();
    }
  }
  test::TemporaryFolder folder_;
};

TEST_F(SlideStainsOf, APanelThatEstimatesNothingAreWhatItGives) {
  const auto slide = painted({known("haematoxylin"), known("DAB")});
  const SlideStains s =
      found(*slide, kDabFirst + "stains: {vectors: {DAB: [0, 3, 4]}, estimate: off, white: [200, 210, 220]}");
  EXPECT_THAT(s.names, ElementsAre("DAB", "haematoxylin"));
  ASSERT_EQ(s.vectors.size(), 2u);
  EXPECT_EQ(s.vectors[0], (StainVector{0, 0.6000000000000001, 0.8}));
  EXPECT_EQ(s.vectors[1], known("haematoxylin"));
  EXPECT_EQ(s.white, (StainVector{200, 210, 220}));
  EXPECT_THAT(s.warnings, IsEmpty());
}

TEST_F(SlideStainsOf, OneWhiteIsThatOfAllThreeColours) {
  const auto slide = painted({known("haematoxylin"), known("DAB")});
  EXPECT_EQ(found(*slide, kDabFirst + "stains: {estimate: off, white: 231}").white, (StainVector{231, 231, 231}));
}

TEST_F(SlideStainsOf, ASlideLieInTheOrderOfThePanel) {
  const StainVector h = turned(known("haematoxylin"), 10, 90), dab = turned(known("DAB"), 10, 0);
  const auto slide = painted({h, dab});
  const SlideStains s = found(*slide, kDabFirst);
  ASSERT_EQ(s.vectors.size(), 2u);
  EXPECT_LT(degrees_between(s.vectors[0], dab), 5);
  EXPECT_LT(degrees_between(s.vectors[1], h), 5);
  for (const double w : s.white) EXPECT_NEAR(w, test::kPaintedWhite, 0.5);
  EXPECT_THAT(s.warnings, IsEmpty());
}

TEST_F(SlideStainsOf, ASlideWithFixedVectorsHaveItsWhite) {
  const auto slide = painted({known("haematoxylin"), known("DAB")});
  const SlideStains s = found(*slide, kDabFirst + "stains: {estimate: off}");
  EXPECT_EQ(s.vectors[0], known("DAB"));
  for (const double w : s.white) EXPECT_NEAR(w, test::kPaintedWhite, 0.5);
}

TEST_F(SlideStainsOf, AnyNumberOfThreadsAreTheSame) {
  const auto slide = painted({known("haematoxylin"), known("DAB")});
  const SlideStains expected = found(*slide, kDabFirst);
  testing::for_thread_counts([&] {
    const SlideStains s = found(*slide, kDabFirst);
    EXPECT_EQ(s.vectors, expected.vectors);
    EXPECT_EQ(s.white, expected.white);
  });
}

TEST_F(SlideStainsOf, ASlideWithoutDabSaySoAndKeepItsUsualColour) {
  const auto slide = painted({known("haematoxylin"), known("DAB")}, false);
  const SlideStains s = found(*slide, kDabFirst);
  EXPECT_EQ(s.vectors[0], known("DAB"));
  EXPECT_LT(degrees_between(s.vectors[1], known("haematoxylin")), 5);
  EXPECT_THAT(s.warnings, ElementsAre(HasSubstr("the slide shows no DAB")));
}

// A marker that was painted is found, and no warning says that there is little of it; at an eighth of its density there
// is.
TEST_F(SlideStainsOf, AFaintMarkerWarn) {
  const StainVector h = known("haematoxylin"), dab = known("DAB");
  for (const double strength : {1.0, 0.125}) {
    std::vector<test::Rgb8> pixels;
    for (int i = 0; i < 300 * 200; ++i) {
      // Glass, nuclei, and cytoplasm with more or less of the marker.
      const double blue = i % 3 == 0 ? 0 : i % 3 == 1 ? 0.6 : 0.05, brown = i % 3 == 2 ? strength * (i % 10) / 10.0 : 0;
      const auto level = [&](std::size_t b) {
        return static_cast<std::uint8_t>(std::lround(242 * std::pow(10, -blue * h[b] - brown * dab[b])));
      };
      pixels.push_back({level(0), level(1), level(2)});
    }
    const auto warnings = found(*open({300, 200}, pixels), kDabFirst).warnings;
    if (strength == 1) {
      EXPECT_THAT(warnings, IsEmpty());
    } else {
      EXPECT_THAT(warnings, ElementsAre(HasSubstr("the slide shows little DAB (0.0 % of what is stained has 0.3 OD")));
    }
  }
}

TEST_F(SlideStainsOf, AnEosinSlideUnderADabPanelWarn) {
  const auto slide = painted({known("haematoxylin"), {.07, .99, .11}});
  EXPECT_THAT(found(*slide, kDabFirst).warnings,
              ElementsAre(HasSubstr("what the panel calls DAB looks more like Giemsa eosin on this slide")));
}

TEST_F(SlideStainsOf, APanelWithAVectorThatTheSlideDoesNotShowWarn) {
  const auto slide = painted({known("haematoxylin"), known("DAB")});
  const SlideStains s = found(*slide, kDabFirst + "stains: {vectors: {DAB: [.05, .95, .3]}}");
  EXPECT_LT(degrees_between(s.vectors[0], known("DAB")), 5);
  EXPECT_THAT(s.warnings, ElementsAre(HasSubstr("is the panel's vector right?")));
}

TEST_F(SlideStainsOf, ThreeStainsUnderADabPanelWarn) {
  const auto slide = painted({known("haematoxylin"), known("eosin"), known("saffron")});
  EXPECT_THAT(found(*slide, kDabFirst).warnings, ::testing::Contains(HasSubstr("are not mixtures of two stains")));
}

TEST_F(SlideStainsOf, EmptyGlassAreTheUsualOnes) {
  const auto slide = open({20, 20}, std::vector<test::Rgb8>(400, {240, 240, 240}));
  const SlideStains s = found(*slide, kDabFirst);
  EXPECT_EQ(s.vectors[0], known("DAB"));
  EXPECT_EQ(s.vectors[1], known("haematoxylin"));
  EXPECT_EQ(s.white, (StainVector{240, 240, 240}));
  EXPECT_THAT(s.warnings, ElementsAre(HasSubstr("the slide shows no stain at all")));
}

TEST_F(SlideStainsOf, OneStainAreItsColour) {
  const StainVector methylene = turned(known("methylene blue"), 8, 200);
  const auto slide = painted({methylene});
  const SlideStains s =
      found(*slide, "modality: brightfield\nchannels: [{marker: n, stain: methylene blue, compartment: nucleus}]");
  ASSERT_EQ(s.vectors.size(), 1u);
  EXPECT_LT(degrees_between(s.vectors[0], methylene), 2);
  EXPECT_THAT(s.warnings, IsEmpty());
}

TEST_F(SlideStainsOf, ThreeStainsLieInTheOrderOfThePanel) {
  const auto slide = painted({known("haematoxylin"), known("eosin"), known("saffron")});
  const SlideStains s = found(*slide,
                              "modality: brightfield\nchannels: [{marker: f, stain: saffron}, {marker: n, stain: "
                              "haematoxylin, compartment: nucleus}, {marker: e, stain: eosin}]");
  EXPECT_THAT(s.warnings, IsEmpty());
  ASSERT_EQ(s.vectors.size(), 3u);
  EXPECT_LT(degrees_between(s.vectors[0], known("saffron")), 5);
  EXPECT_LT(degrees_between(s.vectors[1], known("haematoxylin")), 5);
  EXPECT_LT(degrees_between(s.vectors[2], known("eosin")), 5);
}

TEST_F(SlideStainsOf, OnlyPicturesOfEightBitsAreLookedFor) {
  const std::vector<test::Rgb8> pixels(4, {200, 100, 50});
  EXPECT_EQ(refusal(*open({2, 2}, pixels)), "none");
  EXPECT_THAT(refusal(*open({2, 2}, pixels, 16)), HasSubstr("stores its colours with more than 8 bits"));
  const auto grey = open_slide(folder_.write("grey.tif", test::build_tiff({test::grey_page(2, 1, {3, 4})}).bytes));
  EXPECT_THAT(refusal(*grey), HasSubstr("is no RGB picture but has 1 channel; a brightfield panel needs red, green"));
  EXPECT_THAT(refusal(*grey), HasSubstr("grey.tif"));
  EXPECT_THROW(found(*grey, kDabFirst), InputError);
}

}  // namespace
}  // namespace hexaplex
