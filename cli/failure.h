#pragma once

#include <functional>

#include "cli/log.h"

namespace hexaplex::cli {

/// Does the work and returns its exit code. What it throws becomes one sentence on stderr and the exit code of that
/// kind of exception. With the parsing of arguments this is the one place that catches.
int run_and_report(const Log& log, const std::function<int()>& work);

}  // namespace hexaplex::cli
