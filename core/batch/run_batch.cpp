#include "core/batch/run_batch.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <csignal>
#include <deque>
#include <memory>
#include <set>
#include <thread>

#include "core/batch/batch_lock.h"
#include "core/batch/ledger.h"
#include "core/batch/worker.h"
#include "core/run/sha256.h"
#include "core/version.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace fs = std::filesystem;

namespace {

constexpr int kOutOfMemoryCode = 7, kOutputCode = 6, kDefectCode = 1;
constexpr std::size_t kLastWords = 20;          // lines of stderr that the ledger keeps of a failure
constexpr int kPollMs = 100, kGoodbyeMs = 1;    // between two looks; while one that said its last word ends
constexpr std::chrono::seconds kLookAround{1};  // whether the folder is still there
constexpr double kPatienceSeconds = 30;         // for workers that were asked to stop
constexpr std::int64_t kLeftForOthers = 5;      // a fifth of the free memory

std::uintmax_t bytes_of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    const std::uintmax_t size = fs::file_size(path, error);
    return error ? 0 : size;
  }
  std::uintmax_t sum = 0;
  for (const auto& entry : fs::directory_iterator(path, error))
    sum += entry.is_regular_file(error) ? entry.file_size(error) : 0;
  return sum;
}

struct Job {
  const CohortSlide* slide = nullptr;
  std::uintmax_t bytes = 0;
  int attempt = 1;
};

// What a worker said, as far as it matters.
struct Words {
  std::string error;             // the last one, as a sentence
  bool current = false;          // the result was there
  std::deque<std::string> last;  // lines

  void hear(const std::string& line) {
    last.push_back(line);
    if (last.size() > kLastWords) last.pop_front();
    const nlohmann::json said = nlohmann::json::parse(line, nullptr, false);
    if (!said.is_object()) return;
    if (said.value("level", "") == "error") error = said.value("message", "");
    if (said.value("event", "") == "resumed") current = true;
  }
};

struct Running {
  Job job;
  bool alone = false;
  std::unique_ptr<Worker> worker;
  Words words;
};

// A disk may have been full of what others had there for the moment.
bool worth_another_try(const ExitState& state, bool alone) {
  return state.signal != 0 || state.code == kDefectCode || state.code == kOutOfMemoryCode ||
         (state.code == kOutputCode && !alone);
}

std::string why(const ExitState& state, const Words& words) {
  if (!words.error.empty()) return words.error;
  if (state.signal == SIGKILL) return "was killed (signal 9), most likely by the system for want of memory";
  if (state.signal != 0) return fmt::format("crashed (signal {})", state.signal);
  if (state.code == 127) return "its process could not be started";
  return fmt::format("ended with exit code {} without a word", state.code);
}

class Batch {
 public:
  Batch(const Cohort& cohort, const BatchOptions& options, Ledger& ledger) : options_(options), ledger_(ledger) {
    for (std::size_t i = 0; i < cohort.slides.size(); ++i) {
      if (!options.shard.holds(i)) continue;
      waiting_.push_back({&cohort.slides[i], bytes_of(cohort.slides[i].path), 1});
      total_bytes_ += waiting_.back().bytes;
    }
    slides_ = waiting_.size();
    const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    threads_ = options.threads > 0 ? options.threads : cores;
    memory_ = options.memory_bytes > 0 ? options.memory_bytes
                                       : available_memory_bytes() / kLeftForOthers * (kLeftForOthers - 1);
  }

  BatchOutcome run() {
    while (!waiting_.empty() || !again_.empty() || !running_.empty()) {
      if (const int signal = options_.stop ? options_.stop() : 0) return stop(signal);
      start_what_fits();
      wait_for_news();
      reap();
      look_around();
      tell();
    }
    look_for_lost_results();
    return outcome_;
  }

  std::size_t slides() const { return slides_; }

 private:
  Share share(bool alone) const {
    const int jobs = alone ? 1 : std::max(1, options_.jobs);
    return {std::max(1, threads_ / jobs), memory_ / jobs, jobs};
  }

