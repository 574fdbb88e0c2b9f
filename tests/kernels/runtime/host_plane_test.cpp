#include "kernels/runtime/host_plane.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace hexaplex {
namespace {

TEST(HostPlane, IsAlignedAndPacked) {
  for (int width : {1, 3, 64, 1001}) {
    HostPlane<std::uint16_t> plane({width, 5}, 7);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(plane.data()) % 64, 0u);
    EXPECT_EQ(plane.view().pitch, width);
    EXPECT_EQ(plane.bytes(), 10u * width);
    EXPECT_EQ(plane(width - 1, 4), 7);
  }
}

TEST(HostPlane, CopiesAndMoves) {
  HostPlane<int> a({4, 3}, 1);
  HostPlane<int> b = a.copy();
  b(0, 0) = 2;
  EXPECT_EQ(a(0, 0), 1);
  const int* kept = b.data();
  const HostPlane<int> c = std::move(b);
  EXPECT_EQ(c.data(), kept);
  EXPECT_EQ(c(0, 0), 2);
}

TEST(HostPlane, HoldsNothingWhenEmpty) {
  const HostPlane<int> none, flat({0, 5}), empty_copy = flat.copy();
  EXPECT_EQ(none.data(), nullptr);
  EXPECT_EQ(flat.data(), nullptr);
  EXPECT_EQ(flat.extent(), (Extent{0, 5}));
  EXPECT_EQ(empty_copy.bytes(), 0u);
}

TEST(HostPlane, RefusesWhatCannotBe) {
  EXPECT_THROW(HostPlane<int>({-1, 5}), InvalidArgument);
  EXPECT_THROW(HostPlane<int>({5, -1}), InvalidArgument);
  constexpr int side = std::numeric_limits<int>::max();
  try {
    HostPlane<int> all({side, side});
    FAIL();
  } catch (const OutOfMemory& e) {
    EXPECT_EQ(e.bytes_asked(), std::size_t{side} * side * sizeof(int));
  }
  EXPECT_THROW(HostPlane<double>({side, side}), OutOfMemory) << "more bytes than 64 bits count";
}

}  // namespace
}  // namespace hexaplex
