// What must not matter for nuclei, or hardly: the orientation of the slide.
#include <gtest/gtest.h>

#include <cmath>

#include "core/segmentation/nuclei.h"
#include "core/segmentation/source.h"
#include "tests/support/core/painted_nuclei.h"
#include "tests/support/core/score_labels.h"

namespace hexaplex {
namespace {

using testing::Labels;

Labels found_on(const HostPlane<float>& image) {
  CpuQueue q;
  SegmentationInput input;
  input.nuclear = image.view();
  const NucleiSource source(q, input);
  return find_nuclei(q, source.images({0, 0, image.width(), image.height()}), {});
}

enum class Turn { kMirror, kUpsideDown, kTranspose, kQuarter };

/// Its own inverse, but for the quarter turn, which `backwards` undoes.
template <class T>
HostPlane<T> turned(const HostPlane<T>& src, Turn turn, bool backwards = false) {
  const int w = src.width(), h = src.height();
  const bool swaps = turn == Turn::kTranspose || turn == Turn::kQuarter;
  HostPlane<T> out(swaps ? Extent{h, w} : Extent{w, h});
  for (int y = 0; y < h; ++y)
    for (int x = 0; x < w; ++x) {
      switch (turn) {
        case Turn::kMirror:
          out(w - 1 - x, y) = src(x, y);
          break;
        case Turn::kUpsideDown:
          out(x, h - 1 - y) = src(x, y);
          break;
        case Turn::kTranspose:
          out(y, x) = src(x, y);
          break;
        case Turn::kQuarter:
          (backwards ? out(y, w - 1 - x) : out(h - 1 - y, x)) = src(x, y);
          break;
      }
    }
  return out;
}

TEST(FindNuclei, HardlyChangesUnderFlipsAndQuarterTurns) {
  // Ties are broken by position and the coarse grid starts at the first pixel, so not a byte may be promised; but
  // half a percent of the counts, and two thousandths of the pixels.
  for (const Extent e : {Extent{256, 256}, {301, 243}})
    for (unsigned seed : {1u, 2u}) {
      const auto field = testing::paint_field(e, 13, 7, 1, seed);
      const Labels want = found_on(field.image);
      for (const Turn turn : {Turn::kMirror, Turn::kUpsideDown, Turn::kTranspose, Turn::kQuarter}) {
        const Labels got = turned(found_on(turned(field.image, turn)), turn, true);
        ASSERT_TRUE(got.extent() == e);
        const auto score = testing::score_labels(got, want, 0.8);
        EXPECT_LE(std::abs(static_cast<double>(score.found - score.reference)),
                  0.005 * static_cast<double>(score.reference));
        EXPECT_GE(score.f1(), 0.99);
        std::int64_t other = 0;
        for (std::int64_t i = 0; i < e.area(); ++i) other += (got.data()[i] != 0) != (want.data()[i] != 0);
        EXPECT_LE(static_cast<double>(other), 0.002 * static_cast<double>(e.area()));
      }
    }
}

}  // namespace
}  // namespace hexaplex
