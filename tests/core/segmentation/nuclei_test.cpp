#include "core/segmentation/nuclei.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/segmentation/source.h"
#include "kernels/runtime/error.h"
#include "tests/support/core/painted_nuclei.h"
#include "tests/support/core/score_labels.h"
#include "tests/support/pixels.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using testing::is_canonical;
using testing::Labels;
using testing::paint;
using testing::paint_field;
using testing::PaintedNuclei;
using testing::same_pixels;
using testing::score_labels;

Labels found_on(const HostPlane<float>& image, const NucleiParams& p = {}) {
  CpuQueue q;
  SegmentationInput input;
  input.nuclear = image.view();
  const NucleiSource source(q, input);
  return find_nuclei(q, source.images({0, 0, image.width(), image.height()}), p);
}

NucleiParams at(double nucleus_px, int tile_px = 0) {
  NucleiParams p;
  p.nucleus_px = nucleus_px;
  p.tile_px = tile_px;
  return p;
}

TEST(FindNuclei, FindsPaintedDiscsThatStandApart) {
  const PaintedNuclei field = paint_field({320, 280}, 24, 7, 0.5, 1);
  const Labels found = found_on(field.image);
  const auto score = score_labels(found, field.truth, 0.7);
  EXPECT_EQ(score.found, field.count);
  EXPECT_EQ(score.matches, field.count);
}

TEST(FindNuclei, FindsPaintedDiscsThatTouch) {
  const PaintedNuclei field = paint_field({320, 280}, 14, 7, 0.4, 2);
  const auto score = score_labels(found_on(field.image), field.truth);
  EXPECT_NEAR(static_cast<double>(score.found), field.count, 0.05 * field.count);
  EXPECT_GE(score.f1(), 0.95);
}

TEST(FindNuclei, FindsDimNucleiBesideBrightOnes) {
  std::vector<testing::PaintedDisc> discs;
  for (int k = 0; k < 24; ++k)
    discs.push_back({20.0 + 26 * (k % 6), 20.0 + 26 * (k / 6), 7, k % 2 == 0 ? 4000.0 : 1000.0});
  const PaintedNuclei field = paint({170, 120}, discs);
  const auto score = score_labels(found_on(field.image), field.truth);
  EXPECT_EQ(score.found, 24);
  EXPECT_EQ(score.matches, 24);
}

TEST(FindNuclei, GivesTheSameLabelsForAnyTileAndThreadCount) {
  const PaintedNuclei field = paint_field({310, 275}, 13, 7, 1, 3);  // crowded and uneven: nuclei lie over every border
  const Labels want = found_on(field.image, at(14));
  EXPECT_GT(testing::highest_label(want), 300u);
  testing::for_thread_counts([&] {
    for (int tile : {0, 16, 64, 100, 256})
      EXPECT_TRUE(same_pixels(want, found_on(field.image, at(14, tile)))) << "tiles of " << tile;
  });
}

TEST(FindNuclei, GivesTheSameLabelsInTilesAtEveryDiameter) {
  const PaintedNuclei field = paint_field({200, 150}, 13, 6, 1, 4);
  for (double d : {3.0, 4.5, 7.7, 11.0, 20.0, 33.0, 80.0})
    EXPECT_TRUE(same_pixels(found_on(field.image, at(d)), found_on(field.image, at(d, 64)))) << d;
}

TEST(FindNuclei, NumbersOneObjectALabelInRasterOrder) {
  for (double pitch : {12.0, 14.0, 18.0}) {
    const PaintedNuclei field = paint_field({230, 190}, pitch, 7, 1, 5);
    EXPECT_TRUE(is_canonical(found_on(field.image)));
  }
}

TEST(FindNuclei, DoesNotChangeWithTheUnitOfTheImage) {
  const PaintedNuclei field = paint_field({160, 140}, 14, 7, 0.7, 6);
  const Labels want = found_on(field.image);
  for (float unit : {0.0009765625f, 8.0f, 1048576.0f}) {  // powers of two: exact in float
    HostPlane<float> scaled = field.image.copy();
    for (std::int64_t i = 0; i < scaled.extent().area(); ++i) scaled.data()[i] *= unit;
    EXPECT_TRUE(same_pixels(want, found_on(scaled))) << unit;
  }
}

TEST(FindNuclei, FindsNothingWhereNothingIs) {
  for (float value : {0.0f, 7.0f, -3.0f, 65535.0f, 3e38f})
    EXPECT_EQ(testing::highest_label(found_on(HostPlane<float>({90, 70}, value))), 0u) << value;
}

