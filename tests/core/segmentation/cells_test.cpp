#include "core/segmentation/cells.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "core/segmentation/giants.h"
#include "kernels/runtime/error.h"
#include "kernels/segment/expand.h"
#include "tests/support/core/painted_nuclei.h"
#include "tests/support/core/score_labels.h"
#include "tests/support/pixels.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using testing::Labels;
using testing::paint_field;
using testing::PaintedNuclei;
using testing::same_pixels;
using testing::score_labels;

/// A field of nuclei with membranes around them, and a lobed giant in the middle, enclosed by its marker.
struct Tissue {
  PaintedNuclei nuclei;
  HostPlane<float> membrane, haze, marker;
  Labels giant;  ///< 1 where its nucleus is

  SegmentationInput input(bool with_membranes, bool with_marker) const {
    SegmentationInput in;
    in.nuclear = nuclei.image.view();
    if (with_membranes) in.membranes = {membrane.view(), haze.view()};
    if (with_marker) in.giant_marker = marker.view();
    return in;
  }
};

Tissue make_tissue(bool with_giant, unsigned seed) {
  const Extent e{330, 300};
  const double cx = 165, cy = 150;
  std::vector<testing::PaintedDisc> discs;
  if (with_giant)
    for (int k = 0; k < 5; ++k)  // lobes of 10 micrometres at 0.5 um per pixel
      discs.push_back({cx + 11 * std::cos(k * 1.2566), cy + 11 * std::sin(k * 1.2566), 11.5, 900});
  const PaintedNuclei around = paint_field(e, 19, 7, 0.5, seed);
  Tissue t{testing::paint(e, discs, seed), HostPlane<float>(e, 5), HostPlane<float>(e, 5), HostPlane<float>(e, 5),
           Labels(e, 0)};
  for (int y = 0; y < e.height; ++y)
    for (int x = 0; x < e.width; ++x) {
      t.giant(x, y) = t.nuclei.truth(x, y) != 0 ? 1 : 0;
      const double r = std::hypot(x - cx, y - cy);
      if (!with_giant || r > 44) {
        t.nuclei.truth(x, y) = around.truth(x, y) != 0 ? around.truth(x, y) + 100 : 0;
        if (t.nuclei.truth(x, y) != 0 || r > 50) t.nuclei.image(x, y) = around.image(x, y);
        const std::uint32_t here = around.truth(x, y);
        const bool border = here == 0 && x > 0 && y > 0 && (around.truth(x - 1, y) != 0 || around.truth(x, y - 1) != 0);
        if (border) t.membrane(x, y) = 800;
      } else if (r < 36 && t.giant(x, y) == 0) {
        t.marker(x, y) = 2000;
      }
      t.haze(x, y) += static_cast<float>((x * 7 + y * 13) % 31);
      t.marker(x, y) += static_cast<float>((x * 5 + y * 11) % 7);
    }
  return t;
}

LabelPair segmented(const SegmentationInput& input, const CellParams& p) {
  CpuQueue q;
  return segment_cells(q, input, p);
}

CellParams with_giants(int tile_px = 0) {
  CellParams p;
  p.giants.emplace();
  p.tile_px = tile_px;
  return p;
}

/// Labels 1 .. count in raster order of the nuclei, in both planes, nucleus inside cell.
void expect_consistent(const LabelPair& pair) {
  std::uint32_t last = 0;
  std::set<std::uint32_t> in_cells;
  for (int y = 0; y < pair.nucleus.height(); ++y)
    for (int x = 0; x < pair.nucleus.width(); ++x) {
      const std::uint32_t n = pair.nucleus(x, y), c = pair.cell(x, y);
      ASSERT_LE(n, last + 1) << "raster order";
      last = std::max(last, n);
      ASSERT_TRUE(n == 0 || n == c) << "a nucleus outside its cell at " << x << ", " << y;
      if (c != 0) in_cells.insert(c);
    }
  EXPECT_EQ(in_cells.size(), last);
  EXPECT_TRUE(in_cells.empty() || *in_cells.rbegin() == last);
}

