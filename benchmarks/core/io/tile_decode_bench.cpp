// Reading tiles of 512 of 8 channels of 16 bits, beside libtiff alone on the same file. Bytes are those of the pixels.
#include <benchmark/benchmark.h>
#include <tiffio.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/io/slide.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex {
namespace {

constexpr int kSide = 2560, kTile = 512, kChannels = 8, kTilesOfChannel = (kSide / kTile) * (kSide / kTile);
constexpr std::int64_t kPixelBytes = std::int64_t{kSide} * kSide * kChannels * 2;
constexpr std::uint16_t kNoPredictor = 1, kHorizontal = 2;

using Tiff = std::unique_ptr<TIFF, void (*)(TIFF*)>;

/// Cells of a channel: discs on a dim ground, with the noise of a camera.
std::uint16_t pixel(int x, int y, int channel, std::uint32_t noise) {
  const int u = (x + 13 * channel) % 40 - 20, v = (y + 29 * channel) % 40 - 20, r2 = u * u + v * v;
  return static_cast<std::uint16_t>(400 + (r2 < 150 ? (150 - r2) * 20 : 0) + static_cast<int>(noise % 64));
}

/// A slide written once for each codec and predictor, and removed at the end.
class Sample {
 public:
  static const std::filesystem::path& of(std::uint16_t compression, std::uint16_t predictor) {
    static std::map<std::pair<int, int>, Sample> made;
    return made.try_emplace({compression, predictor}, compression, predictor).first->second.path_;
  }
  Sample(std::uint16_t compression, std::uint16_t predictor)
      : path_(std::filesystem::temp_directory_path() /
              ("hexaplex-bench-" + std::to_string(::getpid()) + "-" + std::to_string(compression) + "-" +
               std::to_string(predictor) + ".tif")) {
    std::mt19937 random(1);
    const Tiff t(TIFFOpen(path_.c_str(), "w8"), TIFFClose);
    std::vector<std::uint16_t> tile(std::size_t{kTile} * kTile);
    for (int c = 0; c < kChannels; ++c) {
      TIFFSetField(t.get(), TIFFTAG_IMAGEWIDTH, kSide);
      TIFFSetField(t.get(), TIFFTAG_IMAGELENGTH, kSide);
      TIFFSetField(t.get(), TIFFTAG_BITSPERSAMPLE, 16);
      TIFFSetField(t.get(), TIFFTAG_SAMPLESPERPIXEL, 1);
      TIFFSetField(t.get(), TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
      TIFFSetField(t.get(), TIFFTAG_COMPRESSION, compression);
      if (predictor != kNoPredictor) TIFFSetField(t.get(), TIFFTAG_PREDICTOR, predictor);
      if (compression == COMPRESSION_ZSTD) TIFFSetField(t.get(), TIFFTAG_ZSTD_LEVEL, 1);
      TIFFSetField(t.get(), TIFFTAG_TILEWIDTH, kTile);
      TIFFSetField(t.get(), TIFFTAG_TILELENGTH, kTile);
      for (int i = 0; i < kTilesOfChannel; ++i) {
        const int x0 = i % (kSide / kTile) * kTile, y0 = i / (kSide / kTile) * kTile;
        for (int y = 0; y < kTile; ++y) {
          for (int x = 0; x < kTile; ++x)
            tile[static_cast<std::size_t>(y) * kTile + static_cast<std::size_t>(x)] =
                pixel(x0 + x, y0 + y, c, static_cast<std::uint32_t>(random()));
        }
        TIFFWriteEncodedTile(t.get(), static_cast<std::uint32_t>(i), tile.data(), kTile * kTile * 2);
      }
      TIFFWriteDirectory(t.get());
    }
  }
  ~Sample() { std::filesystem::remove(path_); }
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;

 private:
  std::filesystem::path path_;
};

void libtiff(benchmark::State& state, std::uint16_t compression, std::uint16_t predictor) {
  const auto path = Sample::of(compression, predictor);
  const Tiff t(TIFFOpen(path.c_str(), "r"), TIFFClose);
  std::vector<std::uint16_t> tile(std::size_t{kTile} * kTile);
  for (auto _ : state) {
    for (int c = 0; c < kChannels; ++c) {
      TIFFSetDirectory(t.get(), static_cast<tdir_t>(c));
      for (int i = 0; i < kTilesOfChannel; ++i) {
        if (TIFFReadEncodedTile(t.get(), static_cast<std::uint32_t>(i), tile.data(), kTile * kTile * 2) < 0)
          state.SkipWithError("libtiff cannot read its own file");
        benchmark::DoNotOptimize(tile.data());
      }
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * kPixelBytes);
}

void slide(benchmark::State& state, std::uint16_t compression, std::uint16_t predictor) {
  const auto reader = open_slide(Sample::of(compression, predictor));
  HostPlane<std::uint16_t> band({kSide, kTile});
  for (auto _ : state) {
    for (int c = 0; c < kChannels; ++c) {
      for (int y = 0; y < kSide; y += kTile) {
        reader->read(c, 0, {0, y, kSide, kTile}, band.view());
        benchmark::DoNotOptimize(band.data());
      }
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * kPixelBytes);
}

#define HX_PAIR(name, ...)                                                                               \
  BENCHMARK_CAPTURE(libtiff, name, __VA_ARGS__)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime(); \
  BENCHMARK_CAPTURE(slide, name, __VA_ARGS__)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()

HX_PAIR(none, COMPRESSION_NONE, kNoPredictor);
HX_PAIR(zstd, COMPRESSION_ZSTD, kNoPredictor);
HX_PAIR(zstd_predictor, COMPRESSION_ZSTD, kHorizontal);
HX_PAIR(deflate, COMPRESSION_ADOBE_DEFLATE, kNoPredictor);
HX_PAIR(deflate_predictor, COMPRESSION_ADOBE_DEFLATE, kHorizontal);
HX_PAIR(lzw_predictor, COMPRESSION_LZW, kHorizontal);

}  // namespace
}  // namespace hexaplex
