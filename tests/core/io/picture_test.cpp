#include "core/io/picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>
#include <turbojpeg.h>

#include <vector>

#include "tests/support/core/slide_reading.h"
#include "tests/support/core/tiff_builder.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A PNG of rows as given, samples of 16 bits big-endian.
Bytes png(int width, int height, int type, int depth, const std::vector<Bytes>& rows, std::uint32_t per_metre = 0) {
  Bytes out;
  png_structp p = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(p);
  png_set_write_fn(
      p, &out,
      [](png_structp w, png_bytep data, png_size_t n) {
        auto& bytes = *static_cast<Bytes*>(png_get_io_ptr(w));
        bytes.insert(bytes.end(), data, data + n);
      },
      nullptr);
  png_set_IHDR(p, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), depth, type,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (per_metre > 0) png_set_pHYs(p, info, per_metre, per_metre, PNG_RESOLUTION_METER);
  png_write_info(p, info);
  for (const Bytes& row : rows) png_write_row(p, row.data());
  png_write_end(p, nullptr);
  png_destroy_write_struct(&p, &info);
  return out;
}

Bytes jpeg(int width, int height, const Bytes& rgb) {
  tjhandle h = tjInitCompress();
  unsigned char* data = nullptr;
  unsigned long size = 0;
  tjCompress2(h, rgb.data(), width, 0, height, TJPF_RGB, &data, &size, TJSAMP_444, 95, TJFLAG_ACCURATEDCT);
  Bytes out(data, data + size);
  tjFree(data);
  tjDestroy(h);
  return out;
}

TEST(Picture, GreyAlphaPngIsOneChannel) {
  const TemporaryFolder folder;
  const auto path =
      folder.write("a.png", png(2, 1, PNG_COLOR_TYPE_RGB_ALPHA, 8, {{7, 7, 7, 255, 9, 9, 9, 0}}, 4000000));
  const auto slide = open_slide(path);
  ASSERT_EQ(slide->info().channels.size(), 1u);
  EXPECT_EQ(slide->info().channels[0].name, "Gray");
  EXPECT_EQ(slide->info().format, "PNG");
  EXPECT_EQ(slide->info().um_per_px_x, 0.25);
  EXPECT_THAT(pixels_of(*slide), ElementsAre(7, 9));
  HostPlane<std::uint16_t> exact({1, 1});
  slide->read(0, 0, {1, 0, 1, 1}, exact.view());
  EXPECT_EQ(exact(0, 0), 9);
}

TEST(Picture, ColourPngIsThree) {
  const TemporaryFolder folder;
  const auto slide =
      open_slide(folder.write("a.png", png(2, 2, PNG_COLOR_TYPE_RGB, 8, {{1, 2, 3, 4, 5, 6}, {7, 8, 9, 10, 11, 12}})));
  EXPECT_TRUE(slide->info().rgb);
  EXPECT_THAT(pixels_of(*slide, 1), ElementsAre(2, 5, 8, 11));
}

TEST(Picture, SixteenBitsAreKept) {
  const TemporaryFolder folder;
  const auto slide = open_slide(folder.write("a.png", png(2, 1, PNG_COLOR_TYPE_GRAY, 16, {{0x12, 0x34, 0xFF, 0xFE}})));
  EXPECT_EQ(slide->info().sample_type, SampleType::uint16);
  EXPECT_THAT(pixels_of(*slide), ElementsAre(0x1234, 0xFFFE));
  const LabelPages labels = read_label_pages(folder.path() / "a.png");
  EXPECT_EQ(labels.pages[0](1, 0), 0xFFFEu);
}

TEST(Picture, DamagedPngEndsInAnErrorWhereverItIsCut) {
  const TemporaryFolder folder;
  const Bytes good = png(16, 16, PNG_COLOR_TYPE_GRAY, 8, std::vector<Bytes>(16, Bytes(16, 77)));
  for (std::size_t n = 1; n < good.size(); n += 3) {
    EXPECT_NE(input_error_of(folder.write("a.png", Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n)))),
              "");
  }
  Bytes flipped = good;
  flipped[good.size() - 20] ^= 0x10;
  EXPECT_THAT(input_error_of(folder.write("a.png", flipped)), HasSubstr("damaged PNG"));
}

TEST(Picture, HugePngIsRefusedBeforeItIsDecoded) {
  Bytes bomb = png(16, 1, PNG_COLOR_TYPE_GRAY, 8, {Bytes(16, 1)});
  const std::uint8_t header[] = {0, 1, 0, 0, 0, 1, 0, 0};  // 65536 x 65536; the checksum is then wrong too, so set it
  std::copy(std::begin(header), std::end(header), bomb.begin() + 16);
  std::uint32_t crc = 0xFFFFFFFFu;
  for (std::size_t i = 12; i < 29; ++i) {
    crc ^= bomb[i];
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1u) != 0 ? 0xEDB88320u : 0);
  }
  crc = ~crc;
  for (std::size_t i = 0; i < 4; ++i) bomb[29 + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
  const TemporaryFolder folder;
  EXPECT_THAT(input_error_of(folder.write("a.png", bomb)), HasSubstr("more than 512 MiB"));
}

TEST(Picture, JpegIsReadAndItsDamageSeen) {
  const Bytes good = jpeg(32, 32, Bytes(32 * 32 * 3, 120));
  const TemporaryFolder folder;
  const auto slide = open_slide(folder.write("a.jpg", good));
  EXPECT_EQ(slide->info().format, "JPEG");
  ASSERT_EQ(slide->info().channels.size(), 1u);  // grey in every pixel
  EXPECT_NEAR(pixels_of(*slide).front(), 120, 1);
  for (std::size_t n = 3; n < good.size() - 2; n += 7) {  // only its closing mark may be missing
    EXPECT_THAT(
        input_error_of(folder.write("b.jpg", Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n)))),
        HasSubstr("damaged JPEG"));
  }
}

}  // namespace
}  // namespace hexaplex::test
