#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "core/io/file_bytes.h"
#include "core/io/slide.h"

namespace hexaplex {

/// Whether a file looks like a slide of a scanner that OpenSlide reads in our place: NDPI, VMS, VMU (Hamamatsu), MRXS,
/// SCN (Leica), BIF (Ventana), SVSLIDE (Sakura), TIFFs of Philips and Trestle, SVS with JPEG 2000. All other files
/// never reach OpenSlide: it has no pre-scan. Throws InputError where a TIFF's first directory is damaged.
bool is_for_openslide(const FileBytes& file);

/// Files beside a slide that its pixels come from: everything in the folder of a MRXS, the pictures and the map that a
/// VMS or VMU names. Throws InputError where the folder cannot be read.
std::vector<std::filesystem::path> companions_of_whole_slide(const FileBytes& file);

/// Opens a brightfield slide through OpenSlide: Red, Green and Blue of 8 bits, its levels and its pixel size. Pictures
/// that go with it (label, macro, thumbnail) are named and never read.
///
/// Reading throws InputError where OpenSlide reports an error (the slide must then be opened again), or where a level
/// lacks pixels that the coarsest one has: a tile is missing. What the coarsest lacks too was never scanned; read gives
/// the background colour there, read_scanned tells.
///
/// Returns nothing where OpenSlide does not know the file after all. Throws InputError where it knows but cannot open
/// it.
std::unique_ptr<Slide> open_whole_slide(const FileBytes& file);

}  // namespace hexaplex
