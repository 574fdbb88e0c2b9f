#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/batch/cohort.h"
#include "core/batch/cohort_tables.h"
#include "core/batch/exit_state.h"

namespace hexaplex {

/// What one worker is given.
struct Share {
  int threads = 0;                ///< 0: all
  std::int64_t memory_bytes = 0;  ///< 0: no limit
  int jobs = 1;                   ///< that share a device
};

struct BatchOptions {
  std::filesystem::path out;
  Shard shard;
  bool resume = false;            ///< go on with a batch that is there; without, it is refused
  int jobs = 1;                   ///< slides at a time
  int threads = 0;                ///< for all of them together; 0: all cores
  std::int64_t memory_bytes = 0;  ///< for all of them together; 0: what this computer has free
  int retries = 1;                ///< further attempts after a crash or lack of memory
  bool tables = true;             ///< write the cohort's tables at the end; false: complete_tables() does it later
  nlohmann::ordered_json asked;   ///< for the ledger: the arguments
  /// The command that works on a slide and leaves OUT/S; must leave a current result alone, and write JSON lines with
  /// `level`, `message` (and, for errors, `exit_code`) to stderr.
  std::function<std::vector<std::string>(const CohortSlide&, const Share&)> command;
  std::function<int()> stop;  ///< a signal that asks to stop, or 0; called often
  struct Progress {
    std::size_t done = 0, failed = 0, slides = 0;
    double fraction = 0;               ///< of the bytes of all slides
    double seconds_left = -1;          ///< below 0: not known yet
    std::vector<std::string> running;  ///< stems
  };
  std::function<void(const Progress&)> progress;
  std::function<void(const std::string& sentence)> warn;  ///< of a slide that failed, or is tried again
};

struct BatchOutcome {
  std::size_t done = 0, resumed = 0, failed = 0;
  int signal = 0;  ///< that stopped it; 0: none
};

/// Works through a cohort, or one shard of it: a process for each slide, several at a time, memory and threads shared
/// out, everything written to the ledger. What one slide does to its process stops no other. A slide whose process
/// crashed or ran out of memory is tried again, alone and with all the memory, and so is one that could not write while
/// others filled the same disk; one that is refused in other words (exit codes 2, 3, 5) is not. At the end the cohort's
/// tables are written from all results that are there, unless told otherwise.
///
/// Results depend on nothing here: not on the jobs, shards, order, retries or interruptions.
/// Throws: OutputError where the folder is in use, holds a batch without `resume`, was taken away in the middle, or the
///         ledger cannot be written; then every worker is stopped first.
BatchOutcome run_batch(const Cohort& cohort, const BatchOptions& options);

/// Writes the cohort's tables and nothing else, from the results and ledgers that are in OUT. Batches and shards may be
/// at work there meanwhile.
/// Throws: InputError where OUT is no folder, or a result is damaged; OutputError.
CohortStates complete_tables(const Cohort& cohort, const std::filesystem::path& out);

/// Memory that is free on this computer and in this control group, in bytes; 0 where it cannot be told.
std::int64_t available_memory_bytes();

}  // namespace hexaplex
