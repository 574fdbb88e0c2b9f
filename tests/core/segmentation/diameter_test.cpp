#include "core/segmentation/diameter.h"

#include <gtest/gtest.h>

#include "kernels/runtime/error.h"
#include "tests/support/core/painted_nuclei.h"
#include "tests/support/core/score_labels.h"
#include "tests/support/pixels.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using testing::paint_field;
using testing::PaintedNuclei;

double proposed(const HostPlane<float>& image, double um_per_px = 0.5, const DiameterSearch& search = {}) {
  CpuQueue q;
  SegmentationInput input;
  input.nuclear = image.view();
  CellParams p;
  p.um_per_px = um_per_px;
  return stable_diameter_um(q, input, p, search);
}

TEST(StableDiameter, FollowsTheSizeOfCrowdedNuclei) {
  // Smooth discs come out alike at many diameters, so the proposal leans towards the expected one; what counts is that
  // it grows with them and that the nuclei found with it are the painted ones.
  double last = 0;
  for (double diameter_um : {5.0, 6.0, 7.0, 10.0}) {
    const double diameter_px = diameter_um / 0.5;
    const PaintedNuclei field = paint_field({400, 400}, 0.9 * diameter_px, diameter_px / 2, 0.5, 1);
    const double got = proposed(field.image);
    EXPECT_GT(got, last) << diameter_um;
    EXPECT_NEAR(got, diameter_um, 0.3 * diameter_um);
    last = got;
    SegmentationInput input;
    input.nuclear = field.image.view();
    CellParams p;
    p.nucleus_um = got;
    CpuQueue q;
    EXPECT_GE(testing::score_labels(segment_cells(q, input, p).nucleus, field.truth).f1(), 0.9) << diameter_um;
  }
}

TEST(StableDiameter, IsARungsMiddle) {
  const PaintedNuclei field = paint_field({200, 200}, 14, 7, 0.5, 2);
  const double got = proposed(field.image);
  double nearest = 1e9, rung = 5.0;
  const DiameterSearch search;
  for (int k = 0; k < search.rungs; ++k, rung *= search.ratio) nearest = std::min(nearest, std::abs(got - rung));
  EXPECT_LT(nearest, 1e-9) << "two rungs apart, the middle is a rung";
}

TEST(StableDiameter, DoesNotDependOnThreadsOrTiles) {
  const PaintedNuclei field = paint_field({420, 230}, 14, 7, 0.8, 3);
  const double want = proposed(field.image);
  testing::for_thread_counts([&] { EXPECT_EQ(proposed(field.image), want); });
}

TEST(StableDiameter, IsTheExpectedOneWhereNothingIsFound) {
  EXPECT_EQ(proposed(HostPlane<float>({100, 100}, 0)), 7.5);
  EXPECT_EQ(proposed(HostPlane<float>({0, 0})), 7.5);
  EXPECT_EQ(proposed(HostPlane<float>({1, 1}, 5)), 7.5);
  DiameterSearch search;
  search.expected_um = 8.5;
  EXPECT_EQ(proposed(HostPlane<float>({100, 100}, 3), 0.5, search), 8.5);
}

// Rungs of fewer than 3 pixels a nucleus ended in an error about the panel's nucleus_um, which nobody had given.
TEST(StableDiameter, LeavesOutRungsThatThePixelsCannotShow) {
  const PaintedNuclei coarse = paint_field({200, 200}, 4, 2, 0.5, 4);
  EXPECT_GE(proposed(coarse.image, 2.0), 6.0);
  EXPECT_EQ(proposed(coarse.image, 5.0), 7.5);    // no rung is left
  EXPECT_EQ(proposed(coarse.image, 0.005), 7.5);  // 1000 pixels and more
}

TEST(StableDiameter, RejectsSearchesThatCompareNothing) {
  const HostPlane<float> image({70, 70}, 1);
  for (auto spoil : {+[](DiameterSearch& s) { s.apart = 0; }, +[](DiameterSearch& s) { s.rungs = 2; },
                     +[](DiameterSearch& s) { s.samples = 0; }, +[](DiameterSearch& s) { s.sample_px = 63; }}) {
    DiameterSearch search;
    spoil(search);
    EXPECT_THROW(proposed(image, 0.5, search), InvalidArgument);
  }
  EXPECT_THROW(proposed(image, 0), InvalidArgument);
}

}  // namespace
}  // namespace hexaplex
