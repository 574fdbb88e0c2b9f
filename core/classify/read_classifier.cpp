#include "core/classify/read_classifier.h"

#include <fstream>
#include <sstream>

#include "kernels/runtime/error.h"

namespace hexaplex {

CellClassifier read_classifier(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw InputError(file.string(), "cannot be read; is the path of the classifier right?");
  return CellClassifier::read(text.str(), file.string());
}

}  // namespace hexaplex
