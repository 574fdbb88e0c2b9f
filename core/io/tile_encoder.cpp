#include "core/io/tile_encoder.h"

#include <libdeflate.h>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {
// Higher levels of either codec take longer and save little on labels; figures in the decision.
constexpr int kDeflateLevel = 3;
constexpr int kZstdLevel = 1;
}  // namespace

std::string name_of(ImageCodec codec) {
  return codec == ImageCodec::zstd ? "zstd" : "deflate";
}

void TileEncoder::FreeDeflate::operator()(libdeflate_compressor* c) const {
  libdeflate_free_compressor(c);
}

TileEncoder::TileEncoder(ImageCodec codec) {
  if (codec == ImageCodec::zstd)
    zstd_.reset(ZSTD_createCCtx());
  else
    deflate_.reset(libdeflate_alloc_compressor(kDeflateLevel));
  if (!zstd_ && !deflate_) throw OutOfMemory(0, "a compressor of tiles");
}

std::string TileEncoder::encode(std::span<const std::byte> tile) {
  const std::size_t bound =
      zstd_ ? ZSTD_compressBound(tile.size()) : libdeflate_zlib_compress_bound(deflate_.get(), tile.size());
  if (packed_.size() < bound) packed_.resize(bound);
  std::size_t size = 0;
  if (zstd_) {
    size = ZSTD_compressCCtx(zstd_.get(), packed_.data(), packed_.size(), tile.data(), tile.size(), kZstdLevel);
    if (ZSTD_isError(size) != 0) throw OutOfMemory(bound, std::string("zstd: ") + ZSTD_getErrorName(size));
  } else {
    size = libdeflate_zlib_compress(deflate_.get(), tile.data(), tile.size(), packed_.data(), packed_.size());
    if (size == 0) throw Error("libdeflate needs more than its own bound");
  }
  return std::string(packed_.data(), size);
}

}  // namespace hexaplex
