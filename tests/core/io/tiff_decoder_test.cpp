// Every codec of the allow-list, written by libtiff, read back, and damaged block by block.

#include "core/io/tiff_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tiffio.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "core/io/tiff_directory.h"
#include "core/io/tiff_prescan.h"
#include "tests/support/core/slide_reading.h"
#include "tests/support/core/tiff_builder.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

using ::testing::HasSubstr;

constexpr std::uint32_t kWidth = 70, kHeight = 45;

struct Layout {
  const char* name;
  std::uint16_t compression;
  bool tiled;
  std::uint16_t predictor;
  int bits;
  std::uint16_t format;
};

std::int64_t value_at(std::uint32_t x, std::uint32_t y, const Layout& l) {
  const std::int64_t v = (x * 131 + y * 517) % (l.bits == 8 ? 100 : 30000);
  return l.format == SAMPLEFORMAT_INT ? v - (l.bits == 8 ? 50 : 15000) : v;
}

void put_value(std::vector<std::uint8_t>& block, std::size_t i, std::int64_t v, const Layout& l) {
  const float f = static_cast<float>(v) / 8;
  if (l.format == SAMPLEFORMAT_IEEEFP) {
    std::memcpy(&block[i * 4], &f, 4);
  } else {
    std::memcpy(&block[i * static_cast<std::size_t>(l.bits / 8)], &v, static_cast<std::size_t>(l.bits / 8));
  }
}

void write_with_libtiff(const std::filesystem::path& path, const Layout& l) {
  TIFF* t = TIFFOpen(path.c_str(), "w");
  ASSERT_NE(t, nullptr);
  TIFFSetField(t, TIFFTAG_IMAGEWIDTH, kWidth);
  TIFFSetField(t, TIFFTAG_IMAGELENGTH, kHeight);
  TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, l.bits);
  TIFFSetField(t, TIFFTAG_SAMPLEFORMAT, l.format);
  TIFFSetField(t, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  TIFFSetField(t, TIFFTAG_COMPRESSION, l.compression);
  if (l.predictor > 1) TIFFSetField(t, TIFFTAG_PREDICTOR, l.predictor);
  const std::uint32_t w = l.tiled ? 32 : kWidth, h = 16;
  if (l.tiled) {
    TIFFSetField(t, TIFFTAG_TILEWIDTH, w);
    TIFFSetField(t, TIFFTAG_TILELENGTH, h);
  } else {
    TIFFSetField(t, TIFFTAG_ROWSPERSTRIP, h);
  }
  std::uint32_t index = 0;
  for (std::uint32_t y = 0; y < kHeight; y += h) {
    for (std::uint32_t x = 0; x < kWidth; x += w, ++index) {
      const std::uint32_t rows = l.tiled ? h : std::min(h, kHeight - y);
      std::vector<std::uint8_t> block(std::size_t{w} * rows * static_cast<std::size_t>(l.bits / 8));
      for (std::uint32_t i = 0; i < w * rows; ++i) put_value(block, i, value_at(x + i % w, y + i / w, l), l);
      const auto bytes = static_cast<tmsize_t>(block.size());
      ASSERT_EQ(l.tiled ? TIFFWriteEncodedTile(t, index, block.data(), bytes)
                        : TIFFWriteEncodedStrip(t, index, block.data(), bytes),
                bytes);
    }
  }
  TIFFClose(t);
}

class Codec : public ::testing::TestWithParam<Layout> {};

TEST_P(Codec, ReadsWhatWasWrittenWholeAndByWindow) {
  const Layout& l = GetParam();
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.tif";
  write_with_libtiff(path, l);
  const auto slide = open_slide(path);
  const bool lossy = l.compression == COMPRESSION_JPEG;
  for (const Rect r : {Rect{0, 0, kWidth, kHeight}, Rect{31, 15, 2, 2}, Rect{69, 44, 1, 1}, Rect{5, 17, 60, 20}}) {
    HostPlane<float> plane(r.extent());
    slide->read(0, 0, r, plane.view());
    for (int y = 0; y < r.height; ++y) {
      for (int x = 0; x < r.width; ++x) {
        const auto v =
            static_cast<float>(value_at(static_cast<std::uint32_t>(r.x + x), static_cast<std::uint32_t>(r.y + y), l));
        const float expected = l.format == SAMPLEFORMAT_IEEEFP ? v / 8 : v;
        ASSERT_NEAR(plane(x, y), expected, lossy ? 60 : 0) << x << ", " << y;
      }
    }
  }
}

/// Changes the byte count of one block in place; finds it through the file's own directory.
void set_block_bytes(Bytes& bytes, const std::filesystem::path& path, bool tiled, std::size_t block, double factor) {
  const FileBytes file(path);
  const std::uint64_t directory =
      bytes[4] | bytes[5] << 8 | bytes[6] << 16 | static_cast<std::uint64_t>(bytes[7]) << 24;
  const TiffDirectory d(file, {}, directory, "page 1");
  const TiffTag tag = tiled ? TiffTag::tile_byte_counts : TiffTag::strip_byte_counts;
  const auto [at, size] = d.location(tag);
  const std::size_t each = size / d.count(tag);
  const auto now = static_cast<double>(d.integers(tag, 1000)[block]);
  BuiltTiff tiff;
  tiff.bytes = bytes;
  tiff.put(at + block * each, static_cast<std::uint64_t>(now * factor), static_cast<int>(each));
  bytes = tiff.bytes;
}

