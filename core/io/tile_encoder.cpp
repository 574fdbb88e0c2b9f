#include "core/io/tile_encoder.h"

#include <libdeflate.h>

#include <algorithm>
#include <cstring>

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
  // Every byte is that before it, and the first is 0.
  const bool empty =
      !tile.empty() && tile[0] == std::byte{0} && std::memcmp(tile.data(), tile.data() + 1, tile.size() - 1) == 0;
  if (!empty) return packed(tile);
  if (tile.size() != empty_bytes_) {
    empty_ = packed(tile);
    empty_bytes_ = tile.size();
  }
  return empty_;
}

std::string TileEncoder::packed(std::span<const std::byte> tile) {
  const std::size_t misread = tile.size() / 4;
  if (zstd_) {
    std::size_t size = pack_zstd(tile, false);
    if (size == misread) size = pack_zstd(tile, true);  // 4 bytes more
    return std::string(packed_.data(), size);
  }
  const std::size_t size = pack_deflate(tile);
  std::string out(packed_.data(), size);
  constexpr std::size_t kZlibHeaderBytes = 2;
  if (out.size() == misread) out.insert(kZlibHeaderBytes, "\x00\x00\x00\xff\xff", 5);  // an empty stored block
  return out;
}

std::size_t TileEncoder::pack_zstd(std::span<const std::byte> tile, bool checksum) {
  packed_.resize(std::max(packed_.size(), ZSTD_compressBound(tile.size())));
  ZSTD_CCtx_setParameter(zstd_.get(), ZSTD_c_compressionLevel, kZstdLevel);
  ZSTD_CCtx_setParameter(zstd_.get(), ZSTD_c_checksumFlag, checksum ? 1 : 0);
  const std::size_t size = ZSTD_compress2(zstd_.get(), packed_.data(), packed_.size(), tile.data(), tile.size());
  if (ZSTD_isError(size) != 0) throw OutOfMemory(tile.size(), std::string("zstd: ") + ZSTD_getErrorName(size));
  return size;
}

std::size_t TileEncoder::pack_deflate(std::span<const std::byte> tile) {
  packed_.resize(std::max(packed_.size(), libdeflate_zlib_compress_bound(deflate_.get(), tile.size())));
  const std::size_t size =
      libdeflate_zlib_compress(deflate_.get(), tile.data(), tile.size(), packed_.data(), packed_.size());
  if (size == 0) throw Error("libdeflate needs more than its own bound");
  return size;
}

}  // namespace hexaplex
