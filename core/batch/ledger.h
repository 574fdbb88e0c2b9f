#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "core/batch/cohort.h"

namespace hexaplex {

/// What happened to a batch, on disk: one JSON object a line, each with `time` (UTC) and `event`.
///
///   batch        what was asked: version, commit, arguments, the cohort's SHA-256, how many slides
///   start        slide, attempt
///   done         slide, attempt, seconds, resumed
///   failed       slide, attempt, exit_code, why, last_words of its stderr; retry: it will be tried again
///   interrupted  signal
///   end          done, failed
///
/// A line is on the disk before `add` returns, and a line that a crash cut short is left behind: nothing is rewritten.
/// Where the file system can, room for further lines is kept ahead, so that the ledger can still tell of a full disk.
class Ledger {
 public:
  /// Opens DIR/ledger.jsonl (ledger-I-of-N.jsonl for a shard), or begins it. Throws: OutputError.
  Ledger(const std::filesystem::path& folder, const Shard& shard);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  /// Throws: OutputError, also where the file was taken away.
  void add(const std::string& event, nlohmann::ordered_json fields);

  /// Throws OutputError where the file is no longer under its name: the folder was removed or renamed, and what is
  /// written there now is found by nobody.
  void require_in_place() const;

  const std::filesystem::path& path() const { return path_; }

 private:
  void keep_room();

  std::filesystem::path path_;
  int fd_ = -1;
};

std::filesystem::path ledger_path(const std::filesystem::path& folder, const Shard& shard);

/// How each slide ended last, by stem, from every ledger of a folder: "done" or "failed". Lines that are no JSON (cut
/// short by a crash) are passed over.
std::map<std::string, std::string> last_states(const std::filesystem::path& folder);

}  // namespace hexaplex
