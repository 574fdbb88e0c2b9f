#pragma once

#include <exception>
#include <string>

namespace hexaplex::cli {

/// What an exception means to the person at the terminal, and to scripts.
struct Failure {
  std::string message;  ///< one sentence
  int code;             ///< exit code
};

/// The one place that knows which exception gives which exit code.
Failure describe_failure(std::exception_ptr exception);

}  // namespace hexaplex::cli
