#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/run/checkpoint_file.h"

namespace hexaplex {

/// What a run on one slide has finished, kept beside its result's place until that is there: a run that died is taken
/// up behind the last stage that was kept. Only a run of the same content, parameters and version takes it up, so the
/// result is the same bytes.
///
/// A checkpoint is a convenience: where one cannot be written or is damaged, the stage is done again, and `notes` says
/// so.
class Checkpoints {
 public:
  /// None are kept and none are read.
  Checkpoints() = default;

  /// Kept in out/.STEM.checkpoint-KEY. Those of other keys are removed: the slide, the panel or the program changed.
  /// @param key  of all that the stages depend on (hexadecimal digits)
  Checkpoints(const std::filesystem::path& out, const std::string& stem, const std::string& key);

  /// Whether a stage was finished before: `read` has it then.
  bool load(const std::string& stage, const std::function<void(CheckpointReader&)>& read);

  void save(const std::string& stage, const std::function<void(CheckpointWriter&)>& write);

  /// Removes every checkpoint of a slide, whatever its key: the result is there.
  static void remove(const std::filesystem::path& out, const std::string& stem);

  const std::vector<std::string>& notes() const { return notes_; }  ///< sentences

 private:
  static void remove(const std::filesystem::path& out, const std::string& stem, const std::filesystem::path& but);
  std::filesystem::path file_of(const std::string& stage) const { return folder_ / (stage + ".bin"); }
  std::filesystem::path folder_;
  std::vector<std::string> notes_;
};

}  // namespace hexaplex
