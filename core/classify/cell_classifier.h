#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/classify/cell_features.h"

namespace hexaplex {

/// Tells kinds of cells apart by their features: a random forest, as a panel stores it.
class CellClassifier {
 public:
  /// @param classes  distinct names
  /// @param features, kinds  one of each annotated cell: its features, and the index of its class
  /// Result: depends on the samples and their order alone
  /// Throws: InvalidArgument for fewer than two classes or a class without a cell
  /// Source: L. Breiman, Mach. Learn. 45 (2001) 5, in OpenCV's form; 100 trees of depth 10
  static CellClassifier train(std::vector<std::string> classes, std::span<const CellFeatures> features,
                              std::span<const int> kinds);

  /// Reads what `text` wrote. Throws: InputError, with the mend, for anything else.
  /// @param file  for messages
  static CellClassifier read(std::string_view text, const std::string& file);

  ~CellClassifier();
  CellClassifier(CellClassifier&&) noexcept;
  CellClassifier& operator=(CellClassifier&&) noexcept;

  /// One file, JSON: classes, features, cells of each class it was trained on, and the forest.
  std::string text() const;

  const std::vector<std::string>& classes() const { return classes_; }

  /// Index of the class of each cell. Comparisons of floats alone: the same on every machine.
  std::vector<int> predict(std::span<const CellFeatures> features) const;

 private:
  struct Forest;
  CellClassifier(std::vector<std::string> classes, std::vector<std::size_t> trained, std::unique_ptr<Forest> forest);
  std::vector<std::string> classes_;
  std::vector<std::size_t> trained_;
  std::unique_ptr<Forest> forest_;
};

}  // namespace hexaplex
