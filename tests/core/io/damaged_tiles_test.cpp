// Slides with a hole, opened so that the hole is told instead of refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tiffio.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "core/io/tiff_directory.h"
#include "tests/support/core/slide_reading.h"
#include "tests/support/core/tiff_builder.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kWidth = 150, kHeight = 100, kTile = 64, kRows = 32;
constexpr OpenOptions kTell{DamagedTiles::not_assessable};

std::uint16_t value_at(int x, int y, int channel) {
  return static_cast<std::uint16_t>(1 + (x * 7 + y * 13 + channel * 50) % 199);
}

struct Kind {
  const char* name;
  std::uint16_t compression;
  bool tiled;
  int rows = kRows;  // of a strip
};

/// Two pages, a channel each; or with `samples` 3 one page of three channels.
void write_slide(const std::filesystem::path& path, const Kind& kind, int pages = 2, int samples = 1) {
  TIFF* t = TIFFOpen(path.c_str(), "w");
  ASSERT_NE(t, nullptr);
  const int w = kind.tiled ? kTile : kWidth, h = kind.tiled ? kTile : kind.rows;
  for (int page = 0; page < pages; ++page) {
    TIFFSetField(t, TIFFTAG_IMAGEWIDTH, kWidth);
    TIFFSetField(t, TIFFTAG_IMAGELENGTH, kHeight);
    TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, 8);
    TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, samples);
    TIFFSetField(t, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(t, TIFFTAG_PHOTOMETRIC, samples == 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
    TIFFSetField(t, TIFFTAG_COMPRESSION, kind.compression);
    if (kind.compression == COMPRESSION_JPEG) TIFFSetField(t, TIFFTAG_JPEGQUALITY, 100);
    if (kind.tiled) {
      TIFFSetField(t, TIFFTAG_TILEWIDTH, kTile);
      TIFFSetField(t, TIFFTAG_TILELENGTH, kTile);
    } else {
      TIFFSetField(t, TIFFTAG_ROWSPERSTRIP, kind.rows);
    }
    std::uint32_t index = 0;
    for (int y = 0; y < kHeight; y += h) {
      for (int x = 0; x < kWidth; x += w, ++index) {
        const int rows = kind.tiled ? h : std::min(h, kHeight - y);
        std::vector<std::uint8_t> block;
        for (int i = 0; i < w * rows; ++i)
          for (int s = 0; s < samples; ++s)
            block.push_back(static_cast<std::uint8_t>(value_at(x + i % w, y + i / w, page + s)));
        const auto bytes = static_cast<tmsize_t>(block.size());
        ASSERT_EQ(kind.tiled ? TIFFWriteEncodedTile(t, index, block.data(), bytes)
                             : TIFFWriteEncodedStrip(t, index, block.data(), bytes),
                  bytes);
      }
    }
    ASSERT_EQ(TIFFWriteDirectory(t), 1);
  }
  TIFFClose(t);
}

/// Where the numbers of one block are kept, and what they say.
struct Entry {
  std::size_t offset_at, bytes_at, each;
  std::uint64_t offset, bytes;
};

Entry entry_of(const std::filesystem::path& path, int page, std::size_t block, bool tiled) {
  const FileBytes file(path);
  const TiffHeader header = read_tiff_header(file);
  std::uint64_t at = header.first;
  for (int i = 0; i < page; ++i) at = TiffDirectory(file, header.encoding, at, "page").next();
  const TiffDirectory d(file, header.encoding, at, "page");
  const TiffTag offsets = tiled ? TiffTag::tile_offsets : TiffTag::strip_offsets;
  const TiffTag counts = tiled ? TiffTag::tile_byte_counts : TiffTag::strip_byte_counts;
  // libtiff writes both lists with the same type, or the counts with a shorter one.
  const auto each = [&](TiffTag tag) { return d.location(tag).second / d.count(tag); };
  return {d.location(offsets).first + block * each(offsets), d.location(counts).first + block * each(counts),
          each(counts), d.integers(offsets, 1000)[block], d.integers(counts, 1000)[block]};
}

enum class Harm { no_bytes, no_offset, outside, broken };
constexpr Harm kHarms[] = {Harm::no_bytes, Harm::no_offset, Harm::outside, Harm::broken};

Bytes harmed(const std::filesystem::path& path, int page, std::size_t block, bool tiled, Harm harm) {
  const Entry e = entry_of(path, page, block, tiled);
  BuiltTiff tiff;
  tiff.bytes = file_bytes(path);
  switch (harm) {
    case Harm::no_bytes:
      tiff.put(e.bytes_at, 0, static_cast<int>(e.each));
      break;
    case Harm::no_offset:
      tiff.put(e.offset_at, 0, 4);
      break;
    case Harm::outside:
      tiff.put(e.offset_at, tiff.bytes.size() - 1, 4);
      break;
    case Harm::broken:
      for (std::uint64_t i = 0; i < e.bytes; ++i) tiff.bytes[e.offset + i] = static_cast<std::uint8_t>(0xA5 + 31 * i);
      break;
  }
  return tiff.bytes;
}

