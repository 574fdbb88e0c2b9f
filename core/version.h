#pragma once

#include <string>

namespace hexaplex {

/// The release, as "0.1.0".
std::string version();

/// What the sources were built from: `git describe`, the commit a source archive was made from, or "unknown".
std::string commit();

}  // namespace hexaplex
