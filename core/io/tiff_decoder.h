#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/io/file_bytes.h"
#include "core/io/slide.h"
#include "core/io/tiff_page.h"
#include "core/io/tiff_raw_block.h"

namespace hexaplex {

/// A decoded tile or strip: packed rows in the byte order of this machine.
struct TiffBlock {
  std::vector<std::uint8_t> bytes;
  std::size_t row_bytes = 0;
  std::uint32_t x = 0, y = 0;           ///< of its first pixel in the page
  std::uint32_t width = 0, height = 0;  ///< of what it holds inside the page
  bool damaged = false;                 ///< it could not be read, and `bytes` are 0
};

/// Decodes tiles and strips of checked pages, and keeps the last ones: straight from the file where the page has the
/// raw path, with libtiff otherwise. One thread at a time.
class TiffDecoder {
 public:
  /// `file` must outlive the decoder.
  explicit TiffDecoder(const FileBytes& file, DamagedTiles damaged_tiles = DamagedTiles::error);
  ~TiffDecoder();
  TiffDecoder(const TiffDecoder&) = delete;
  TiffDecoder& operator=(const TiffDecoder&) = delete;

  /// The block that holds pixel (x, y) of `page`, of sample plane `plane` (0 unless page.planar). Valid until the next
  /// call. Throws InputError where it cannot be decoded, or holds less than all its pixels; with
  /// DamagedTiles::not_assessable it is then marked as damaged. A file that cannot be read, or became shorter, is an
  /// error all the same: what is marked depends on the content of the file alone.
  const TiffBlock& block_at(const TiffPage& page, std::uint32_t x, std::uint32_t y, std::uint32_t plane);

 private:
  class Handle;
  using Key = std::pair<std::uint64_t, std::uint32_t>;  // directory offset, block index
  struct Cached {
    Key key;
    TiffBlock block;
  };
  Handle& handle(const TiffPage& page);
  std::uint32_t block_height(const TiffPage& page);
  bool cannot_be_there(const TiffPage& page, std::uint32_t index) const;
  std::string decode(const TiffPage& page, std::uint32_t index, TiffBlock& block);
  void forget_beyond(std::size_t bytes);

  const FileBytes& file_;
  DamagedTiles damaged_tiles_;
  std::map<std::uint64_t, std::unique_ptr<Handle>> handles_;
  RawBlockReader raw_;
  std::vector<std::uint8_t> spare_;  // of the block forgotten last
  std::list<Cached> recent_;         // last used first
  std::map<Key, std::list<Cached>::iterator> found_;
  std::size_t cached_bytes_ = 0;
};

}  // namespace hexaplex
