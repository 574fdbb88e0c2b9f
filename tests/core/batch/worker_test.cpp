#include "core/batch/worker.h"

#include <gmock/gmock.h>

#include <signal.h>

#include <thread>

namespace hexaplex {
namespace {

using ::testing::ElementsAre;

struct Ended {
  ExitState state;
  std::vector<std::string> lines;
};

Ended run_to_the_end(const std::string& script) {
  Worker worker({"/bin/sh", "-c", script});
  Ended out;
  const auto take = [&] {
    for (std::string& line : worker.read_lines()) out.lines.push_back(std::move(line));
  };
  while (!worker.ended()) {
    take();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  take();
  out.state = worker.exit_state();
  return out;
}

TEST(Worker, TellsHowItsProgramEnded) {
  EXPECT_TRUE(run_to_the_end("exit 0").state.ok());
  EXPECT_EQ(run_to_the_end("exit 7").state.code, 7);
  const ExitState crashed = run_to_the_end("kill -SEGV $$").state;
  EXPECT_EQ(crashed.signal, SIGSEGV);
  EXPECT_EQ(crashed.shell_code(), 128 + SIGSEGV);
  EXPECT_FALSE(crashed.ok());
  Worker none({"/nonexistent/program"});
  while (!none.ended()) std::this_thread::yield();
  EXPECT_EQ(none.exit_state().code, 127);
}

TEST(Worker, HearsEveryLineOfStderrAndNothingElse) {
  EXPECT_THAT(run_to_the_end("echo not this; echo one >&2; printf 'two\\nhalf' >&2").lines,
              ElementsAre("one", "two", "half"));
  const auto many = run_to_the_end("i=0; while [ $i -lt 20000 ]; do echo line$i >&2; i=$((i+1)); done").lines;
  ASSERT_EQ(many.size(), 20000u);
  EXPECT_EQ(many.back(), "line19999");
}

TEST(Worker, KeepsALineThatNeverEndsFromFillingTheMemory) {
  const auto lines = run_to_the_end("head -c 3000000 /dev/zero | tr '\\0' x >&2").lines;
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].size(), 65536u);
}

TEST(Worker, HasNoInputAndAProcessGroupOfItsOwn) {
  EXPECT_THAT(run_to_the_end(
                  "cat >&2; test $(ps -o pgid= -p $$ 2>/dev/null || cut -d' ' -f5 /proc/$$/stat) = $$ && echo own >&2")
                  .lines,
              ElementsAre("own"));
}

TEST(Worker, EndsWhenAskedAndIsNotLeftBehind) {
  Worker asked({"/bin/sh", "-c", "trap 'exit 5' TERM; while :; do sleep 0.01; done"});
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_FALSE(asked.ended());
  asked.ask_to_stop();
  while (!asked.ended()) std::this_thread::yield();
  EXPECT_EQ(asked.exit_state().code, 5);
  { Worker abandoned({"/bin/sleep", "1000"}); }  // the destructor must not wait for it
}

}  // namespace
}  // namespace hexaplex
