#pragma once

#include <cstdint>
#include <string>

#include "core/io/file_bytes.h"
#include "core/io/slide.h"
#include "core/io/tiff_page.h"

namespace hexaplex {

/// "LZW", "PackBits", "compression 1234".
std::string compression_name(std::uint32_t compression);

/// How many bytes one compressed byte can become at most; 0 for codecs that are refused anyway.
std::uint64_t max_expansion(std::uint32_t compression);

/// Checks that the pixels of a page can be decoded exactly. Throws InputError naming page and codec or layout.
void check_readable(const FileBytes& file, const TiffPage& page);

/// How samples of a readable page reach the caller.
SampleType sample_type(const TiffPage& page);

}  // namespace hexaplex
