#pragma once

#include <filesystem>

#include "core/classify/cell_classifier.h"

namespace hexaplex {

/// Reads the classifier of a file. Throws: InputError
CellClassifier read_classifier(const std::filesystem::path& file);

}  // namespace hexaplex
