// Tiles and strips decoded without libtiff hold the bytes that it was given to write, in every layout of this path.

#include "core/io/tiff_raw_block.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libdeflate.h>
#include <tiffio.h>
#include <zstd.h>

#include <random>
#include <string>
#include <vector>

#include "core/io/tiff_layout.h"
#include "core/io/tiff_predictor.h"
#include "tests/support/core/slide_reading.h"
#include "tests/support/core/tiff_builder.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::uint32_t kWidth = 75, kHeight = 50, kTileWidth = 32, kRows = 16;

struct RawCase {
  std::uint16_t compression, predictor, format;
  std::uint32_t bits, samples;
  bool planar, tiled, big_endian;
};

std::vector<RawCase> raw_cases(std::uint16_t compression) {
  std::vector<RawCase> cases;
  for (const std::uint32_t bits : {8u, 16u, 32u}) {
    for (const std::uint16_t predictor : {1, 2, 3}) {
      if ((predictor > 1 && compression == COMPRESSION_NONE) || (predictor == 3 && bits == 8)) continue;
      for (const bool tiled : {false, true}) {
        for (const bool big_endian : {false, true}) {
          const std::uint16_t format = predictor == 3 ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT;
          cases.push_back({compression, predictor, format, bits, 1, false, tiled, big_endian});
          cases.push_back({compression, predictor, format, bits, 3, false, tiled, big_endian});
          cases.push_back({compression, predictor, format, bits, 3, true, tiled, big_endian});
        }
      }
    }
  }
  return cases;
}

void expect_what_was_written(const RawCase& c) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.tif";
  const std::uint32_t in_row = c.planar ? 1 : c.samples, width = c.tiled ? kTileWidth : kWidth;
  std::mt19937 random(7);
  std::vector<std::vector<std::uint8_t>> blocks;
  {
    TIFF* t = TIFFOpen(path.c_str(), c.big_endian ? "wb" : "wl");
    ASSERT_NE(t, nullptr);
    TIFFSetField(t, TIFFTAG_IMAGEWIDTH, kWidth);
    TIFFSetField(t, TIFFTAG_IMAGELENGTH, kHeight);
    TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, c.bits);
    TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, c.samples);
    TIFFSetField(t, TIFFTAG_SAMPLEFORMAT, c.format);
    TIFFSetField(t, TIFFTAG_PLANARCONFIG, c.planar ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
    TIFFSetField(t, TIFFTAG_PHOTOMETRIC, c.samples == 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
    TIFFSetField(t, TIFFTAG_COMPRESSION, c.compression);
    if (c.predictor > 1) TIFFSetField(t, TIFFTAG_PREDICTOR, c.predictor);
    if (c.tiled) {
      TIFFSetField(t, TIFFTAG_TILEWIDTH, kTileWidth);
      TIFFSetField(t, TIFFTAG_TILELENGTH, kRows);
    } else {
      TIFFSetField(t, TIFFTAG_ROWSPERSTRIP, kRows);
    }
    for (std::uint32_t plane = 0; plane < (c.planar ? c.samples : 1); ++plane) {
      for (std::uint32_t y = 0; y < kHeight; y += kRows) {
        for (std::uint32_t x = 0; x < kWidth; x += width) {
          const std::uint32_t rows = c.tiled ? kRows : std::min(kRows, kHeight - y);
          std::vector<std::uint8_t> block(std::size_t{width} * rows * in_row * c.bits / 8);
          for (auto& b : block) b = static_cast<std::uint8_t>(random() % 9);  // some of it repeats
          blocks.push_back(block);                                            // libtiff swaps and differences in place
          const auto i = static_cast<std::uint32_t>(blocks.size() - 1);
          const auto bytes = static_cast<tmsize_t>(block.size());
          ASSERT_EQ(c.tiled ? TIFFWriteEncodedTile(t, i, block.data(), bytes)
                            : TIFFWriteEncodedStrip(t, i, block.data(), bytes),
                    bytes);
        }
      }
    }
    TIFFClose(t);
  }
  if (c.predictor == 3 &&
      c.big_endian) {  // libtiff 4.5 swaps the first block before it differences: take what it reads
    TIFF* t = TIFFOpen(path.c_str(), "r");
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      const auto at = static_cast<std::uint32_t>(i);
      const auto bytes = static_cast<tmsize_t>(blocks[i].size());
      ASSERT_EQ(c.tiled ? TIFFReadEncodedTile(t, at, blocks[i].data(), bytes)
                        : TIFFReadEncodedStrip(t, at, blocks[i].data(), bytes),
                bytes);
    }
    TIFFClose(t);
  }
  TiffFile file(path);
  const TiffPage& page = file.pages().front();
  ASSERT_TRUE(has_raw_path(page));
  std::size_t i = 0;
  for (std::uint32_t plane = 0; plane < (c.planar ? c.samples : 1); ++plane) {
    for (std::uint32_t y = 0; y < kHeight; y += kRows) {
      for (std::uint32_t x = 0; x < kWidth; x += width)
        ASSERT_EQ(file.decoder.block_at(page, x, y, plane).bytes, blocks[i++]) << x << ", " << y << ", " << plane;
    }
  }
}

class RawBlocks : public ::testing::TestWithParam<std::uint16_t> {};

