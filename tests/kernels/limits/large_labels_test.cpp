// Labels near 2^31 and up to the largest of 32 bits.
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "kernels/measure/label_runs.h"
#include "kernels/resample/enlarge_labels.h"
#include "kernels/segment/components.h"
#include "kernels/segment/expand.h"
#include "tests/support/pixels.h"

namespace hexaplex::testing {
namespace {

constexpr Extent kExtent{60, 40};
constexpr std::uint32_t kCells = 24;

// Squares with room between them, and pairs that touch; label `offset + k`, or `k` where the offset is 0.
HostPlane<std::uint32_t> squares(std::uint32_t offset) {
  HostPlane<std::uint32_t> labels(kExtent, 0u);
  for (std::uint32_t k = 0; k < kCells; ++k) {
    const int x0 = static_cast<int>(k % 6) * 10 + (k % 2 == 0 ? 4 : 0), y0 = static_cast<int>(k / 6) * 10 + 2;
    for (int y = y0; y < y0 + 6; ++y)
      for (int x = x0; x < x0 + 6; ++x) labels(x, y) = offset + k + 1;
  }
  return labels;
}

HostPlane<std::uint32_t> shifted(const HostPlane<std::uint32_t>& labels, std::uint32_t offset) {
  HostPlane<std::uint32_t> out = labels.copy();
  for (std::int64_t i = 0; i < out.extent().area(); ++i)
    if (out.data()[i] != 0) out.data()[i] += offset;
  return out;
}

class LargeLabels : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  CpuQueue q_;
};

TEST_P(LargeLabels, ExpandAsSmallOnesDo) {
  HostPlane<std::uint32_t> small(kExtent), large(kExtent);
  expand_labels(q_, squares(0).view(), small.view(), {4});
  expand_labels(q_, squares(GetParam()).view(), large.view(), {4});
  EXPECT_TRUE(same_pixels(shifted(small, GetParam()), large));
}

TEST_P(LargeLabels, EnlargeAsSmallOnesDo) {
  const Extent twice{2 * kExtent.width, 2 * kExtent.height};
  HostPlane<std::uint32_t> small(twice), large(twice);
  enlarge_labels(q_, squares(0).view(), small.view(), 2);
  enlarge_labels(q_, squares(GetParam()).view(), large.view(), 2);
  EXPECT_TRUE(same_pixels(shifted(small, GetParam()), large));
}

TEST_P(LargeLabels, HaveTheRunsAndComponentsOfSmallOnes) {
  const auto small = squares(0), large = squares(GetParam());
  const RegionRuns runs = label_runs(q_, small.view(), small.view()), far = label_runs(q_, large.view(), large.view());
  ASSERT_EQ(far.size(), kCells);
  EXPECT_EQ(runs.runs, far.runs);
  EXPECT_EQ(runs.first, far.first);
  for (std::size_t i = 0; i < far.size(); ++i) EXPECT_EQ(far.labels[i], GetParam() + runs.labels[i]);
  const Components a = label_components(q_, small.view()), b = label_components(q_, large.view());
  EXPECT_EQ(a.component, b.component);
  EXPECT_EQ(a.area_px, b.area_px);
  for (std::size_t i = 0; i < b.runs.size(); ++i) EXPECT_EQ(b.runs[i].value, GetParam() + a.runs[i].value);
}

INSTANTIATE_TEST_SUITE_P(Offsets, LargeLabels,
                         ::testing::Values(0x7fffffffu - kCells / 2, 0x80000000u, 0xffffffffu - kCells));

}  // namespace
}  // namespace hexaplex::testing