TEST(FindNuclei, TakesTinyAndNarrowImages) {
  for (const Extent e : testing::kEdgeShapes) {
    const PaintedNuclei field = paint(e, {{e.width / 2.0, e.height / 2.0, 3, 1000}});
    for (double d : {3.0, 14.0, 400.0}) {
      const Labels found = found_on(field.image, at(d));
      EXPECT_TRUE(is_canonical(found)) << e.width << " x " << e.height << ", " << d;
      EXPECT_TRUE(same_pixels(found, found_on(field.image, at(d, 16))));
    }
  }
  for (const Extent e : testing::kEmptyShapes) EXPECT_TRUE(found_on(HostPlane<float>(e)).extent() == e);
}

TEST(FindNuclei, LooksOnlyWhereItIsToldTo) {
  const PaintedNuclei field = paint_field({200, 150}, 24, 7, 0.3, 7);
  testing::Mask active(field.image.extent(), 0);
  for (int y = 0; y < 150; ++y)
    for (int x = 0; x < 100; ++x) active(x, y) = 1;
  NucleiParams p;
  p.active = active.view();
  const Labels half = found_on(field.image, p);
  EXPECT_GT(testing::highest_label(half), 10u);
  for (int y = 0; y < 150; ++y)
    for (int x = 100; x < 200; ++x) ASSERT_EQ(half(x, y), 0u);
  p.active = active.view().window({0, 0, 100, 150});
  EXPECT_THROW(found_on(field.image, p), InvalidArgument);
}

TEST(TrimNuclei, IsTheLastStepOfTheRecipe) {
  const PaintedNuclei field = paint_field({310, 275}, 13, 7, 1, 3);
  CpuQueue q;
  SegmentationInput input;
  input.nuclear = field.image.view();
  const NucleiSource source(q, input);
  const NucleiImages images = source.images({0, 0, 310, 275});
  const Labels want = find_nuclei(q, images, at(14));
  for (int tile : {0, 64, 100}) {
    NucleiParams p = at(14, tile);
    p.trim = false;
    Labels labels = find_nuclei(q, images, p);
    EXPECT_FALSE(same_pixels(want, labels)) << "untrimmed nuclei are wider";
    trim_nuclei(q, images, p, labels.view());
    EXPECT_TRUE(same_pixels(want, labels)) << tile;
  }
}

TEST(FindNuclei, WorksUpToTheLargestDiameter) {
  // Scales above 32 pixels were refused once, so nuclei of more than 150 pixels ended in an error.
  const PaintedNuclei field = paint_field({900, 800}, 260, 140, 0.3, 1);
  const auto score = score_labels(found_on(field.image, at(280)), field.truth);
  EXPECT_EQ(score.found, field.count);
  EXPECT_EQ(score.matches, field.count);
}

TEST(FindNuclei, RejectsDiametersAndTilesOutOfRange) {
  const HostPlane<float> image({64, 64}, 1);
  for (double d : {0.0, 2.99, 400.1, -7.0, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_THROW(found_on(image, at(d)), InvalidArgument) << d;
  for (int tile : {-1, 1, 15}) EXPECT_THROW(found_on(image, at(14, tile)), InvalidArgument) << tile;
}

TEST(ReferenceLevel, IsTheUpperQuantileOfTheChannel) {
  const auto level = [](const HostPlane<float>& channel) {
    CpuQueue q;
    Histogram16 keys = empty_histogram();
    add_to_histogram(q, channel.view(), keys);
    return reference_level(keys);
  };
  HostPlane<float> channel({100, 100}, 10);
  for (int i = 0; i < 100; ++i) channel.data()[i] = 1000;  // the upper 1 %
  EXPECT_NEAR(level(channel), 1000, 8);
  for (int i = 0; i < 60; ++i) channel.data()[i] = 10;  // the upper 0.4 %
  EXPECT_NEAR(level(channel), 10, 0.08);
  EXPECT_EQ(level(HostPlane<float>({9, 9}, 0)), 1e-9f);
  EXPECT_EQ(level(HostPlane<float>({9, 9}, -5)), 1e-9f);
}

TEST(NucleiSource, RejectsMembranesOfAnotherExtent) {
  CpuQueue q;
  const HostPlane<float> a({8, 6}, 1), b({6, 8}, 1);
  EXPECT_THROW(NucleiSource(q, {a.view(), {b.view()}, {}}), InvalidArgument);
}

}  // namespace
}  // namespace hexaplex
