#pragma once

#include <filesystem>

#include "core/image/labels.h"
#include "kernels/runtime/plane.h"

namespace hexaplex {

/// Objects given by the user: one page (cells), two (nucleus, cell; same label, same cell), or inForm's maps (nucleus;
/// cell = nucleus and cytoplasm, where a nucleus may lie over its neighbour's cytoplasm). Ids are kept. Throws:
/// InputError for another number of pages, or an extent that differs from the slide's.
LabelPair read_given_labels(const std::filesystem::path& mask, Extent slide);

}  // namespace hexaplex