HostPlane<std::uint16_t> read(Slide& slide, int channel, Rect window) {
  HostPlane<std::uint16_t> plane(window.extent());
  slide.read(channel, 0, window, plane.view());
  return plane;
}

HostPlane<std::uint8_t> scanned(Slide& slide, std::vector<int> channels, Rect window) {
  HostPlane<std::uint8_t> plane(window.extent());
  slide.read_scanned(channels, 0, window, plane.view());
  return plane;
}

constexpr Rect kWhole{0, 0, kWidth, kHeight};
const std::vector<int> kBoth{0, 1};

Rect place_of(const Kind& kind, std::size_t block) {
  const int w = kind.tiled ? kTile : kWidth, h = kind.tiled ? kTile : kind.rows;
  const int across = (kWidth - 1) / w + 1, x = static_cast<int>(block) % across * w,
            y = static_cast<int>(block) / across * h;
  return {x, y, std::min(w, kWidth - x), std::min(h, kHeight - y)};
}

bool inside(Rect r, int x, int y) {
  return x >= r.x && x < r.right() && y >= r.y && y < r.bottom();
}

class DamagedTile : public ::testing::TestWithParam<Kind> {};

TEST_P(DamagedTile, IsToldWhereverItIsAndWhateverItsHarm) {
  const Kind& kind = GetParam();
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.tif";
  write_slide(path, kind);
  const auto whole = open_slide(path);
  const std::size_t last = kind.tiled ? 5 : static_cast<std::size_t>((kHeight - 1) / kind.rows);
  for (const std::size_t block : {std::size_t{0}, last / 2, last}) {
    for (const Harm harm : kHarms) {
      if (kind.compression == COMPRESSION_NONE && harm == Harm::broken) continue;  // other pixels: nobody can tell
      const auto bad = folder.write("bad.tif", harmed(path, 1, block, kind.tiled, harm));
      EXPECT_THAT(input_error_of(bad), HasSubstr("page 2: "));
      const auto slide = open_slide(bad, kTell);
      const Rect hole = place_of(kind, block);
      for (int c : kBoth) {
        const auto pixels = read(*slide, c, kWhole), expected = read(*whole, c, kWhole);
        for (int y = 0; y < kHeight; ++y)
          for (int x = 0; x < kWidth; ++x)
            ASSERT_EQ(pixels(x, y), c == 1 && inside(hole, x, y) ? 0 : expected(x, y)) << c << ": " << x << ", " << y;
      }
      EXPECT_THAT(slide->damaged_tiles(kBoth, 0, kWhole), ElementsAre(hexaplex::DamagedTile{hole, {1}}));
      EXPECT_THAT(slide->damaged_tiles(std::vector<int>{0}, 0, kWhole), IsEmpty());
      const auto seen = scanned(*slide, kBoth, kWhole), first = scanned(*slide, {0}, kWhole);
      for (int y = 0; y < kHeight; ++y)
        for (int x = 0; x < kWidth; ++x) {
          ASSERT_EQ(seen(x, y), inside(hole, x, y) ? 0 : 1) << x << ", " << y;
          ASSERT_EQ(first(x, y), 1);
        }
    }
  }
}

TEST_P(DamagedTile, IsTheSameForAnyReaderAndOrder) {
  const Kind& kind = GetParam();
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.tif";
  write_slide(path, kind);
  const auto bad = folder.write("bad.tif", harmed(path, 0, 0, kind.tiled, Harm::no_bytes));
  const auto one = open_slide(bad, kTell), other = open_slide(bad, kTell);
  const auto before = one->damaged_tiles(kBoth, 0, kWhole);
  read(*one, 0, {0, 0, 5, 5});
  EXPECT_EQ(one->damaged_tiles(kBoth, 0, kWhole), before);
  for (int y = 0; y < kHeight; y += 9)
    for (int x = 0; x < kWidth; x += 9) {
      const Rect r{x, y, std::min(9, kWidth - x), std::min(9, kHeight - y)};
      const auto part = scanned(*other, kBoth, r);
      for (int v = 0; v < r.height; ++v)
        for (int u = 0; u < r.width; ++u)
          ASSERT_EQ(part(u, v), inside(place_of(kind, 0), x + u, y + v) ? 0 : 1) << x + u << ", " << y + v;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, DamagedTile,
    ::testing::Values(Kind{"plain_tiles", COMPRESSION_NONE, true},
                      Kind{"deflate_tiles", COMPRESSION_ADOBE_DEFLATE, true},
                      Kind{"zstd_tiles", COMPRESSION_ZSTD, true}, Kind{"lzw_tiles", COMPRESSION_LZW, true},
                      Kind{"jpeg_tiles", COMPRESSION_JPEG, true}, Kind{"plain_strips", COMPRESSION_NONE, false},
                      Kind{"deflate_strips", COMPRESSION_ADOBE_DEFLATE, false},
                      Kind{"lzw_strips", COMPRESSION_LZW, false}, Kind{"one_plain_strip", COMPRESSION_NONE, false, 100},
                      Kind{"one_deflate_strip", COMPRESSION_ADOBE_DEFLATE, false, 100}),
    [](const auto& test) { return std::string(test.param.name); });

constexpr Kind kTiles{"", COMPRESSION_ADOBE_DEFLATE, true};

TEST(DamagedTiles, HoldAllSamplesOfTheirPage) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.tif";
  write_slide(path, kTiles, 1, 3);
  const auto slide = open_slide(folder.write("bad.tif", harmed(path, 0, 4, true, Harm::broken)), kTell);
  EXPECT_THAT(slide->damaged_tiles(std::vector<int>{2, 0}, 0, kWhole),
              ElementsAre(hexaplex::DamagedTile{{64, 64, 64, 36}, {0, 2}}));
}

