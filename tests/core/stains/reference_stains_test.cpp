// Vectors of one slide for another: of stains that were painted, so that what is right is known.
#include "core/stains/reference_stains.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

constexpr Extent kExtent{300, 200};
const StainVector kBlue = turned(unit(*known_stain("haematoxylin")), 10, 90);
const StainVector kBrown = turned(unit(*known_stain("DAB")), 10, 0);

Panel two_stains(const std::string& more = "") {
  return parse_panel(
      "modality: brightfield\n"
      "channels: [{marker: CD34, stain: DAB, compartment: membrane}, {marker: nuclei, stain: haematoxylin, "
      "compartment: nucleus}]\n" +
          more,
      "p.yaml");
}

class StainsByReference : public ::testing::Test {
 protected:
  SlideInfo section(const std::string& name, const test::PaintedSection& painted) {
    return picture(name, test::painted_pixels(painted, static_cast<std::size_t>(kExtent.area())));
  }
  SlideInfo picture(const std::string& name, const std::vector<test::Rgb8>& pixels) {
    return open_slide(folder_.write(name, test::rgb_tiff(kExtent, pixels).bytes))->info();
  }
  static SlideStains found(const SlideInfo& slide, const SlideInfo& reference, const Panel& panel = two_stains()) {
    return find_stains_by_reference(CpuQueue{}, slide, 0, reference, 0, panel);
  }
  static std::string refusal(const SlideInfo& slide, const SlideInfo& reference) {
    try {
      found(slide, reference);
      return "none";
    } catch (const InputError& e) {
      return e.what();
    }
  }
  const test::TemporaryFolder folder_;
  const SlideInfo strong_ = section("strong.tif", {{kBlue, kBrown}, true, 3});
};

TEST_F(StainsByReference, AreTheReferencesOnASlideThatShowsNoMarker) {
  const SlideStains s = found(section("faint.tif", {{kBlue, kBrown}, false, 4}), strong_);
  EXPECT_THAT(s.names, ElementsAre("DAB", "haematoxylin"));
  EXPECT_LT(degrees_between(s.vectors[0], kBrown), 5);
  EXPECT_LT(degrees_between(s.vectors[1], kBlue), 5);
  EXPECT_EQ(s.vectors, find_stains(CpuQueue{}, strong_, two_stains(), 0).vectors);
  EXPECT_EQ(s.reference, "strong.tif");
  EXPECT_THAT(s.warnings, IsEmpty());
}

TEST_F(StainsByReference, OfTheReferenceItselfAreItsOwn) {
  const SlideStains s = found(strong_, strong_), own = find_stains(CpuQueue{}, strong_, two_stains(), 0);
  EXPECT_EQ(s.vectors, own.vectors);
  EXPECT_EQ(s.white, own.white);
}

// A darker lamp changes a slide's white, and nothing about the vectors.
TEST_F(StainsByReference, LeaveEachSlideItsWhite) {
  std::vector<test::Rgb8> pixels =
      test::painted_pixels({{kBlue, kBrown}, true, 5}, static_cast<std::size_t>(kExtent.area()));
  for (test::Rgb8& p : pixels) {
    p.r = static_cast<std::uint8_t>(p.r * 0.9);
    p.b = static_cast<std::uint8_t>(p.b * 0.8);
  }
  const SlideInfo dark = picture("dark.tif", pixels);
  const SlideStains s = found(dark, strong_);
  EXPECT_NEAR(s.white[0], 0.9 * test::kPaintedWhite, 1.5);
  EXPECT_NEAR(s.white[1], test::kPaintedWhite, 1.5);
  EXPECT_NEAR(s.white[2], 0.8 * test::kPaintedWhite, 1.5);
  EXPECT_EQ(s.vectors, found(strong_, strong_).vectors);
  const SlideStains turned_round = found(strong_, dark);
  EXPECT_LT(degrees_between(turned_round.vectors[0], kBrown), 5) << "the dark slide's own white was not used";
  EXPECT_EQ(turned_round.white, found(strong_, strong_).white);
  EXPECT_EQ(found(dark, strong_, two_stains("stains: {white: 231}")).white, (StainVector{231, 231, 231}));
}

TEST_F(StainsByReference, DoNotHangOnThreads) {
  const SlideInfo slide = section("faint.tif", {{kBlue, kBrown}, false, 4});
  const SlideStains expected = found(slide, strong_);
  testing::for_thread_counts([&] {
    const SlideStains s = found(slide, strong_);
    EXPECT_EQ(s.vectors, expected.vectors);
    EXPECT_EQ(s.white, expected.white);
  });
}

TEST_F(StainsByReference, AreNotTakenFromASlideThatShowsNone) {
  const std::string absent = refusal(strong_, section("faint.tif", {{kBlue, kBrown}, false, 4}));
  EXPECT_THAT(absent, HasSubstr("faint.tif: the reference slide does not show DAB well enough"));
  EXPECT_THAT(absent, HasSubstr("name a slide in stains.reference on which all stains are strong"));
  const auto pixels = static_cast<std::size_t>(kExtent.area());
  EXPECT_THAT(refusal(strong_, picture("glass.tif", std::vector<test::Rgb8>(pixels, {240, 240, 240}))),
              HasSubstr("the slide shows no stain at all"));
  const auto grey = open_slide(folder_.write("grey.tif", test::build_tiff({test::grey_page(2, 1, {3, 4})}).bytes));
  EXPECT_THAT(refusal(strong_, grey->info()), HasSubstr("grey.tif: is no RGB picture"));
}

// Three stains under a panel of two: what the reference is warned of is said of it.
TEST_F(StainsByReference, PassOnWhatTheReferenceIsWarnedOf) {
  const SlideInfo three = section(
      "hes.tif",
      {{unit(*known_stain("haematoxylin")), unit(*known_stain("eosin")), unit(*known_stain("saffron"))}, true, 3});
  EXPECT_THAT(found(strong_, three).warnings,
              ::testing::Contains(HasSubstr("of the stain reference hes.tif: the colours of this slide")));
}

// A stain that nobody has published may be given as where the search on the reference begins.
TEST_F(StainsByReference, BeginWithAStainOfThePanelsOwn) {
  const Panel panel = parse_panel(
      "modality: brightfield\n"
      "channels: [{marker: nuclei, stain: haematoxylin, compartment: nucleus}, {marker: CD34, stain: Brown}]\n"
      "stains: {reference: strong.tif, vectors: {Brown: [.27, .57, .78]}}\n",
      folder_.path() / "p.yaml");
  EXPECT_EQ(panel.stains.reference, (folder_.path() / "strong.tif").string());
  EXPECT_LT(degrees_between(found(strong_, strong_, panel).vectors[1], kBrown), 5);
}

}  // namespace
}  // namespace hexaplex
