#pragma once

#include "core/io/file_bytes.h"
#include "core/io/slide.h"
#include "core/io/tiff_page.h"

namespace hexaplex {

/// Whether the file starts as a TIFF or BigTIFF does.
bool looks_like_tiff(const FileBytes& file);

/// Reads and checks every directory of a TIFF (classic or BigTIFF, either byte order, SubIFDs one deep) before libtiff
/// sees the file. Memory and time are bounded by the length of the file.
///
/// Checked, for every page: directories that come round again; number of pages and tags; a tag twice; each tag's type
/// and size, and the sum of their sizes, against the file; width, height, samples, bits; tile or strip counts against
/// the dimensions; every tile and strip lies in the file and is not empty; uncompressed ones hold all their pixels;
/// compressed ones cannot decode to more than their codec can reach, nor to more than 256 MiB.
///
/// With DamagedTiles::not_assessable a tile or strip that is missing, outside the file or too short is no error:
/// TiffPage::block_problem tells of the first.
///
/// Not checked here: whether codec and layout can be decoded (check_readable), since a thumbnail may use any.
/// Throws: InputError naming the page and the defect.
TiffIndex prescan_tiff(const FileBytes& file, DamagedTiles damaged_tiles = DamagedTiles::error);

}  // namespace hexaplex
