#include "core/io/tile_encoder.h"

#include <gtest/gtest.h>
#include <libdeflate.h>

#include <memory>
#include <random>

namespace hexaplex {
namespace {

std::vector<std::uint32_t> noise(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::uint32_t> values(count);
  for (auto& v : values) v = static_cast<std::uint32_t>(random());
  return values;
}

std::vector<std::uint32_t> decode(ImageCodec codec, const std::string& packed, std::size_t count) {
  std::vector<std::uint32_t> out(count);
  const std::size_t bytes = count * sizeof out[0];
  if (codec == ImageCodec::zstd) {
    EXPECT_EQ(ZSTD_getFrameContentSize(packed.data(), packed.size()), bytes) << "readers ask the frame for its size";
    EXPECT_EQ(ZSTD_decompress(out.data(), bytes, packed.data(), packed.size()), bytes);
    return out;
  }
  const std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)> d(libdeflate_alloc_decompressor(),
                                                                                       libdeflate_free_decompressor);
  EXPECT_EQ(libdeflate_zlib_decompress(d.get(), packed.data(), packed.size(), out.data(), bytes, nullptr),
            LIBDEFLATE_SUCCESS);
  return out;
}

class TileEncoders : public testing::TestWithParam<ImageCodec> {};

TEST_P(TileEncoders, RoundTripAndNoMemoryOfEarlierTiles) {
  TileEncoder encoder(GetParam());
  for (const std::size_t count : {std::size_t{1}, std::size_t{1000}, std::size_t{512 * 512}}) {
    const std::vector<std::uint32_t> zeros(count, 0), random = noise(count, 1);
    for (const auto& tile : {zeros, random, zeros}) {
      const auto bytes = std::as_bytes(std::span(tile));
      const std::string packed = encoder.encode(bytes);
      EXPECT_EQ(decode(GetParam(), packed, count), tile);
      EXPECT_TRUE(packed == TileEncoder(GetParam()).encode(bytes)) << count;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Codecs, TileEncoders, testing::Values(ImageCodec::deflate, ImageCodec::zstd),
                         [](const auto& test) { return name_of(test.param); });

}  // namespace
}  // namespace hexaplex