TEST(DamagedTiles, AreAskedForInAWindow) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.tif";
  write_slide(path, kTiles);
  const auto slide = open_slide(folder.write("bad.tif", harmed(path, 0, 4, true, Harm::no_offset)), kTell);
  EXPECT_THAT(slide->damaged_tiles(kBoth, 0, {0, 0, 64, 100}), IsEmpty());
  EXPECT_EQ(slide->damaged_tiles(kBoth, 0, {127, 99, 2, 1}).size(), 1u);
  EXPECT_THROW(slide->damaged_tiles(std::vector<int>{}, 0, kWhole), InvalidArgument);
  EXPECT_THROW(slide->damaged_tiles(std::vector<int>{2}, 0, kWhole), InvalidArgument);
  EXPECT_THROW(slide->damaged_tiles(kBoth, 0, {0, 0, 151, 100}), InvalidArgument);
}

TEST(DamagedTiles, OfALevelAreThatLevels) {
  const TemporaryFolder folder;
  BuiltPage page = grey_page(8, 8, std::vector<std::uint64_t>(64, 9), 8, 2);
  page.levels = {grey_page(4, 4, std::vector<std::uint64_t>(16, 5), 8, 2)};
  page.levels[0].tags[279] = {4, {8, 0}, {}};
  const auto slide = open_slide(folder.write("a.tif", build_tiff({page}).bytes), kTell);
  const std::vector<int> first{0};
  EXPECT_THAT(slide->damaged_tiles(first, 0, {0, 0, 8, 8}), IsEmpty());
  EXPECT_THAT(slide->damaged_tiles(first, 0, {0, 0, 4, 4}, 1), ElementsAre(hexaplex::DamagedTile{{0, 2, 4, 2}, {0}}));
}

TEST(DamagedTiles, OfAFolderOfChannelsAreTold) {
  const TemporaryFolder folder;
  const auto whole = folder.path() / "a.tif";
  write_slide(whole, kTiles, 1);
  std::filesystem::create_directory(folder.path() / "slide");
  std::filesystem::copy_file(whole, folder.path() / "slide" / "a.tif");
  folder.write("slide/b.tif", harmed(whole, 0, 3, true, Harm::broken));
  const auto slide = open_slide(folder.path() / "slide", kTell);
  EXPECT_THAT(slide->damaged_tiles(kBoth, 0, kWhole), ElementsAre(hexaplex::DamagedTile{{0, 64, 64, 36}, {1}}));
}

TEST(DamagedTiles, TheStripThatAStackBeginsWithIsStillAnError) {
  const TemporaryFolder folder;
  BuiltPage page = grey_page(2, 2, {1, 2, 3, 4});
  page.set_text(270, "ImageJ=1.53\nimages=2\n");
  page.tags[279] = {4, {0}, {}};
  auto bytes = build_tiff({page}).bytes;
  bytes.resize(bytes.size() + 8);
  const auto path = folder.write("a.tif", bytes);
  EXPECT_THROW(open_slide(path, kTell), InputError);
}

TEST(DamagedTiles, AFileThatBecomesShorterIsAnErrorAndNoDamage) {
  const TemporaryFolder folder;
  for (const std::uint16_t codec : {COMPRESSION_ADOBE_DEFLATE, COMPRESSION_LZW}) {
    const auto path = folder.path() / "a.tif";
    write_slide(path, {"", codec, true});
    const auto slide = open_slide(path, kTell);
    std::filesystem::resize_file(path, 100);
    EXPECT_THROW(read(*slide, 1, kWhole), InputError) << codec;
  }
}

}  // namespace
}  // namespace hexaplex::test
