// What happens between a signal and the exit code.
#include "cli/interrupt.h"

#include <gtest/gtest.h>

#include <csignal>

#include "cli/progress.h"

namespace hexaplex::cli {
namespace {

int signal_thrown_by(void (*work)()) {
  try {
    work();
  } catch (const Interrupted& interrupted) {
    return interrupted.signal;
  }
  return 0;
}

// Signals are a property of the whole process, so each case gets one of its own.
void exit_after_signal(int signal) {
  watch_for_interrupts();
  if (signal_thrown_by(throw_if_interrupted) != 0) std::_Exit(1);
  std::raise(signal);
  std::_Exit(signal_thrown_by(throw_if_interrupted));
}

TEST(Interrupt, IsThrownAtTheNextStepNotInTheHandler) {
  EXPECT_EXIT(exit_after_signal(SIGINT), ::testing::ExitedWithCode(SIGINT), "");
  EXPECT_EXIT(exit_after_signal(SIGTERM), ::testing::ExitedWithCode(SIGTERM), "");
}

TEST(Interrupt, ASecondSignalEndsTheProgramAtOnce) {
  EXPECT_EXIT(
      {
        watch_for_interrupts();
        std::raise(SIGINT);
        std::raise(SIGINT);
      },
      ::testing::KilledBySignal(SIGINT), "");
}

TEST(Progress, PassesAnInterruptOn) {
  EXPECT_EXIT(
      {
        watch_for_interrupts();
        std::raise(SIGTERM);
        std::_Exit(signal_thrown_by([] {
          const Log log;
          Progress(log, "slide").update("unmix", 0.5);
        }));
      },
      ::testing::ExitedWithCode(SIGTERM), "");
}

TEST(Progress, SaysNothingAboutAShortJob) {
  const Log log;
  ::testing::internal::CaptureStderr();
  {
    Progress progress(log, "slide");
    for (int i = 0; i <= 100; ++i) progress.update("unmix", i / 100.0);
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace hexaplex::cli
