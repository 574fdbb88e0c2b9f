#include "core/io/tiff_raw_block.h"

#include <fmt/format.h>
#include <zstd_errors.h>

#include <bit>

#include "core/io/tiff_block_place.h"
#include "core/io/tiff_predictor.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr bool kBigMachine = std::endian::native == std::endian::big;

/// No codec needs more for these bytes; what claims more is left to libtiff.
std::uint64_t largest_packed(std::uint64_t decoded) {
  return decoded + decoded / 4 + (1u << 16);
}

}  // namespace

bool has_raw_path(const TiffPage& page) {
  if (page.fill_order != 1 || (page.bits != 8 && page.bits != 16 && page.bits != 32)) return false;
  switch (page.compression) {
    case tiff::kNone:  // a predictor means nothing here. One strip can be larger than memory: libtiff cuts it in pieces
      return page.tiled || page.block_height < page.height;
    case tiff::kDeflate:
    case tiff::kOldDeflate:
    case tiff::kZstd:
      return true;
    default:
      return false;
  }
}

RawBlockReader::Outcome RawBlockReader::read(const FileBytes& file, const TiffPage& page, std::uint32_t index,
                                             std::size_t row_bytes, std::vector<std::uint8_t>& out) {
  const auto [offset, bytes] = block_place(file, page, index);
  if (page.compression == tiff::kNone) {
    file.read(offset, out.data(), out.size());
  } else {
    if (bytes > largest_packed(out.size())) return Outcome::left_to_libtiff;
    packed_bytes_ = bytes;
    if (packed_.size() < bytes) packed_.resize(bytes);
    file.read(offset, packed_.data(), bytes);
    const Outcome outcome = page.compression == tiff::kZstd ? unpack_zstd(out) : inflate(out);
    if (outcome != Outcome::decoded) return outcome;
  }
  const std::uint32_t sample_bytes = page.bits / 8, samples = page.planar ? 1 : page.samples;
  const std::size_t count = row_bytes / sample_bytes;
  const std::uint32_t predictor = page.compression == tiff::kNone ? 1 : page.predictor;
  if (page.big_endian != kBigMachine && predictor != 3)
    swap_sample_bytes(out.data(), out.size() / sample_bytes, sample_bytes);
  if (predictor == 1) return Outcome::decoded;
  if (predictor == 3) scratch_.resize(row_bytes);
  for (std::size_t at = 0; at < out.size(); at += row_bytes) {
    if (predictor == 2) {
      undo_horizontal_predictor(out.data() + at, count, samples, sample_bytes);
    } else {
      undo_float_predictor(out.data() + at, scratch_.data(), count, samples, sample_bytes);
    }
  }
  return Outcome::decoded;
}

RawBlockReader::Outcome RawBlockReader::inflate(std::vector<std::uint8_t>& out) {
  if (!inflate_) inflate_.reset(libdeflate_alloc_decompressor());
  if (!inflate_) throw OutOfMemory(0, "libdeflate");
  switch (libdeflate_zlib_decompress(inflate_.get(), packed_.data(), packed_bytes_, out.data(), out.size(), nullptr)) {
    case LIBDEFLATE_SUCCESS:
      return Outcome::decoded;
    case LIBDEFLATE_INSUFFICIENT_SPACE:
      return Outcome::left_to_libtiff;
    case LIBDEFLATE_SHORT_OUTPUT:
      reason_ = "it holds fewer pixels than it should";
      return Outcome::damaged;
    default:
      reason_ = "its Deflate stream is broken or fails its checksum";
      return Outcome::damaged;
  }
}

RawBlockReader::Outcome RawBlockReader::unpack_zstd(std::vector<std::uint8_t>& out) {
  if (!zstd_) zstd_.reset(ZSTD_createDCtx());
  if (!zstd_) throw OutOfMemory(0, "libzstd");
  // Bytes behind the frame do no harm, as with libtiff.
  const std::size_t frame = ZSTD_findFrameCompressedSize(packed_.data(), packed_bytes_);
  const std::size_t n = ZSTD_isError(frame) != 0
                            ? frame
                            : ZSTD_decompressDCtx(zstd_.get(), out.data(), out.size(), packed_.data(), frame);
  if (ZSTD_isError(n) == 0) return n == out.size() ? Outcome::decoded : Outcome::left_to_libtiff;  // a frame may follow
  if (ZSTD_getErrorCode(n) == ZSTD_error_dstSize_tooSmall) return Outcome::left_to_libtiff;
  if (ZSTD_getErrorCode(n) == ZSTD_error_memory_allocation) throw OutOfMemory(0, "libzstd");
  reason_ = fmt::format("zstd: {}", ZSTD_getErrorName(n));
  return Outcome::damaged;
}

}  // namespace hexaplex
