#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "core/classify/cell_classifier.h"

namespace hexaplex {

/// A result of hexaplex run, and what was drawn on its slide.
struct TrainingSlide {
  std::filesystem::path result;       ///< DIR/S
  std::filesystem::path annotations;  ///< GeoJSON
};

struct TrainedClassifier {
  CellClassifier classifier;
  std::vector<std::string> kinds;
  std::vector<std::size_t> cells;  ///< annotated, of each kind
};

/// Trains a classifier from annotated cells of slides that have results.
/// Throws: InputError where a file is not what it should be, or names the kinds that have fewer than 2 cells
TrainedClassifier train_classifier(const std::vector<TrainingSlide>& slides);

}  // namespace hexaplex
