#include "kernels/runtime/error.h"

#include <utility>

namespace hexaplex {

namespace {
std::string located(const std::string& file, int line, const std::string& what) {
  return line > 0 ? file + ":" + std::to_string(line) + ": " + what : file + ": " + what;
}
}  // namespace

InputError::InputError(std::string file, int line, const std::string& what)
    : Error(located(file, line, what)), file_(std::move(file)), line_(line) {}

OutputError::OutputError(std::string path, const std::string& what)
    : Error(path + ": " + what), path_(std::move(path)) {}

OutOfMemory::OutOfMemory(std::size_t bytes_asked, const std::string& where)
    : Error("out of memory: " + where + " asked for " + std::to_string(bytes_asked) + " bytes"),
      bytes_asked_(bytes_asked) {}

namespace detail {
void throw_invalid_argument(const char* function, const char* message) {
  throw InvalidArgument(std::string(function) + ": " + message);
}
}  // namespace detail

}  // namespace hexaplex
