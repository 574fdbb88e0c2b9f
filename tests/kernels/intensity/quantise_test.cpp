#include "kernels/intensity/quantise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/runtime/error.h"
#include "tests/support/pixels.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using testing::Framed;
using testing::random_plane;
using testing::same_pixels;
using Pixels = HostPlane<std::uint16_t>;

HostPlane<float> row_of(const std::vector<float>& values) {
  HostPlane<float> out({static_cast<int>(values.size()), 1});
  std::copy(values.begin(), values.end(), out.data());
  return out;
}

TEST(Quantise, RoundsHalvesUpAndClampsAsComputedByHand) {
  const auto src = row_of({-5, -0.25f, 0, 0.24f, 0.25f, 1.75f, 100, 32767.5f, 32768, 1e30f});
  Pixels dst(src.extent());
  CpuQueue q;
  quantise(q, src.view(), dst.view(), 2);
  const std::vector<int> want{0, 0, 0, 0, 1, 4, 200, 65535, 65535, 65535};
  for (std::size_t i = 0; i < want.size(); ++i) EXPECT_EQ(dst(static_cast<int>(i), 0), want[i]) << i;
}

TEST(Quantise, SumsChannelsInAnyOrderAndSaturates) {
  const auto a = row_of({1, 2.5f, 40000, 65535}), b = row_of({0.4f, 0.5f, 30000, 1});
  Pixels ab(a.extent()), ba(a.extent());
  CpuQueue q;
  quantise(q, a.view(), ab.view(), 1);
  add_quantised(q, b.view(), ab.view(), 1);
  quantise(q, b.view(), ba.view(), 1);
  add_quantised(q, a.view(), ba.view(), 1);
  EXPECT_TRUE(same_pixels(ab, ba));
  const int want[] = {1, 4, 65535, 65535};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(ab(i, 0), want[i]);
}

TEST(Quantise, KeepsToItsWindowOnAnyShapeAndThreadCount) {
  for (const Extent e : testing::kEdgeShapes) {
    HostPlane<float> src(e);
    const auto noise = random_plane<std::uint16_t>(e, 1);
    Pixels want(e);
    for (std::int64_t i = 0; i < e.area(); ++i) {
      src.data()[i] = static_cast<float>(noise.data()[i]) / 8 - 100;
      want.data()[i] = static_cast<std::uint16_t>(std::max(0.0, std::floor(src.data()[i] * 4.0 + 0.5)));
    }
    testing::for_thread_counts([&] {
      Framed<float> in(src);
      Framed<std::uint16_t> out(Pixels(e, 1));
      CpuQueue q;
      quantise(q, in.view(), out.view(), 4);
      EXPECT_TRUE(same_pixels(want, out.pixels()));
      EXPECT_TRUE(out.surroundings_untouched());
    });
  }
}

TEST(ApplyTable, LooksUpEveryValueInPlaceToo) {
  Table16 table(65536);
  for (int v = 0; v < 65536; ++v) table[v] = static_cast<std::uint16_t>(65535 - v);
  const auto src = random_plane<std::uint16_t>({61, 43}, 2);
  Pixels want(src.extent()), dst(src.extent()), place = src.copy();
  for (std::int64_t i = 0; i < src.extent().area(); ++i)
    want.data()[i] = static_cast<std::uint16_t>(65535 - src.data()[i]);
  CpuQueue q;
  apply_table(q, src.view(), dst.view(), table);
  apply_table(q, place.view(), place.view(), table);
  EXPECT_TRUE(same_pixels(want, dst));
  EXPECT_TRUE(same_pixels(want, place));
}

TEST(LogTable, FollowsTheLogarithm) {
  for (double soft : {0.05, 0.2, 1.0}) {
    const Table16 table = log_table(soft);
    ASSERT_EQ(table.size(), 65536u);
    for (int v = 0; v < 65536; ++v) {
      const double want = (std::log(v / 32767.5 + soft) + 3) * 16384;
      ASSERT_NEAR(table[v], std::min(want, 65535.0), 0.5001) << v;
      ASSERT_GE(table[v], table[std::max(v - 1, 0)]) << v;
    }
  }
  EXPECT_EQ(log_table(0.05)[0], 70);         // (ln 0.05 + 3) 2^14 = 70.02
  EXPECT_EQ(log_table(0.05)[65535], 60913);  // (ln 2.05 + 3) 2^14 = 60912.9
}

TEST(AddSaturating, AddsUpToTheLargestValue) {
  CpuQueue q;
  Pixels a({3, 1}), b({3, 1});
  const std::uint16_t left[] = {1, 65535, 40000}, right[] = {2, 65535, 25535};
  std::copy(left, left + 3, a.data());
  std::copy(right, right + 3, b.data());
  add_saturating(q, a.view(), b.view());
  EXPECT_EQ(b(0, 0), 3);
  EXPECT_EQ(b(1, 0), 65535);
  EXPECT_EQ(b(2, 0), 65535);
  Pixels other({1, 3});
  EXPECT_THROW(add_saturating(q, a.view(), other.view()), InvalidArgument);
}

TEST(Quantise, TakesEmptyPlanes) {
  CpuQueue q;
  for (const Extent e : testing::kEmptyShapes) {
    const Plane<float> f{nullptr, e, e.width};
    const Plane<std::uint16_t> u{nullptr, e, e.width};
    EXPECT_NO_THROW(quantise(q, f, u, 1));
    EXPECT_NO_THROW(add_quantised(q, f, u, 1));
    EXPECT_NO_THROW(add_saturating(q, u, u));
    EXPECT_NO_THROW(apply_table(q, u, u, Table16(65536)));
  }
}

TEST(Quantise, RejectsWhatItsContractExcludes) {
  CpuQueue q;
  HostPlane<float> src({4, 3}, 1);
  Pixels dst({4, 3}), other({3, 4});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (float scale : {0.0f, -1.0f, nan}) {
    EXPECT_THROW(quantise(q, src.view(), dst.view(), scale), InvalidArgument);
    EXPECT_THROW(add_quantised(q, src.view(), dst.view(), scale), InvalidArgument);
  }
  EXPECT_THROW(quantise(q, src.view(), other.view(), 1), InvalidArgument);
  EXPECT_THROW(add_quantised(q, src.view(), other.view(), 1), InvalidArgument);
  EXPECT_THROW(apply_table(q, dst.view(), other.view(), Table16(65536)), InvalidArgument);
  EXPECT_THROW(apply_table(q, dst.view(), dst.view(), Table16(256)), InvalidArgument);
  for (double soft : {0.0, 0.049, 1.01, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_THROW(log_table(soft), InvalidArgument) << soft;
}

}  // namespace
}  // namespace hexaplex