TEST(SegmentCells, GrowsEveryNucleusByTheRim) {
  const PaintedNuclei field = paint_field({200, 160}, 20, 7, 0.5, 1);
  SegmentationInput input;
  input.nuclear = field.image.view();
  CpuQueue q;
  for (const std::optional<double> rim_um :
       {std::optional<double>(), std::optional<double>(0.0), std::optional<double>(2.5)}) {
    CellParams p;
    p.expansion_um = rim_um;
    const LabelPair pair = segmented(input, p);
    Labels want(field.image.extent());
    expand_labels(q, pair.nucleus.view(), want.view(), {rim_um.value_or(0.15 * 7) / 0.5});
    EXPECT_TRUE(same_pixels(want, pair.cell));
    expect_consistent(pair);
  }
}

TEST(SegmentCells, GivesTheSameCellsForAnyTileAndThreadCount) {
  const Tissue tissue = make_tissue(true, 2);
  const LabelPair want = segmented(tissue.input(true, true), with_giants());
  expect_consistent(want);
  testing::for_thread_counts([&] {
    for (int tile : {64, 100, 256}) {
      const LabelPair got = segmented(tissue.input(true, true), with_giants(tile));
      EXPECT_TRUE(same_pixels(want.nucleus, got.nucleus)) << "tiles of " << tile;
      EXPECT_TRUE(same_pixels(want.cell, got.cell)) << "tiles of " << tile;
    }
  });
}

TEST(SegmentCells, DoesNotDependOnTheOrderOfMembranes) {
  const Tissue tissue = make_tissue(false, 3);
  SegmentationInput input = tissue.input(true, false);
  const LabelPair want = segmented(input, {});
  std::swap(input.membranes[0], input.membranes[1]);
  EXPECT_TRUE(same_pixels(want.nucleus, segmented(input, {}).nucleus));
}

TEST(SegmentCells, CutsAlongMembranes) {
  // One bright bar that only a membrane across its middle divides.
  HostPlane<float> bar({60, 40}, 20), membrane({60, 40}, 1);
  for (int y = 14; y < 26; ++y)
    for (int x = 14; x < 46; ++x) bar(x, y) = 1000;
  for (int y = 8; y < 32; ++y)
    for (int x = 29; x < 31; ++x) membrane(x, y) = 500;
  SegmentationInput input;
  input.nuclear = bar.view();
  CellParams p;
  p.nucleus_um = 10;
  const auto count = [](const LabelPair& pair) { return testing::highest_label(pair.nucleus); };
  input.membranes = {membrane.view()};
  const std::uint32_t with = count(segmented(input, p));
  input.membranes = {};
  EXPECT_GE(with, count(segmented(input, p)));
  EXPECT_GE(with, 2u);
}

TEST(Giants, ComeOutWholeWhereTheMarkerEnclosesThem) {
  const Tissue tissue = make_tissue(true, 4);
  const auto best_on_giant = [&](const LabelPair& pair) { return score_labels(pair.nucleus, tissue.giant).matches; };
  EXPECT_EQ(best_on_giant(segmented(tissue.input(true, false), {})), 0) << "the ordinary recipe shatters it";
  const LabelPair pair = segmented(tissue.input(true, true), with_giants());
  EXPECT_EQ(best_on_giant(pair), 1);
  expect_consistent(pair);
  // Its cell reaches into the marker, further than the rim.
  const std::uint32_t label = pair.nucleus(165, 150) != 0 ? pair.nucleus(165, 150) : pair.nucleus(165, 140);
  ASSERT_NE(label, 0u);
  std::int64_t nucleus = 0, cell = 0;
  for (std::int64_t i = 0; i < tissue.giant.extent().area(); ++i)
    nucleus += pair.nucleus.data()[i] == label, cell += pair.cell.data()[i] == label;
  EXPECT_GT(static_cast<double>(cell), 1.5 * static_cast<double>(nucleus));
  // The others stay as good as they are without giants.
  Labels others = tissue.nuclei.truth.copy();
  for (std::int64_t i = 0; i < others.extent().area(); ++i)
    if (tissue.giant.data()[i] != 0) others.data()[i] = 0;
  EXPECT_GE(score_labels(pair.nucleus, others).matches,
            score_labels(segmented(tissue.input(true, false), {}).nucleus, others).matches);
}

