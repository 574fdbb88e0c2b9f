#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace hexaplex {

/// Root of every exception the libraries throw. The message says what is wrong, where, and how to mend it.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A caller broke a documented precondition: a defect, or a parameter outside its range.
class InvalidArgument : public Error {
 public:
  using Error::Error;
};

/// A file cannot be used. `line` is 0 where lines make no sense.
class InputError : public Error {
 public:
  InputError(std::string file, int line, const std::string& what);
  InputError(std::string file, const std::string& what) : InputError(std::move(file), 0, what) {}
  const std::string& file() const { return file_; }
  int line() const { return line_; }

 private:
  std::string file_;
  int line_;
};

/// The panel, cohort or another text that the user wrote is wrong: the same shape as InputError, another exit code.
class ConfigError : public InputError {
 public:
  using InputError::InputError;
};

/// A result cannot be written. `path` names the file.
class OutputError : public Error {
 public:
  OutputError(std::string path, const std::string& what);
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A device is missing, or a call to it failed.
class DeviceError : public Error {
 public:
  using Error::Error;
};

/// Memory, on the host or on a device, is used up.
class OutOfMemory : public Error {
 public:
  OutOfMemory(std::size_t bytes_asked, const std::string& where);
  std::size_t bytes_asked() const { return bytes_asked_; }

 private:
  std::size_t bytes_asked_;
};

/// Memory of a device, or memory of the host that a device copies from, is used up: less at a time may still fit, and
/// the host's own memory is not short.
class DeviceOutOfMemory : public OutOfMemory {
 public:
  using OutOfMemory::OutOfMemory;
};

namespace detail {
[[noreturn]] void throw_invalid_argument(const char* function, const char* message);
}

}  // namespace hexaplex

/// Checks a precondition of a public function; throws InvalidArgument that names the function.
#define HX_EXPECT(condition, message)                                                \
  do {                                                                               \
    if (!(condition)) ::hexaplex::detail::throw_invalid_argument(__func__, message); \
  } while (false)
