#pragma once

#include <filesystem>
#include <string>

namespace hexaplex {

/// A hidden folder beside a result's place, in which its files are written; then it becomes the result in one rename.
/// Without publish() it is removed with everything in it. While it lives it is locked, so that the next run can tell
/// it from one whose program died; those are removed here.
class StagingFolder {
 public:
  /// Makes `parent` where it is missing, and parent/.NAME.partial-PID-N. Puts back a result that an overwriting run
  /// set aside and died over.
  /// Throws: OutputError.
  StagingFolder(const std::filesystem::path& parent, const std::string& name);
  ~StagingFolder();
  StagingFolder(const StagingFolder&) = delete;
  StagingFolder& operator=(const StagingFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// Renames the folder to parent/NAME, durably. What is there is refused (OutputError) or, with `overwrite`, replaced
  /// in one exchange where the file system can.
  void publish(bool overwrite);

 private:
  std::filesystem::path parent_, target_, path_;
  std::string name_;
  int lock_ = -1;
};

}  // namespace hexaplex
