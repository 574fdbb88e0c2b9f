#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hexaplex::contract {

/// A line of the project that breaks a rule of docs/architecture.md.
struct Finding {
  std::string path;
  int line;
  std::string what;
};

/// The rules of the layers, on one C++ or CUDA source: which way includes point, which libraries a layer knows, that
/// libraries neither print nor end the program, that result paths call no libm, that files stay readable.
///
/// @param path  from the root of the project, with '/': its first folders say the layer
std::vector<Finding> check_source(const std::string& path, std::string_view text);

/// Rules for every text file: no path of somebody's machine, and links of Markdown files that lead somewhere.
///
/// @param exists  answers for a path from the root of the project
std::vector<Finding> check_text(const std::string& path, std::string_view text, bool (*exists)(const std::string&));

}  // namespace hexaplex::contract