  // First attempts side by side; second ones wait until nothing else runs.
  void start_what_fits() {
    const bool alone_runs = running_.size() == 1 && running_.front().alone;
    while (!alone_runs && !waiting_.empty() && static_cast<int>(running_.size()) < std::max(1, options_.jobs)) {
      const Job job = waiting_.front();
      waiting_.pop_front();
      start(job, false);
    }
    if (running_.empty() && !again_.empty()) {
      const Job job = again_.front();
      again_.pop_front();
      start(job, true);
    }
  }

  void start(const Job& job, bool alone) {
    ledger_.add("start", {{"slide", job.slide->stem}, {"attempt", job.attempt}});
    Running one{
        job, alone || options_.jobs <= 1, std::make_unique<Worker>(options_.command(*job.slide, share(alone))), {}};
    running_.push_back(std::move(one));
  }

  // Results that would be written where nobody finds them are not worth hours of work.
  void look_around() {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_look_) return;
    next_look_ = now + kLookAround;
    ledger_.require_in_place();
  }

  // What was done and is gone is not done.
  void look_for_lost_results() {
    for (const std::string& stem : done_) {
      std::error_code error;
      if (fs::exists(options_.out / stem, error)) continue;
      const std::string why = "its result was removed after it was done; run the same command with --resume";
      ledger_.add("failed", {{"slide", stem}, {"exit_code", kOutputCode}, {"why", why}, {"retry", false}});
      if (options_.warn) options_.warn(stem + " failed: " + why);
      --outcome_.done;
      ++outcome_.failed;
    }
  }

  void wait_for_news() {
    std::vector<pollfd> fds;
    bool ending = false;
    for (const Running& r : running_)
      if (r.worker->stderr_fd() >= 0)
        fds.push_back({r.worker->stderr_fd(), POLLIN, 0});
      else
        ending = true;  // nothing will wake us when it is gone
    // Interrupted by a signal or timed out, the loop looks around all the same.
    (void)::poll(fds.data(), fds.size(), ending ? kGoodbyeMs : kPollMs);
  }

  void reap() {
    for (std::size_t i = 0; i < running_.size();) {
      Running& r = running_[i];
      const bool ended = r.worker->ended();
      for (const std::string& line : r.worker->read_lines()) r.words.hear(line);
      if (!ended) {
        ++i;
        continue;
      }
      Running finished = std::move(r);
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      settle(finished);
    }
  }

  void settle(Running& r) {
    const ExitState state = r.worker->exit_state();
    const std::string& stem = r.job.slide->stem;
    nlohmann::ordered_json entry{{"slide", stem}, {"attempt", r.job.attempt}, {"seconds", r.worker->seconds()}};
    if (state.ok()) {
      entry["resumed"] = r.words.current;
      ledger_.add("done", entry);
      ++outcome_.done;
      done_.push_back(stem);
      if (r.words.current) ++outcome_.resumed;
      settle_bytes(r, !r.words.current);
      return;
    }
    const bool retry = worth_another_try(state, r.alone) && r.job.attempt <= options_.retries;
    entry["exit_code"] = state.shell_code();
    entry["why"] = why(state, r.words);
    entry["retry"] = retry;
    entry["last_words"] = std::vector<std::string>(r.words.last.begin(), r.words.last.end());
    ledger_.add("failed", entry);
    if (options_.warn)
      options_.warn(
          fmt::format("{} failed{}: {}", stem, retry ? " and is tried again at the end" : "", why(state, r.words)));
    if (retry) {
      again_.push_back({r.job.slide, r.job.bytes, r.job.attempt + 1});
      return;
    }
    ++outcome_.failed;
    settle_bytes(r, false);
  }

  // Slides that took no work tell nothing about the time that is left.
  void settle_bytes(const Running& r, bool worked) {
    settled_bytes_ += r.job.bytes;
    if (!worked) return;
    worked_bytes_ += r.job.bytes;
    worked_seconds_ += r.worker->seconds();
  }

  void tell() {
    if (!options_.progress) return;
    BatchOptions::Progress p;
    p.done = outcome_.done;
    p.failed = outcome_.failed;
    p.slides = slides_;
    p.fraction = total_bytes_ > 0 ? static_cast<double>(settled_bytes_) / static_cast<double>(total_bytes_) : 0;
    if (worked_bytes_ > 0)
      p.seconds_left = worked_seconds_ / static_cast<double>(worked_bytes_) *
                       static_cast<double>(total_bytes_ - settled_bytes_) / std::max(1, options_.jobs);
    for (const Running& r : running_) p.running.push_back(r.job.slide->stem);
    options_.progress(p);
  }

  // Workers end between two steps and publish nothing half; who does not in time is killed, with the same effect.
  BatchOutcome stop(int signal) {
    for (Running& r : running_) r.worker->ask_to_stop();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(kPatienceSeconds);
    const auto busy = [&] {
      return std::any_of(running_.begin(), running_.end(), [](Running& r) { return !r.worker->ended(); });
    };
    while (busy() && std::chrono::steady_clock::now() < deadline) {
      wait_for_news();
      for (Running& r : running_) (void)r.worker->read_lines();
    }
    for (Running& r : running_) {
      for (const std::string& line : r.worker->read_lines()) r.words.hear(line);
      if (r.worker->ended() && r.worker->exit_state().ok()) settle(r);  // it was just done
    }
    running_.clear();
    ledger_.add("interrupted", {{"signal", signal}});
    outcome_.signal = signal;
    return outcome_;
  }

  const BatchOptions& options_;
  Ledger& ledger_;
  std::deque<Job> waiting_, again_;
  std::vector<Running> running_;
  std::vector<std::string> done_;  // stems
  std::chrono::steady_clock::time_point next_look_{};
  BatchOutcome outcome_;
  std::size_t slides_ = 0;
  int threads_ = 1;
  std::int64_t memory_ = 0;
  std::uintmax_t total_bytes_ = 0, settled_bytes_ = 0, worked_bytes_ = 0;
  double worked_seconds_ = 0;
};

