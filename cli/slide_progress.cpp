#include "cli/slide_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace hexaplex::cli {

namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 250ms;
constexpr std::int64_t kFewTasks = 16;  // loops over channels and the like, which say nothing of a slide

struct Stage {
  const char* name;
  double begin, end;  // of the whole
  bool one_loop;      // nearly all of it is one loop over windows or tiles
};
constexpr std::array kStages{
    Stage{"open", 0, 0, false},         Stage{"hash", 0, 0, false},          Stage{"quality", 0, 0.05, true},
    Stage{"read", 0.05, 0.22, true},    Stage{"unmix", 0.05, 0.22, true},    Stage{"segment", 0.22, 0.48, false},
    Stage{"measure", 0.48, 0.74, true}, Stage{"control", 0.74, 0.74, false}, Stage{"phenotype", 0.74, 0.75, false},
    Stage{"write", 0.75, 1, false},
};

bool worth_telling(const TaskProgress& tasks) {
  return tasks.loop != 0 && tasks.count >= kFewTasks;
}

}  // namespace

double slide_fraction(const std::string& stage, const TaskProgress& tasks) {
  const auto* found = std::find_if(kStages.begin(), kStages.end(), [&](const Stage& s) { return s.name == stage; });
  if (found == kStages.end()) return 0;
  if (!found->one_loop || !worth_telling(tasks)) return found->begin;
  const double part = static_cast<double>(tasks.done) / static_cast<double>(tasks.count);
  return found->begin + (found->end - found->begin) * std::clamp(part, 0.0, 1.0);
}

std::string stage_text(const std::string& stage, const TaskProgress& tasks, std::chrono::seconds since_begin) {
  std::string text = stage;
  if (worth_telling(tasks)) text += fmt::format(", {} of {} parts", std::min(tasks.done, tasks.count), tasks.count);
  const auto s = since_begin.count();
  if (s < 60) return text + fmt::format(", {} s", s);
  if (s < 3600) return text + fmt::format(", {} min {:02} s", s / 60, s % 60);
  return text + fmt::format(", {} h {:02} min", s / 3600, s % 3600 / 60);
}

SlideProgress::SlideProgress(const Log& log, const std::string& slide) : progress_(log, slide) {
  if (!log.quiet && log.interactive()) watcher_ = std::thread([this] { watch(); });
}

SlideProgress::~SlideProgress() {
  {
    const std::lock_guard<std::mutex> lock(guard_);
    ended_ = true;
  }
  wake_.notify_all();
  if (watcher_.joinable()) watcher_.join();
}

void SlideProgress::begin(const std::string& stage) {
  const std::lock_guard<std::mutex> lock(guard_);
  stage_ = stage;
  most_ = std::max(most_, slide_fraction(stage, {}));
  progress_.update(stage, most_);
}

void SlideProgress::watch() {
  std::unique_lock<std::mutex> lock(guard_);
  std::uint64_t last_loop = 0;
  while (!wake_.wait_for(lock, kLook, [this] { return ended_; })) {
    TaskProgress tasks = task_progress();
    const std::uint64_t loop = tasks.loop;
    if (loop != last_loop) tasks = {};  // short loops follow each other faster than anybody can read
    last_loop = loop;
    if (stage_.empty()) continue;
    const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - start_);
    most_ = std::max(most_, slide_fraction(stage_, tasks));
    progress_.show(stage_text(stage_, tasks, elapsed), most_);
  }
}

}  // namespace hexaplex::cli
