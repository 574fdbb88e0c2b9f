#include "tests/support/paths.h"

namespace hexaplex::testing {

std::filesystem::path source_folder() {
  return HEXAPLEX_SOURCE_DIR;
}

std::filesystem::path build_folder() {
  return HEXAPLEX_BINARY_DIR;
}

}  // namespace hexaplex::testing
