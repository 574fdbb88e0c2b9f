#include "core/io/ome_tiff_writer.h"

#include <algorithm>
#include <cstdio>
#include <type_traits>

#include "core/io/big_tiff.h"
#include "core/io/ome_description.h"
#include "core/io/pyramid_grid.h"
#include "core/io/pyramid_tiles.h"
#include "core/io/tiff_page.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr int kTile = PyramidGrid::kTile;

enum Tag : std::uint16_t {
  kSubfileType = 254,
  kImageWidth = 256,
  kImageLength = 257,
  kBitsPerSample = 258,
  kCompression = 259,
  kPhotometric = 262,
  kImageDescription = 270,
  kSamplesPerPixel = 277,
  kXResolution = 282,
  kYResolution = 283,
  kPlanarConfig = 284,
  kResolutionUnit = 296,
  kSoftware = 305,
  kTileWidth = 322,
  kTileLength = 323,
  kTileOffsets = 324,
  kTileByteCounts = 325,
  kSubIfds = 330,
  kSampleFormat = 339,
};

// What all directories of a file have in common.
struct Pages {
  PyramidGrid grid;
  std::uint16_t sample_format;
  std::string description;
  const OmeTiffOptions& options;
};

// Directory of one level. `levels_at`: where the coarser levels lie, for a page; `first` carries the description.
BigTiffDirectory directory_of(const Pages& pages, int level, const TileTable& tiles, bool first,
                              const std::vector<std::uint64_t>& levels_at) {
  const Extent extent = pages.grid.extent(level);
  const OmeTiffOptions& o = pages.options;
  const double per_cm = o.um_per_px > 0 ? 1e4 / (o.um_per_px * static_cast<double>(std::int64_t{1} << level)) : 0;
  BigTiffDirectory d;
  d.add_long(kSubfileType, level > 0 ? 1 : 0);  // 1: reduced
  d.add_long(kImageWidth, static_cast<std::uint32_t>(extent.width));
  d.add_long(kImageLength, static_cast<std::uint32_t>(extent.height));
  d.add_short(kBitsPerSample, 32);
  d.add_short(kCompression, static_cast<std::uint16_t>(o.codec == ImageCodec::zstd ? tiff::kZstd : tiff::kDeflate));
  d.add_short(kPhotometric, static_cast<std::uint16_t>(tiff::kBlackIsZero));
  if (first) d.add_text(kImageDescription, pages.description);
  d.add_short(kSamplesPerPixel, 1);
  if (per_cm > 0) {
    d.add_rational(kXResolution, per_cm);
    d.add_rational(kYResolution, per_cm);
  }
  d.add_short(kPlanarConfig, 1);
  if (per_cm > 0) d.add_short(kResolutionUnit, static_cast<std::uint16_t>(tiff::kCentimetre));
  if (first) d.add_text(kSoftware, o.software);
  d.add_long(kTileWidth, kTile);
  d.add_long(kTileLength, kTile);
  d.add_offsets(kTileOffsets, tiles.offsets);
  d.add_longs(kTileByteCounts, tiles.bytes);
  if (!levels_at.empty()) d.add_directories(kSubIfds, levels_at);
  d.add_short(kSampleFormat, pages.sample_format);
  return d;
}

// All directories, and then the header, which says where they are.
void write_directories(OutputFile& file, const Pages& pages, const std::vector<std::vector<TileTable>>& tables) {
  const std::uint64_t end = file.size();
  std::uint64_t at = (end + 7) / 8 * 8;
  file.write(std::string(at - end, '\0'));
  const std::uint64_t first_at = at;
  for (std::size_t c = 0; c < tables.size(); ++c) {
    // A page is followed by its levels. Where they lie changes no size, so that is known before.
    std::vector<std::uint64_t> levels_at(tables[c].size() - 1);
    std::uint64_t next = at + directory_of(pages, 0, tables[c][0], c == 0, levels_at).size();
    for (std::size_t l = 1; l < tables[c].size(); ++l) {
      levels_at[l - 1] = next;
      next += directory_of(pages, static_cast<int>(l), tables[c][l], false, {}).size();
    }
    directory_of(pages, 0, tables[c][0], c == 0, levels_at).write(file, at, c + 1 < tables.size() ? next : 0);
    for (std::size_t l = 1; l < tables[c].size(); ++l)
      directory_of(pages, static_cast<int>(l), tables[c][l], false, {}).write(file, levels_at[l - 1], 0);
    at = next;
  }
  file.seek(0, SEEK_SET);
  file.write(big_tiff_header(first_at));
  file.seek(0, SEEK_END);
}

