#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace hexaplex {

/// The folder that a comparison becomes, whole or not at all. An earlier one of the same kind may be replaced, and
/// never anything else.
class PageFolder {
 public:
  /// @param what     "a comparison": what the folder holds, for messages
  /// @param is_ours  whether a file of this name is part of one
  /// Throws: OutputError for a path that is no folder's name, or a folder that is there: with `overwrite` only where it
  ///         holds anything else.
  PageFolder(const std::filesystem::path& out, std::string what, std::function<bool(const std::string& name)> is_ours,
             bool overwrite);

  /// Writes all files and renames the folder into place. Throws: OutputError, also for what came meanwhile.
  void publish(const std::vector<std::pair<std::string, std::string>>& names_and_texts) const;

 private:
  void check() const;

  std::filesystem::path place_;
  std::string what_;
  std::function<bool(const std::string&)> is_ours_;
  bool overwrite_;
};

}  // namespace hexaplex
