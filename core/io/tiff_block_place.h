#pragma once

#include <cstdint>
#include <string>

#include "core/io/file_bytes.h"
#include "core/io/tiff_page.h"

namespace hexaplex {

/// Where a tile or strip lies in the file.
struct TiffBlockPlace {
  std::uint64_t offset = 0, bytes = 0;
};

/// Place of block `index` of a page, read from the file. Throws InputError where the file has become shorter than it
/// was.
TiffBlockPlace block_place(const FileBytes& file, const TiffPage& page, std::uint32_t index);

/// Bytes of a block once decoded: of the rows that it has in the page, a tile's are always whole. 0 where codec or
/// layout do not tell; such pages are refused by name when they are to be read.
std::uint64_t decoded_block_bytes(const TiffPage& page, std::uint64_t index);

/// Why a block cannot hold its pixels, told by its place alone: it is missing, outside the file, or too short. A
/// sentence without the page; empty where nothing speaks against it.
std::string block_problem(const TiffPage& page, std::uint64_t index, TiffBlockPlace place, std::uint64_t file_bytes);

}  // namespace hexaplex
