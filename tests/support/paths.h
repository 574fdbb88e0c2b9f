#pragma once

#include <filesystem>

namespace hexaplex::testing {

// Where the project lies, and where it is built. Functions, so that the objects of all tests but one are the same in
// every folder, and compiler caches find them again.

std::filesystem::path source_folder();
std::filesystem::path build_folder();

}  // namespace hexaplex::testing