TEST(Giants, KeepTheirLargerPartWhereANucleusCutsThem) {
  Labels nuclei({12, 8}, 0), giants({12, 8}, 0);
  for (int x = 0; x < 12; ++x)
    for (int y = 0; y < 3; ++y) giants(x, y) = 4;
  for (int y = 0; y < 8; ++y) nuclei(4, y) = 2;  // three of its eight pixels lie inside
  nuclei(8, 1) = 1;                              // a piece of the giant
  CpuQueue q;
  const std::uint32_t first = join_giants(q, nuclei.view(), giants.view(), 5);
  EXPECT_EQ(first, 3u);
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 12; ++x) EXPECT_EQ(nuclei(x, y), x == 4 ? 2u : y < 3 && x > 4 ? first : 0u) << x << ", " << y;
}

TEST(Giants, AreNoneWhereTheMarkerIsAbsent) {
  const Tissue tissue = make_tissue(false, 5);  // the marker plane holds noise alone
  const LabelPair without = segmented(tissue.input(true, false), {}),
                  with = segmented(tissue.input(true, true), with_giants());
  EXPECT_TRUE(same_pixels(without.nucleus, with.nucleus));
  EXPECT_TRUE(same_pixels(without.cell, with.cell));
  const HostPlane<float> dark(tissue.marker.extent(), 0);
  SegmentationInput input = tissue.input(true, false);
  input.giant_marker = dark.view();
  EXPECT_TRUE(same_pixels(without.cell, segmented(input, with_giants()).cell));
}

TEST(Giants, FollowTheLevelThatThePanelGives) {
  const Tissue tissue = make_tissue(true, 6);
  CellParams p = with_giants();
  p.giants->level = 1e6;  // nothing is positive
  EXPECT_TRUE(
      same_pixels(segmented(tissue.input(true, false), {}).nucleus, segmented(tissue.input(true, true), p).nucleus));
  p.giants->level = 500;
  EXPECT_EQ(score_labels(segmented(tissue.input(true, true), p).nucleus, tissue.giant).matches, 1);
}

TEST(SegmentCells, TakesImagesWithoutLightOrPixels) {
  for (const Extent e : {Extent{0, 0}, {0, 7}, {7, 0}, {1, 1}, {1, 40}, {40, 1}, {50, 50}}) {
    const HostPlane<float> dark(e, 0);
    SegmentationInput input;
    input.nuclear = dark.view();
    input.membranes = {dark.view()};
    input.giant_marker = dark.view();
    const LabelPair pair = segmented(input, with_giants());
    EXPECT_TRUE(pair.nucleus.extent() == e);
    EXPECT_EQ(testing::highest_label(pair.nucleus), 0u);
    EXPECT_EQ(testing::highest_label(pair.cell), 0u);
  }
}

TEST(SegmentCells, RejectsWhatItsContractExcludes) {
  const HostPlane<float> image({40, 30}, 1), other({30, 40}, 1);
  SegmentationInput input;
  input.nuclear = image.view();
  const auto rejects = [&](const CellParams& p) { EXPECT_THROW(segmented(input, p), InvalidArgument); };
  CellParams p;
  for (double um :
       {0.0, -0.5, 7.0, 0.01, std::numeric_limits<double>::quiet_NaN()}) {  // 7 um: one pixel a nucleus; 0.01: 700
    p = {};
    p.um_per_px = um;
    rejects(p);
    p = {};
    p.nucleus_um = um <= 0 || std::isnan(um) ? um : 1000.0;
    rejects(p);
  }
  for (double rim_um : {-1.0, 200.0}) {
    p = {};
    p.expansion_um = rim_um;
    rejects(p);
  }
  input.giant_marker = other.view();
  rejects(with_giants());
  input.giant_marker = {};
  input.membranes = {other.view()};
  rejects({});
}

}  // namespace
}  // namespace hexaplex
