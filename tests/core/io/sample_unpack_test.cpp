#include "core/io/sample_unpack.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

namespace hexaplex {
namespace {

std::vector<float> unpack(const std::vector<std::uint8_t>& bytes, std::uint32_t bits, std::uint32_t format,
                          std::size_t count, std::uint32_t samples = 1, std::uint32_t sample = 0,
                          std::size_t first = 0) {
  std::vector<float> out(count);
  unpack_samples(PackedRow{bytes.data(), bits, format, samples, sample}, first, count, out.data());
  return out;
}

TEST(SampleUnpack, TakesOddWidthsFromTheHighestBit) {
  EXPECT_EQ(unpack({0b10110001}, 1, tiff::kUint, 8), (std::vector<float>{1, 0, 1, 1, 0, 0, 0, 1}));
  EXPECT_EQ(unpack({0b10110001}, 2, tiff::kUint, 4), (std::vector<float>{2, 3, 0, 1}));
  EXPECT_EQ(unpack({0xA5}, 4, tiff::kUint, 2), (std::vector<float>{10, 5}));
  EXPECT_EQ(unpack({0b10111000, 0b11000000}, 5, tiff::kUint, 2), (std::vector<float>{0b10111, 0b00011}));
  EXPECT_EQ(unpack({0xAB, 0xCD, 0xEF}, 12, tiff::kUint, 2), (std::vector<float>{0xABC, 0xDEF}));
  EXPECT_EQ(unpack({0xFF, 0xC0, 0x10}, 10, tiff::kUint, 2), (std::vector<float>{1023, 1}));
  EXPECT_EQ(unpack({0xAB, 0xCD, 0xEF}, 12, tiff::kUint, 1, 1, 0, 1), (std::vector<float>{0xDEF}));
}

TEST(SampleUnpack, PicksOneSampleOfSeveral) {
  EXPECT_EQ(unpack({1, 2, 3, 4, 5, 6}, 8, tiff::kUint, 2, 3, 1), (std::vector<float>{2, 5}));
  EXPECT_EQ(unpack({0x12, 0x34, 0x56}, 4, tiff::kUint, 2, 3, 2), (std::vector<float>{3, 6}));
}

TEST(SampleUnpack, KeepsSigns) {
  EXPECT_EQ(unpack({0xFF, 0x80}, 8, tiff::kInt, 2), (std::vector<float>{-1, -128}));
  EXPECT_EQ(unpack({0xFE, 0xFF}, 16, tiff::kInt, 1), (std::vector<float>{-2}));
  EXPECT_EQ(unpack({0xFD, 0xFF, 0xFF, 0xFF}, 32, tiff::kInt, 1), (std::vector<float>{-3}));
}

TEST(SampleUnpack, ReadsTriples) {
  EXPECT_EQ(unpack({3, 2, 1}, 24, tiff::kUint, 1), (std::vector<float>{66051}));
}

TEST(SampleUnpack, WidensHalfFloatsExactly) {
  const auto half = [](std::uint16_t h) {
    return unpack({static_cast<std::uint8_t>(h), static_cast<std::uint8_t>(h >> 8)}, 16, tiff::kFloat, 1)[0];
  };
  EXPECT_EQ(half(0x3C00), 1.0f);
  EXPECT_EQ(half(0xC000), -2.0f);
  EXPECT_EQ(half(0x7BFF), 65504.0f);
  EXPECT_EQ(half(0x0001), 0x1p-24f);
  EXPECT_EQ(half(0x03FF), 1023 * 0x1p-24f);
  EXPECT_EQ(half(0x0400), 0x1p-14f);
  EXPECT_EQ(half(0x3555), 0.333251953125f);
  EXPECT_TRUE(std::signbit(half(0x8000)));
  EXPECT_TRUE(std::isinf(half(0x7C00)));
  EXPECT_TRUE(std::isnan(half(0x7E00)));
}

}  // namespace
}  // namespace hexaplex
