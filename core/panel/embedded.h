#pragma once

#include <cstddef>

namespace hexaplex::detail {

/// A text file of panels/ that was compiled in (cmake/EmbedFiles.cmake).
struct EmbeddedFile {
  const char* name;
  const char* text;
};
extern const EmbeddedFile kEmbeddedPanels[];
extern const std::size_t kEmbeddedPanelsCount;

}  // namespace hexaplex::detail
