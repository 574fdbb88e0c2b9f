#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/io/image_codec.h"
#include "core/io/pyramid_grid.h"
#include "core/run/output_file.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Where the tiles of one level lie in the file.
struct TileTable {
  std::vector<std::uint64_t> offsets;
  std::vector<std::uint32_t> bytes;
};

/// The channels within a window of full resolution; valid until the next call. Windows are blocks of 1, 2, 4 or 8 tiles
/// a side, cut off at the image's edge; each pixel is asked for once.
template <class T>
using PyramidWindows = std::function<std::span<const Plane<const T>>(Rect window)>;

/// Side of those windows in pixels, for so many channels of 4 bytes: at most 64 MiB a window where that is a tile or
/// more.
int pyramid_window_px(std::size_t channels);

/// Compresses all levels of all channels and appends them to `file`, which stands at `at`.
///
/// The pixels pass by once, block by block: a block's tiles are compressed in parallel while the block before is
/// written, and every pixel of a coarser level is picked up as it passes. Memory: a block of compressed tiles or two,
/// and one open tile for each channel and level above the blocks, whatever the image's size. The order is that of
/// PyramidGrid::subtree with the channels of a tile side by side, so neither block size nor threads change a byte.
///
/// Returns: [channel][level]. Throws: OutputError, OutOfMemory, and what `windows` throws.
template <class T>
std::vector<std::vector<TileTable>> write_pyramid_tiles(const CpuQueue& q, OutputFile& file, std::uint64_t at,
                                                        const PyramidGrid& grid, std::size_t channels,
                                                        const PyramidWindows<T>& windows, ImageCodec codec);

}  // namespace hexaplex