TEST_P(RawBlocks, HoldWhatWasWritten) {
  for (const RawCase& c : raw_cases(GetParam())) {
    SCOPED_TRACE("bits " + std::to_string(c.bits) + ", predictor " + std::to_string(c.predictor) + ", samples " +
                 std::to_string(c.samples) + (c.planar ? ", planar" : "") + (c.tiled ? ", tiled" : "") +
                 (c.big_endian ? ", big-endian" : ""));
    expect_what_was_written(c);
  }
}

INSTANTIATE_TEST_SUITE_P(Tiff, RawBlocks,
                         ::testing::Values(COMPRESSION_NONE, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_ZSTD),
                         [](const auto& c) { return "Codec" + std::to_string(c.param); });

TEST(TiffPredictor, SumsBySampleModuloTheirWidth) {
  std::vector<std::uint8_t> rgb{1, 2, 3, 10, 20, 255, 250, 1, 1};
  undo_horizontal_predictor(rgb.data(), rgb.size(), 3, 1);
  EXPECT_THAT(rgb, ElementsAre(1, 2, 3, 11, 22, 2, 5, 23, 3));
  std::vector<std::uint16_t> wide{65535, 2, 65535};
  undo_horizontal_predictor(reinterpret_cast<std::uint8_t*>(wide.data()), 3, 1, 2);
  EXPECT_THAT(wide, ElementsAre(65535, 1, 0));
}

// ---- Streams made by hand ------------------------------------------------------------------------------------------

Bytes deflated(const Bytes& bytes) {
  libdeflate_compressor* c = libdeflate_alloc_compressor(6);
  Bytes out(libdeflate_zlib_compress_bound(c, bytes.size()));
  out.resize(libdeflate_zlib_compress(c, bytes.data(), bytes.size(), out.data(), out.size()));
  libdeflate_free_compressor(c);
  return out;
}

Bytes zstandard(const Bytes& bytes) {
  Bytes out(ZSTD_compressBound(bytes.size()));
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

/// 64 x 48 pixels in strips of 16 rows, each strip of these bytes.
class RawStreams : public ::testing::Test {
 protected:
  std::filesystem::path write(std::uint32_t compression, const std::vector<Bytes>& strips) {
    BuiltPage page = grey_page(64, 48, std::vector<std::uint64_t>(64 * 48, 0), 8, 16);
    page.set(259, compression, 3);
    page.blocks = strips;
    return folder_.write("a.tif", build_tiff({page}).bytes);
  }
  static Bytes rows(int count, std::uint8_t first) {
    Bytes b(static_cast<std::size_t>(count) * 64);
    for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<std::uint8_t>(first + i * i % 61);
    return b;
  }
  TemporaryFolder folder_;
};

TEST_F(RawStreams, ThatArePaddedOrCarryMoreAreStillRead) {
  const Bytes a = rows(16, 1), b = rows(16, 2), c = rows(16, 3);
  std::vector<float> expected;
  for (const Bytes* part : {&a, &b, &c}) expected.insert(expected.end(), part->begin(), part->end());
  const auto joined = [](Bytes x, const Bytes& y) {
    x.insert(x.end(), y.begin(), y.end());
    return x;
  };
  const Bytes junk(40, 0xEE);
  for (const auto& pack : {deflated, zstandard}) {
    const std::uint32_t codec = pack == static_cast<Bytes (*)(const Bytes&)>(deflated) ? 8 : 50000;
    const Bytes padded = joined(c, rows(4, 9));  // rows that the strip does not need
    const auto path = write(codec, {pack(a), joined(pack(b), junk), pack(padded)});
    EXPECT_EQ(pixels_of(*open_slide(path)), expected) << codec;
  }
}

TEST_F(RawStreams, ThatAreDamagedNameStripPlaceAndMend) {
  const Bytes a = deflated(rows(16, 1));
  Bytes flipped = a;
  flipped[flipped.size() / 2] ^= 0x10;
  std::string said = input_error_of(write(8, {a, flipped, a}));
  EXPECT_THAT(said, HasSubstr("page 1: strip 2 at x 0, y 16 (Deflate) is damaged"));
  EXPECT_THAT(said, HasSubstr("copy or export it again"));
  Bytes checksum = a;
  checksum.back() ^= 1;
  EXPECT_THAT(input_error_of(write(8, {a, a, checksum})), HasSubstr("strip 3 at x 0, y 32 (Deflate) is damaged"));
  EXPECT_THAT(input_error_of(write(8, {deflated(rows(15, 1)), a, a})), HasSubstr("fewer pixels than it should"));
  Bytes z = zstandard(rows(16, 1));
  const Bytes cut(z.begin(), z.end() - 5);
  EXPECT_THAT(input_error_of(write(50000, {z, z, cut})), HasSubstr("strip 3 at x 0, y 32 (zstd) is damaged"));
  EXPECT_THAT(input_error_of(write(50000, {zstandard(rows(15, 1)), z, z})),
              HasSubstr("strip 1 at x 0, y 0 (zstd) is damaged"));
}

TEST_F(RawStreams, OfReversedBitsAreLeftToLibtiff) {
  BuiltPage page = grey_page(2, 2, {0x01, 0x80, 0x0F, 0xF0}, 8, 1).set(266, 2, 3);
  const auto path = folder_.write("a.tif", build_tiff({page}).bytes);
  EXPECT_FALSE(has_raw_path(TiffFile(path).pages().front()));
  EXPECT_THAT(pixels_of(*open_slide(path)), ElementsAre(0x80, 0x01, 0xF0, 0x0F));
}

}  // namespace
}  // namespace hexaplex::test
