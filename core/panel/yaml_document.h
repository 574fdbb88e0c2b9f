#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace hexaplex {

/// A YAML text as JSON, with the line of every value.
struct YamlDocument {
  nlohmann::json value;
  std::map<std::string, int> lines;  ///< JSON pointer -> line of its key (of the value in a list), from 1

  /// Line of `pointer`, or of the nearest thing around it that has one.
  int line(std::string pointer) const;
};

/// "/a/b" from "/a" and "b", escaped as JSON pointers are.
std::string child_pointer(const std::string& pointer, std::string_view key);

/// Reads one YAML document: maps, lists, strings, numbers, true, false and null (YAML 1.2: `yes` and `on` are strings).
/// Throws: ConfigError with the line for text that is no YAML, a key given twice, a key that is no plain value, more
///         than 1 MiB, 64 levels or 20,000 values (which also ends aliases that multiply), and for several documents.
YamlDocument read_yaml(std::string_view text, const std::string& file);

}  // namespace hexaplex
