#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/io/image_codec.h"
#include "core/run/output_file.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// One channel of a pyramid: samples of 4 bytes.
template <class T>
struct OmeChannel {
  std::string name;
  Plane<const T> pixels;
};

/// A pyramid whose pixels lie nowhere whole: they are made, all channels at once, as the writer comes by.
template <class T>
struct PyramidSource {
  std::vector<std::string> channels;  ///< names
  Extent extent{};
  /// Fills one plane for each channel with the pixels of `window`. Windows are ome_tiff_window_px a side (less at the
  /// right and bottom edge), begin at multiples of that, and cover the extent once, in depth-first order of a quadtree.
  /// Called on the thread that writes, one call at a time; may use the queue. What it throws ends the writing.
  std::function<void(const CpuQueue& q, Rect window, std::span<const Plane<T>> pixels)> read;
};

struct OmeTiffOptions {
  std::string image_name;
  double um_per_px = 0;
  std::string software;  ///< "Hexaplex 0.1.0"
  ImageCodec codec = ImageCodec::deflate;
};

/// Writes channels of one extent as an OME-TIFF pyramid: BigTIFF, a page for each channel, tiles of 512, levels by
/// nearest neighbour (every second pixel) as SubIFDs until one tile holds all. No dates and no UUIDs: the same pixels
/// give the same bytes, for any number of threads, from planes or from a source.
///
/// Each pixel is read once. Memory beside the channels: below 200 MB for up to 8 of them, whatever the extent, and 3 MB
/// for each thread.
///
/// Throws: OutputError where a byte cannot be written; InvalidArgument for no channel or an empty extent.
void write_ome_tiff(const CpuQueue& q, OutputFile& file, std::span<const OmeChannel<std::uint32_t>> channels,
                    const OmeTiffOptions& options);
void write_ome_tiff(const CpuQueue& q, OutputFile& file, std::span<const OmeChannel<float>> channels,
                    const OmeTiffOptions& options);
void write_ome_tiff(const CpuQueue& q, OutputFile& file, const PyramidSource<std::uint32_t>& source,
                    const OmeTiffOptions& options);
void write_ome_tiff(const CpuQueue& q, OutputFile& file, const PyramidSource<float>& source,
                    const OmeTiffOptions& options);

/// Side of the windows that a source of so many channels is asked for: 512, 1024, 2048 or 4096.
int ome_tiff_window_px(std::size_t channels);

/// Reopens a written file with libtiff and looks for its directories, levels and tiles.
/// Throws: OutputError where something is missing, or lies beyond the file's end.
void verify_ome_tiff(const std::filesystem::path& path, int channels, Extent extent);

/// Number of levels of a pyramid of this extent, full resolution included.
int pyramid_levels(Extent extent);

}  // namespace hexaplex
