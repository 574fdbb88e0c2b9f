#pragma once

#include <filesystem>
#include <memory>

#include "core/io/slide.h"

namespace hexaplex {

/// A folder with one TIFF per channel as one slide: channels in order of file name, each named by its file.
/// Other files, hidden ones and folders inside are left alone.
/// Throws InputError where there is no TIFF, where one holds several channels, or where sizes or sample types differ.
std::unique_ptr<Slide> open_channel_folder(const std::filesystem::path& folder, const OpenOptions& options = {});

}  // namespace hexaplex
