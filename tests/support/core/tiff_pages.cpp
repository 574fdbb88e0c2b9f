#include "tests/support/core/tiff_pages.h"
#include "tests/support/paths.h"

#include <tiffio.h>

#include <cstring>
#include <stdexcept>

namespace hexaplex::test {

namespace {

float sample(const unsigned char* p, int bits, int format) {
  if (bits == 8) return static_cast<float>(*p);
  if (bits == 16 && format == SAMPLEFORMAT_INT) {
    std::int16_t v;
    std::memcpy(&v, p, 2);
    return v;
  }
  if (bits == 16) {
    std::uint16_t v;
    std::memcpy(&v, p, 2);
    return v;
  }
  if (bits == 32 && format == SAMPLEFORMAT_IEEEFP) {
    float v;
    std::memcpy(&v, p, 4);
    return v;
  }
  if (bits == 32) {
    std::uint32_t v;
    std::memcpy(&v, p, 4);
    return static_cast<float>(v);
  }
  throw std::runtime_error("a sample type that the tests do not read");
}

}  // namespace

std::vector<TiffPage> read_tiff_pages(const std::filesystem::path& path) {
  TIFFSetWarningHandler(nullptr);
  TIFF* tiff = TIFFOpen(path.c_str(), "r");
  if (tiff == nullptr) throw std::runtime_error("cannot open " + path.string());
  std::vector<TiffPage> pages;
  do {
    std::uint32_t width = 0, height = 0;
    std::uint16_t bits = 1, format = SAMPLEFORMAT_UINT, samples = 1;
    char* description = nullptr;
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &bits);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &format);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
    if (samples != 1) continue;
    TiffPage page;
    if (TIFFGetField(tiff, TIFFTAG_IMAGEDESCRIPTION, &description)) page.description = description;
    page.pixels = HostPlane<float>({static_cast<int>(width), static_cast<int>(height)});
    const std::size_t bytes = bits / 8u;
    const auto put = [&](const std::vector<unsigned char>& block, std::uint32_t x0, std::uint32_t y0, std::uint32_t w,
                         std::uint32_t h) {
      for (std::uint32_t y = 0; y < h && y0 + y < height; ++y)
        for (std::uint32_t x = 0; x < w && x0 + x < width; ++x)
          page.pixels(static_cast<int>(x0 + x), static_cast<int>(y0 + y)) =
              sample(block.data() + (static_cast<std::size_t>(y) * w + x) * bytes, bits, format);
    };
    if (TIFFIsTiled(tiff)) {
      std::uint32_t tw = 0, th = 0;
      TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &tw);
      TIFFGetField(tiff, TIFFTAG_TILELENGTH, &th);
      std::vector<unsigned char> block(static_cast<std::size_t>(TIFFTileSize(tiff)));
      for (std::uint32_t y = 0; y < height; y += th)
        for (std::uint32_t x = 0; x < width; x += tw) {
          if (TIFFReadTile(tiff, block.data(), x, y, 0, 0) < 0) throw std::runtime_error("a tile cannot be read");
          put(block, x, y, tw, th);
        }
    } else {
      std::vector<unsigned char> line(static_cast<std::size_t>(TIFFScanlineSize(tiff)));
      for (std::uint32_t y = 0; y < height; ++y) {
        if (TIFFReadScanline(tiff, line.data(), y, 0) < 0) throw std::runtime_error("a row cannot be read");
        put(line, 0, y, width, 1);
      }
    }
    pages.push_back(std::move(page));
  } while (TIFFReadDirectory(tiff));
  TIFFClose(tiff);
  return pages;
}

HostPlane<std::uint32_t> as_labels(const HostPlane<float>& pixels) {
  HostPlane<std::uint32_t> labels(pixels.extent());
  for (std::int64_t i = 0; i < pixels.extent().area(); ++i)
    labels.data()[i] = static_cast<std::uint32_t>(pixels.data()[i]);
  return labels;
}

std::filesystem::path shared_data(const std::string& folder) {
  const std::filesystem::path path = ::hexaplex::testing::source_folder() / ".." / "shared" / "data" / folder;
  return std::filesystem::exists(path) ? path : std::filesystem::path();
}

}  // namespace hexaplex::test
