#include "kernels/runtime/plane.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace hexaplex {
namespace {

TEST(Plane, WalksRowsByPitch) {
  std::uint16_t pixels[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  const Plane<std::uint16_t> plane{pixels, {3, 3}, 4};
  EXPECT_EQ(plane(2, 1), 6);
  EXPECT_EQ(plane.row(2), pixels + 8);
  const Plane<const std::uint16_t> window = plane.window({1, 1, 2, 2});
  EXPECT_EQ(window(1, 1), 10);
  EXPECT_EQ(window.extent, (Extent{2, 2}));
}

TEST(Plane, CountsPixelsIn64Bits) {
  EXPECT_EQ((Extent{100000, 100000}).area(), 10000000000);
  std::uint16_t one = 0;
  const Plane<std::uint16_t> slide{&one, {100000, 100000}, 100000};
  const auto distance = reinterpret_cast<std::uintptr_t>(slide.row(99999)) - reinterpret_cast<std::uintptr_t>(&one);
  EXPECT_EQ(distance, 99999ull * 100000 * 2);
}

TEST(Plane, KnowsASoundView) {
  int pixels[6];
  EXPECT_TRUE(is_sound(Plane<int>{pixels, {3, 2}, 3}));
  EXPECT_TRUE(is_sound(Plane<int>{nullptr, {0, 2}, 0}));
  EXPECT_FALSE(is_sound(Plane<int>{nullptr, {3, 2}, 3}));
  EXPECT_FALSE(is_sound(Plane<int>{pixels, {3, 2}, 2}));
  EXPECT_FALSE(is_sound(Plane<int>{pixels, {-3, 2}, 3}));
}

TEST(Plane, KnowsSharedMemory) {
  int pixels[12];
  const Plane<int> top{pixels, {3, 2}, 3}, bottom{pixels + 6, {3, 2}, 3}, middle{pixels + 3, {3, 2}, 3};
  EXPECT_FALSE(share_memory(top, bottom));
  EXPECT_TRUE(share_memory(top, middle));
  EXPECT_TRUE(share_memory(middle, bottom));
  EXPECT_TRUE(share_memory(top, top));
  EXPECT_FALSE(share_memory(top, Plane<int>{pixels, {0, 2}, 3}));
}

}  // namespace
}  // namespace hexaplex
