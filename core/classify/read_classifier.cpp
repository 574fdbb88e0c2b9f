#include "core/classify/read_classifier.h"

#include <cstdint>
#include <vector>

#include "core/io/file_bytes.h"

namespace hexaplex {

namespace {
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 28;
}

CellClassifier read_classifier(const std::filesystem::path& file) {
  const std::vector<std::uint8_t> bytes = FileBytes(file).read_all(kMostBytes);
  return CellClassifier::read({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file.string());
}

}  // namespace hexaplex
