#pragma once

#include <string>
#include <vector>

namespace hexaplex {

/// A library that the program runs with.
struct LibraryVersion {
  std::string name;
  std::string version;  ///< of the library loaded where it can tell, of the headers otherwise
};

/// The libraries that read, write, compress, hash and parse, in alphabetical order.
std::vector<LibraryVersion> library_versions();

}  // namespace hexaplex
