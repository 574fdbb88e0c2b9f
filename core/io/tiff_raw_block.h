#pragma once

#include <libdeflate.h>
#include <zstd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/io/file_bytes.h"
#include "core/io/tiff_page.h"

namespace hexaplex {

/// Whether tiles or strips of this page can be decoded straight from the file, without libtiff: uncompressed, Deflate
/// or zstd, any predictor, samples of 8, 16 or 32 bits.
bool has_raw_path(const TiffPage& page);

/// Reads tiles and strips by offset and decodes them with libdeflate and libzstd. One thread at a time.
class RawBlockReader {
 public:
  enum class Outcome {
    decoded,
    damaged,         ///< see reason()
    left_to_libtiff  ///< longer than its tile: padded or strange, which libtiff knows how to take
  };

  /// Decodes block `index` of a page that has the raw path.
  ///
  /// @param row_bytes  of one row of the block
  /// @param out        rows * row_bytes bytes: all that the block must hold; samples in the byte order of this machine
  /// Throws: InputError where the file has become shorter than it was.
  Outcome read(const FileBytes& file, const TiffPage& page, std::uint32_t index, std::size_t row_bytes,
               std::vector<std::uint8_t>& out);

  const std::string& reason() const { return reason_; }

 private:
  Outcome inflate(std::vector<std::uint8_t>& out);
  Outcome unpack_zstd(std::vector<std::uint8_t>& out);

  struct FreeInflate {
    void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
  };
  struct FreeZstd {
    void operator()(ZSTD_DCtx* d) const { ZSTD_freeDCtx(d); }
  };
  std::unique_ptr<libdeflate_decompressor, FreeInflate> inflate_;
  std::unique_ptr<ZSTD_DCtx, FreeZstd> zstd_;
  std::vector<std::uint8_t> packed_, scratch_;
  std::size_t packed_bytes_ = 0;  // of packed_, which only grows
  std::string reason_;
};

}  // namespace hexaplex
