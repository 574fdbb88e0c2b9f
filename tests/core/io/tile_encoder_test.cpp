#include "core/io/tile_encoder.h"

#include <gtest/gtest.h>
#include <libdeflate.h>

#include <algorithm>
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

// Bio-Formats took a byte count equal to the number of pixels for a number of samples.
TEST_P(TileEncoders, NoTileHasAsManyBytesAsPixels) {
  TileEncoder encoder(GetParam());
  const auto plain_size = [](std::span<const std::uint32_t> tile) {
    std::vector<char> out(tile.size_bytes() * 2 + 1000);
    if (GetParam() == ImageCodec::zstd) return ZSTD_compress(out.data(), out.size(), tile.data(), tile.size_bytes(), 1);
    const std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> c(libdeflate_alloc_compressor(3),
                                                                                     libdeflate_free_compressor);
    return libdeflate_zlib_compress(c.get(), tile.data(), tile.size_bytes(), out.data(), out.size());
  };
  const std::vector<std::uint32_t> random = noise(1000, 2);
  int found = 0;
  for (std::size_t count = 2000; count < 2400; count += 5) {  // a quarter of the pixels is random, give or take
    for (std::size_t some = count / 4 - 100; some < count / 4; ++some) {
      std::vector<std::uint32_t> tile(count, 0);
      std::copy_n(random.begin(), some, tile.begin());
      if (plain_size(tile) != count) continue;
      ++found;
      const std::string packed = encoder.encode(std::as_bytes(std::span(tile)));
      EXPECT_NE(packed.size(), count);
      EXPECT_EQ(decode(GetParam(), packed, count), tile);
    }
  }
  EXPECT_GT(found, 0) << "this version of the codec packs no tile of these to as many bytes as it has pixels";
}

INSTANTIATE_TEST_SUITE_P(Codecs, TileEncoders, testing::Values(ImageCodec::deflate, ImageCodec::zstd),
                         [](const auto& test) { return name_of(test.param); });

}  // namespace
}  // namespace hexaplex
