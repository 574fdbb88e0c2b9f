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

/// Why the pixels of a page cannot be decoded exactly: its codec or layout by name. Empty where they can.
std::string unreadable(const TiffPage& page);

/// Throws InputError naming page, codec or layout, and mend where the page is unreadable.
void check_readable(const FileBytes& file, const TiffPage& page);

/// How samples of a readable page reach the caller.
SampleType sample_type(const TiffPage& page);

}  // namespace hexaplex