template <class T>
void write_pyramid(const CpuQueue& q, OutputFile& file, const std::vector<std::string>& channels, Extent extent,
                   const PyramidWindows<T>& windows, const OmeTiffOptions& options) {
  constexpr bool kFloat = std::is_same_v<T, float>;
  const PyramidGrid grid{extent};
  const Pages pages{grid, static_cast<std::uint16_t>(kFloat ? tiff::kFloat : tiff::kUint),
                    ome_description({options.image_name, options.software, kFloat ? "float" : "uint32",
                                     options.um_per_px, extent, channels}),
                    options};
  file.write(std::string(kBigTiffHeaderBytes, '\0'));
  write_directories(
      file, pages, write_pyramid_tiles<T>(q, file, kBigTiffHeaderBytes, grid, channels.size(), windows, options.codec));
}

template <class T>
void write_held(const CpuQueue& q, OutputFile& file, std::span<const OmeChannel<T>> channels,
                const OmeTiffOptions& options) {
  HX_EXPECT(!channels.empty(), "an image needs a channel");
  const Extent extent = channels.front().pixels.extent;
  HX_EXPECT(!extent.empty(), "an image needs pixels");
  std::vector<std::string> names;
  for (const auto& c : channels) {
    HX_EXPECT(c.pixels.extent == extent, "the channels of an image have one extent");
    names.push_back(c.name);
  }
  std::vector<Plane<const T>> views(channels.size());
  write_pyramid<T>(
      q, file, names, extent,
      [&](Rect window) {
        for (std::size_t c = 0; c < channels.size(); ++c) views[c] = channels[c].pixels.window(window);
        return std::span<const Plane<const T>>(views);
      },
      options);
}

template <class T>
void write_source(const CpuQueue& q, OutputFile& file, const PyramidSource<T>& source, const OmeTiffOptions& options) {
  HX_EXPECT(!source.channels.empty(), "an image needs a channel");
  HX_EXPECT(!source.extent.empty(), "an image needs pixels");
  HX_EXPECT(source.read != nullptr, "a source needs a function that reads");
  const std::size_t channels = source.channels.size();
  const int side = pyramid_window_px(channels);
  const auto pixels = static_cast<std::size_t>(std::min(side, source.extent.width)) *
                      static_cast<std::size_t>(std::min(side, source.extent.height));
  std::vector<T> memory(channels * pixels);
  std::vector<Plane<T>> planes(channels);
  std::vector<Plane<const T>> views(channels);
  write_pyramid<T>(
      q, file, source.channels, source.extent,
      [&](Rect window) {
        for (std::size_t c = 0; c < channels; ++c)
          views[c] = planes[c] = {memory.data() + c * pixels, window.extent(), window.width};
        source.read(q, window, planes);
        return std::span<const Plane<const T>>(views);
      },
      options);
}

}  // namespace

int ome_tiff_window_px(std::size_t channels) {
  return pyramid_window_px(channels);
}

int pyramid_levels(Extent extent) {
  return PyramidGrid{extent}.levels();
}

void write_ome_tiff(const CpuQueue& q, OutputFile& file, std::span<const OmeChannel<std::uint32_t>> channels,
                    const OmeTiffOptions& options) {
  write_held(q, file, channels, options);
}

void write_ome_tiff(const CpuQueue& q, OutputFile& file, std::span<const OmeChannel<float>> channels,
                    const OmeTiffOptions& options) {
  write_held(q, file, channels, options);
}

void write_ome_tiff(const CpuQueue& q, OutputFile& file, const PyramidSource<std::uint32_t>& source,
                    const OmeTiffOptions& options) {
  write_source(q, file, source, options);
}

void write_ome_tiff(const CpuQueue& q, OutputFile& file, const PyramidSource<float>& source,
                    const OmeTiffOptions& options) {
  write_source(q, file, source, options);
}

}  // namespace hexaplex