void refuse_unless_resumed(const fs::path& out, const Shard& shard, bool resume) {
  std::error_code error;
  const fs::path ledger = ledger_path(out, shard);
  if (!resume && fs::exists(ledger, error))
    throw OutputError(out.string(), "holds a batch already (" + ledger.filename().string() +
                                        "); give --resume to go on with it, or another --out");
}

}  // namespace

CohortStates complete_tables(const Cohort& cohort, const fs::path& out) {
  std::error_code error;
  if (!fs::is_directory(out, error))
    throw InputError(out.string(), "is no folder with results; give the --out of the batch or of its runs");
  const TablesLock turn(out);
  return write_cohort_tables(cohort, out);
}

BatchOutcome run_batch(const Cohort& cohort, const BatchOptions& options) {
  HX_EXPECT(options.command != nullptr, "a batch needs a command");
  const BatchLock lock(options.out, options.shard);
  refuse_unless_resumed(options.out, options.shard, options.resume);
  Ledger ledger(options.out, options.shard);
  Batch batch(cohort, options, ledger);
  ledger.add("batch", {{"version", version()},
                       {"commit", commit()},
                       {"cohort", cohort.file.filename().string()},
                       {"cohort_sha256", hash_file(cohort.file).sha256},
                       {"slides", batch.slides()},
                       {"shard", fmt::format("{}/{}", options.shard.index, options.shard.count)},
                       {"jobs", options.jobs},
                       {"asked", options.asked}});
  const BatchOutcome outcome = batch.run();
  if (outcome.signal != 0) return outcome;
  if (options.tables) (void)complete_tables(cohort, options.out);
  ledger.add("end", {{"done", outcome.done}, {"failed", outcome.failed}});
  return outcome;
}

}  // namespace hexaplex
