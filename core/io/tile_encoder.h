#pragma once

#include <zstd.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/io/image_codec.h"

struct libdeflate_compressor;

namespace hexaplex {

/// Compresses tiles of 4-byte samples; keeps its tables and its buffer from one tile to the next. For one thread at a
/// time.
///
/// No tile gets as many bytes as it has pixels: Bio-Formats before mid-2026 takes such a number for a count of samples
/// and reads beyond the tile (ome/bioformats#4442). A tile that would gets a few bytes that say nothing.
class TileEncoder {
 public:
  /// Throws: OutOfMemory.
  explicit TileEncoder(ImageCodec codec);

  /// `tile` as a zlib stream or as one zstd frame. The same bytes for the same tile, whatever went before.
  std::string encode(std::span<const std::byte> tile);

 private:
  struct FreeDeflate {
    void operator()(libdeflate_compressor* c) const;
  };
  struct FreeZstd {
    void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
  };
  std::string packed(std::span<const std::byte> tile);
  std::size_t pack_zstd(std::span<const std::byte> tile, bool checksum);
  std::size_t pack_deflate(std::span<const std::byte> tile);

  std::unique_ptr<libdeflate_compressor, FreeDeflate> deflate_;
  std::unique_ptr<ZSTD_CCtx, FreeZstd> zstd_;
  std::size_t empty_bytes_ = 0;  ///< of the last tile that held nothing but zeros
  std::string empty_;            ///< as it was packed: most of a slide is glass
  std::vector<char> packed_;     ///< as large as a tile can become; results are copied out at their own size
};

}  // namespace hexaplex
