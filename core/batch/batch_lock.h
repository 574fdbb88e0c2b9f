#pragma once

#include <filesystem>
#include <vector>

#include "core/batch/cohort.h"

namespace hexaplex {

/// Keeps two batches on one folder apart, while shards of one cohort may share it: a whole batch holds the folder
/// alone, a shard shares it and holds its own share. The locks belong to the process: when it dies, however it dies,
/// they are free, so there is nothing to clean up by hand.
class BatchLock {
 public:
  /// Makes the folder. Throws: OutputError where another batch holds it (says which), or it cannot be written.
  BatchLock(const std::filesystem::path& folder, const Shard& shard);
  ~BatchLock();
  BatchLock(const BatchLock&) = delete;
  BatchLock& operator=(const BatchLock&) = delete;

 private:
  std::vector<int> held_;
};

/// Waits for its turn to write what all shards write together, and keeps it until the end of its life.
class TablesLock {
 public:
  /// Makes the folder. Throws: OutputError.
  explicit TablesLock(const std::filesystem::path& folder);
  ~TablesLock();
  TablesLock(const TablesLock&) = delete;
  TablesLock& operator=(const TablesLock&) = delete;

 private:
  int fd_ = -1;
};

}  // namespace hexaplex