TEST_P(Codec, RefusesEachBlockThatIsMissingOrCutShort) {
  const Layout& l = GetParam();
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.tif";
  write_with_libtiff(path, l);
  const Bytes good = file_bytes(path);
  const std::size_t blocks = l.tiled ? 9 : 3;
  for (std::size_t i = 0; i < blocks; ++i) {
    for (const double factor : {0.0, 0.5}) {
      Bytes bad = good;
      set_block_bytes(bad, path, l.tiled, i, factor);
      const std::string said = input_error_of(folder.write("bad.tif", bad));
      EXPECT_THAT(said, HasSubstr("page 1: "));
      EXPECT_THAT(said, HasSubstr((l.tiled ? "tile " : "strip ") + std::to_string(i + 1)));
    }
  }
}

TEST_P(Codec, EndsInAnErrorWhereverTheFileIsCut) {
  const Layout& l = GetParam();
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.tif";
  write_with_libtiff(path, l);
  const Bytes good = file_bytes(path);
  for (std::size_t size = 1; size < good.size(); size += 1 + good.size() / 61) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_NE(input_error_of(folder.write("cut.tif", cut)), "") << size;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Tiff, Codec,
    ::testing::Values(Layout{"none8", 1, false, 1, 8, 1}, Layout{"noneInt16", 1, false, 1, 16, 2},
                      Layout{"noneTiledFloat", 1, true, 1, 32, 3}, Layout{"lzw16Predictor", 5, false, 2, 16, 1},
                      Layout{"lzwFloat", 5, false, 1, 32, 3}, Layout{"lzwTiledInt8", 5, true, 1, 8, 2},
                      Layout{"deflate16", 8, false, 2, 16, 1}, Layout{"deflateFloatPredictor", 8, true, 3, 32, 3},
                      Layout{"oldDeflate32", 32946, true, 1, 32, 1}, Layout{"zstd16", 50000, true, 2, 16, 1},
                      Layout{"zstdInt32", 50000, false, 1, 32, 2}, Layout{"jpeg8", 7, true, 1, 8, 1},
                      Layout{"jpegStrips", 7, false, 1, 8, 1}),
    [](const auto& layout) { return layout.param.name; });

TEST(TiffDecoder, RefusesFloatsThatAreNotFiniteByChannelAndPosition) {
  const std::uint64_t nan = 0x7FC00000u, infinity = 0x7F800000u, one = 0x3F800000u;
  for (const std::uint64_t bad : {nan, infinity}) {
    BuiltPage good = grey_page(2, 2, {one, one, one, one}, 32).set(339, 3, 3);
    BuiltPage page = grey_page(2, 2, {one, one, one, bad}, 32).set(339, 3, 3);
    page.set_text(285, "CD34");
    const TemporaryFolder folder;
    const std::string said = input_error_of(folder.write("a.tif", build_tiff({good, page}).bytes));
    EXPECT_THAT(said, HasSubstr("channel 2 (CD34)"));
    EXPECT_THAT(said, HasSubstr("at x 1, y 1"));
  }
}

TEST(TiffDecoder, ReadsOneLargeStripInPieces) {
  const std::uint32_t side = 700;
  std::vector<std::uint64_t> values(side * side);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = i % 65521;
  const TemporaryFolder folder;
  const auto slide = open_slide(folder.write("a.tif", build_tiff({grey_page(side, side, values, 16)}).bytes));
  EXPECT_EQ(pixels_of(*slide), std::vector<float>(values.begin(), values.end()));
}

TEST(TiffDecoder, ChecksItsArguments) {
  const TemporaryFolder folder;
  const auto slide =
      open_slide(folder.write("a.tif", build_tiff({grey_page(4, 4, std::vector<std::uint64_t>(16, 7), 32)}).bytes));
  HostPlane<float> plane({4, 4});
  EXPECT_THROW(slide->read(1, 0, {0, 0, 4, 4}, plane.view()), InvalidArgument);
  EXPECT_THROW(slide->read(0, 1, {0, 0, 4, 4}, plane.view()), InvalidArgument);
  EXPECT_THROW(slide->read(0, 0, {1, 0, 4, 4}, plane.view()), InvalidArgument);
  EXPECT_THROW(slide->read(0, 0, {0, 0, 3, 4}, plane.view()), InvalidArgument);
  HostPlane<std::uint16_t> small({4, 4});
  EXPECT_THROW(slide->read(0, 0, {0, 0, 4, 4}, small.view()), InvalidArgument);
}

}  // namespace
}  // namespace hexaplex::test
