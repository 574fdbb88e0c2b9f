#include "cli/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "cli/interrupt.h"

namespace hexaplex::cli {

namespace {

constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::chrono::seconds kNextLine{5};
constexpr int kBarWidth = 24;

void put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

std::string bar(const std::string& job, std::string_view step, double fraction) {
  const int filled = static_cast<int>(fraction * kBarWidth);
  return fmt::format("\r\033[K{} [{}{}] {:3.0f} % {}", job, std::string(filled, '#'),
                     std::string(kBarWidth - filled, '.'), 100 * fraction, step);
}

}  // namespace

// The first line of a log comes after a while, so that a short job says nothing.
Progress::Progress(const Log& log, std::string job)
    : log_(log), job_(std::move(job)), next_(log.interactive() ? Clock::now() : Clock::now() + kNextLine) {}

Progress::~Progress() {
  if (drawn_) put("\r\033[K");
}

void Progress::update(std::string_view step, double fraction) {
  throw_if_interrupted();
  show(step, fraction);
}

void Progress::show(std::string_view step, double fraction) {
  if (log_.quiet) return;
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  fraction = std::clamp(fraction, 0.0, 1.0);
  if (log_.interactive()) {
    next_ = now + kRedraw;
    put(bar(job_, step, fraction));
    drawn_ = true;
  } else {
    next_ = now + kNextLine;
    log_.note(fmt::format("{}: {} ({:.0f} %)", job_, step, 100 * fraction));
  }
}

}  // namespace hexaplex::cli
