#include "core/batch/run_batch.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "core/batch/batch_lock.h"
#include "core/batch/cohort_tables.h"
#include "core/batch/ledger.h"
#include "core/run/output_file.h"
#include "kernels/runtime/error.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A cohort of little files whose "analysis" is the shell script that each holds. $OUT and $STEM are set; a script that
/// ends well leaves OUT/STEM/summary.json.
class BatchTest : public ::testing::Test {
 protected:
  void add(const std::string& stem, const std::string& script) {
    folder_.write(stem + ".tif", script);
    table_ += stem + ".tif,g\n";
  }
  Cohort cohort() const { return read_cohort(folder_.write("cohort.csv", "slide,group\n" + table_)); }
  fs::path out() const { return folder_.path() / "out"; }

  BatchOptions options(int jobs = 1) {
    BatchOptions o;
    o.out = out();
    o.jobs = jobs;
    o.threads = 8;
    o.memory_bytes = 1000;
    o.command = [this](const CohortSlide& slide, const Share& share) {
      const std::string given = "OUT='" + out().string() + "' STEM='" + slide.stem +
                                "' THREADS=" + std::to_string(share.threads) +
                                " MEMORY=" + std::to_string(share.memory_bytes) + "; ";
      const std::string finish =
          "mkdir -p $OUT/$STEM && echo '{\"panel\":\"p\",\"cells\":3,\"tissue_mm2\":0.5,\"cells_per_mm2\":6,"
          "\"phenotypes\":{\"T cell\":{\"count\":2,\"percent\":66.5,\"per_mm2\":4},"
          "\"Other\":{\"count\":1,\"percent\":33.5,\"per_mm2\":null,\"assessable\":false}}}' > "
          "$OUT/$STEM/summary.json\n";
      return std::vector<std::string>{"/bin/sh", "-c", given + read(slide.path) + "\n" + finish};
    };
    o.warn = [this](const std::string& sentence) { warnings_.push_back(sentence); };
    return o;
  }

  // Values of one field over the ledger's lines of one event.
  std::vector<std::string> said(const std::string& event, const std::string& field) const {
    std::vector<std::string> out_values;
    std::ifstream file(out() / "ledger.jsonl");
    for (std::string line; std::getline(file, line);) {
      const auto json = nlohmann::json::parse(line);
      if (json.at("event") != event || !json.contains(field)) continue;
      out_values.push_back(json[field].is_string() ? json[field].get<std::string>() : json[field].dump());
    }
    return out_values;
  }

  test::TemporaryFolder folder_;
  std::string table_;
  std::vector<std::string> warnings_;
};

TEST_F(BatchTest, WorksThroughEverySlideAndWritesLedgerAndTables) {
  for (const char* stem : {"a", "b", "c"}) add(stem, "");
  const BatchOutcome outcome = run_batch(cohort(), options(2));
  EXPECT_EQ(outcome.done, 3u);
  EXPECT_EQ(outcome.failed, 0u);
  EXPECT_THAT(said("batch", "slides"), ElementsAre("3"));
  EXPECT_THAT(said("done", "slide"), UnorderedElementsAre("a", "b", "c"));
  EXPECT_THAT(said("end", "done"), ElementsAre("3"));
  std::string table = "slide,group,phenotype,count,percent,per_mm2,assessable\n";
  for (const std::string stem : {"a", "b", "c"})
    table += stem + ",g,T cell,2,66.5,4,yes\n" + stem + ",g,Other,1,33.5,,no\n";
  EXPECT_EQ(read(out() / "cohort_phenotypes.csv"), table);
}

TEST_F(BatchTest, AFailureIsThatSlidesAlone) {
  add("good", "");
  add("refused", R"(echo '{"level":"error","message":"the file is cut short","exit_code":3}' >&2; exit 3)");
  add("silent", "exit 2");
  add("late", "");
  const BatchOutcome outcome = run_batch(cohort(), options());
  EXPECT_EQ(outcome.done, 2u);
  EXPECT_EQ(outcome.failed, 2u);
  EXPECT_THAT(said("failed", "why"), ElementsAre("the file is cut short", "ended with exit code 2 without a word"));
  EXPECT_THAT(said("failed", "exit_code"), ElementsAre("3", "2"));
  EXPECT_THAT(said("start", "attempt"), ElementsAre("1", "1", "1", "1")) << "what is refused in words stays refused";
  EXPECT_EQ(warnings_.size(), 2u);
  EXPECT_THAT(read(out() / "cohort.csv"), AllOf(HasSubstr("good,g,done,p,3"), HasSubstr("refused,g,failed,,,,")));
}

TEST_F(BatchTest, TriesAgainAloneWhatFoundTheDiskFullBesideOthers) {
  const std::string full = R"(echo '{"level":"error","message":"no space left","exit_code":6}' >&2; exit 6)";
  add("squeezed", "echo x >> $OUT/attempts; test $(wc -l < $OUT/attempts) = 2 || { " + full + "; }");
  add("other", "sleep 0.1");
  const BatchOutcome outcome = run_batch(cohort(), options(2));
  EXPECT_EQ(outcome.done, 2u);
  EXPECT_EQ(outcome.failed, 0u);
  EXPECT_THAT(said("failed", "retry"), ElementsAre("true"));
}

TEST_F(BatchTest, DoesNotTryAgainWhatFoundTheDiskFullAlone) {
  add("large", R"(echo '{"level":"error","message":"no space left","exit_code":6}' >&2; exit 6)");
  add("small", "");
  const BatchOutcome outcome = run_batch(cohort(), options(1));
  EXPECT_EQ(outcome.done, 1u);
  EXPECT_EQ(outcome.failed, 1u);
  EXPECT_THAT(said("failed", "retry"), ElementsAre("false"));
}

TEST_F(BatchTest, StopsWhereItsFolderIsTakenAway) {
  add("a", "");
  add("vandal", "mv $OUT $OUT.away; sleep 5");
  add("never", "touch $OUT.away/never_ran");
  try {
    (void)run_batch(cohort(), options());
    ADD_FAILURE() << "nobody noticed";
  } catch (const OutputError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("was removed or replaced"), HasSubstr("--resume")));
  }
  EXPECT_TRUE(fs::exists(out().string() + ".away/a/summary.json"));
  EXPECT_FALSE(fs::exists(out().string() + ".away/never_ran"));
}

TEST_F(BatchTest, DoesNotCallDoneWhatWasRemovedMeanwhile) {
  add("a", "");
  add("vandal", "rm -r $OUT/a");
  BatchOutcome outcome = run_batch(cohort(), options());
  EXPECT_EQ(outcome.done, 1u);
  EXPECT_EQ(outcome.failed, 1u);
  EXPECT_THAT(said("failed", "why"), ElementsAre(HasSubstr("its result was removed after it was done")));
  EXPECT_THAT(read(out() / "cohort.csv"), AllOf(HasSubstr("a,g,failed,,,,"), HasSubstr("vandal,g,done")));
}

TEST_F(BatchTest, LeavesNoHalfTableWhereTheDiskIsFull) {
  add("a", "");
  for (const OutputStep step : {OutputStep::write, OutputStep::sync, OutputStep::rename}) {
    set_output_fault([&](OutputStep s, const fs::path& path) {
      return s == step && path.filename().string().find("cohort.csv") != std::string::npos ? ENOSPC : 0;
    });
    BatchOptions again = options();
    again.resume = true;
    EXPECT_THROW((void)run_batch(cohort(), again), OutputError);
    set_output_fault(nullptr);
    EXPECT_FALSE(fs::exists(out() / ".cohort.csv.partial"));
    EXPECT_FALSE(fs::exists(out() / "cohort.csv"));
  }
}

TEST_F(BatchTest, TheLedgerKeepsRoomForWhatIsToCome) {
  add("a", "");
  (void)run_batch(cohort(), options());
  struct stat status {};
  ASSERT_EQ(::stat((out() / "ledger.jsonl").c_str(), &status), 0);
  if (status.st_blocks * 512 <= 8192) GTEST_SKIP() << "this file system keeps no room ahead";
  EXPECT_GE(status.st_blocks * 512 - status.st_size, off_t{128} << 10);
  EXPECT_LT(status.st_size, 4096) << "and does not show it as content";
}

TEST_F(BatchTest, TriesAgainAfterACrashAtTheEndAloneAndWithAllTheMemory) {
  add("crash",
      "echo $THREADS $MEMORY $(ls $OUT | grep -c '^[ab]$') >> $OUT/attempts; test $(wc -l < $OUT/attempts) = 2 || kill "
      "-SEGV $$");
  add("a", "sleep 0.2");
  add("b", "sleep 0.2");
  const BatchOutcome outcome = run_batch(cohort(), options(2));
  EXPECT_EQ(outcome.done, 3u);
  EXPECT_EQ(outcome.failed, 0u);
  EXPECT_EQ(read(out() / "attempts"), "4 500 0\n8 1000 2\n");
  EXPECT_THAT(said("failed", "why"), ElementsAre("crashed (signal 11)"));
  EXPECT_THAT(said("failed", "retry"), ElementsAre("true"));
}

TEST_F(BatchTest, GivesUpAfterTheRetries) {
  add("hungry", "exit 7");
  add("killed", "kill -KILL $$");
  BatchOptions o = options();
  o.retries = 2;
  EXPECT_EQ(run_batch(cohort(), o).failed, 2u);
  EXPECT_THAT(said("start", "slide"), ElementsAre("hungry", "killed", "hungry", "killed", "hungry", "killed"));
  EXPECT_THAT(said("failed", "why"), ::testing::Contains(HasSubstr("for want of memory")));
}

TEST_F(BatchTest, RefusesABatchThatIsThereUnlessItIsResumed) {
  add("a", "");
  run_batch(cohort(), options());
  EXPECT_THROW(run_batch(cohort(), options()), OutputError);
  BatchOptions o = options();
  o.resume = true;
  EXPECT_EQ(run_batch(cohort(), o).done, 1u);
  EXPECT_THAT(said("batch", "slides"), ElementsAre("1", "1")) << "the ledger goes on";
}

TEST_F(BatchTest, CountsWhatWasThereAlready) {
  add("a", R"(echo '{"level":"note","event":"resumed","message":"up to date"}' >&2)");
  EXPECT_EQ(run_batch(cohort(), options()).resumed, 1u);
}

TEST_F(BatchTest, ShardsShareAFolderAndTheLastOneCompletesTheTables) {
  for (const char* stem : {"a", "b", "c"}) add(stem, "");
  for (int i : {1, 2}) {
    BatchOptions o = options();
    o.shard = {i, 2};
    EXPECT_EQ(run_batch(cohort(), o).done, i == 1 ? 2u : 1u);
    EXPECT_EQ(read(out() / "cohort.csv").find("missing") != std::string::npos, i == 1);
  }
  EXPECT_TRUE(fs::exists(out() / "ledger-2-of-2.jsonl"));
  const std::string sharded = read(out() / "cohort.csv");
  fs::remove_all(out());
  run_batch(cohort(), options());
  EXPECT_EQ(read(out() / "cohort.csv"), sharded);
}

TEST_F(BatchTest, TablesMayBeLeftToALaterStep) {
  add("a", "");
  add("bad", "exit 3");
  BatchOptions o = options();
  o.tables = false;
  run_batch(cohort(), o);
  EXPECT_FALSE(fs::exists(out() / "cohort.csv"));
  const std::string ledger = read(out() / "ledger.jsonl");
  add("new", "");
  const CohortStates states = complete_tables(cohort(), out());
  EXPECT_EQ(states.done, 1u);
  EXPECT_EQ(states.failed, 1u) << "the ledger says so";
  EXPECT_EQ(states.missing, 1u);
  EXPECT_EQ(read(out() / "ledger.jsonl"), ledger);
  const std::string tables = read(out() / "cohort.csv") + read(out() / "cohort_phenotypes.csv");
  EXPECT_THAT(tables, AllOf(HasSubstr("a,g,done,p,3"), HasSubstr("bad,g,failed,,,,"), HasSubstr("new,g,missing,,,,")));
  o.resume = o.tables = true;
  run_batch(cohort(), o);
  EXPECT_NE(read(out() / "cohort.csv").find("new,g,done"), std::string::npos);
  fs::remove(out() / "ledger.jsonl");
  EXPECT_EQ(complete_tables(cohort(), out()).missing, 1u) << "without a ledger nobody knows that it failed";
  EXPECT_THROW(complete_tables(cohort(), out() / "typo"), InputError);
}

TEST_F(BatchTest, StopsWhenAskedAndLeavesTheRestForLater) {
  add("a", "");
  add("b", "trap 'exit 130' TERM; touch $OUT/started; while :; do sleep 0.01; done");
  add("c", "");
  BatchOptions o = options();
  o.stop = [this] { return fs::exists(out() / "started") ? SIGINT : 0; };
  const BatchOutcome outcome = run_batch(cohort(), o);
  EXPECT_EQ(outcome.signal, SIGINT);
  EXPECT_EQ(outcome.done, 1u);
  EXPECT_THAT(said("interrupted", "signal"), ElementsAre(std::to_string(SIGINT)));
  EXPECT_THAT(said("start", "slide"), ElementsAre("a", "b"));
  EXPECT_FALSE(fs::exists(out() / "cohort.csv"));
}

TEST_F(BatchTest, TellsItsProgress) {
  add("a", "sleep 0.3");
  add("b", "exit 3");
  BatchOptions o = options();
  std::vector<BatchOptions::Progress> heard;
  o.progress = [&](const BatchOptions::Progress& p) { heard.push_back(p); };
  run_batch(cohort(), o);
  ASSERT_FALSE(heard.empty());
  EXPECT_THAT(heard.front().running, ElementsAre("a"));
  EXPECT_LT(heard.front().seconds_left, 0) << "nothing is known yet";
  EXPECT_EQ(heard.back().done, 1u);
  EXPECT_EQ(heard.back().failed, 1u);
  EXPECT_EQ(heard.back().fraction, 1);
}

TEST_F(BatchTest, StopsAtALedgerThatCannotBeWritten) {
  add("a", "");
  add("b", "touch $OUT/b_ran");
  int lines = 0;
  set_output_fault([&](OutputStep step, const fs::path& path) {
    return step == OutputStep::write && path.filename() == "ledger.jsonl" && ++lines > 3 ? ENOSPC : 0;
  });
  EXPECT_THROW(run_batch(cohort(), options()), OutputError);
  set_output_fault(nullptr);
  EXPECT_FALSE(fs::exists(out() / "b_ran"));
}

TEST_F(BatchTest, PassesOverALineThatACrashCutShort) {
  add("a", "");
  run_batch(cohort(), options());
  std::ofstream(out() / "ledger.jsonl", std::ios::app) << R"({"time":"2026-01-01T00:00:00.000Z","event":"fai)";
  BatchOptions o = options();
  o.resume = true;
  run_batch(cohort(), o);
  EXPECT_EQ(last_states(out()).at("a"), "done");
  std::ifstream file(out() / "ledger.jsonl");
  int damaged = 0;
  for (std::string line; std::getline(file, line);) damaged += nlohmann::json::accept(line) ? 0 : 1;
  EXPECT_EQ(damaged, 1) << "the cut line stays alone on its line";
}

// --- locks

bool can_lock_elsewhere(const fs::path& folder, Shard shard) {
  const pid_t child = fork();
  if (child == 0) {
    try {
      const BatchLock lock(folder, shard);
    } catch (const OutputError&) {
      _exit(1);
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(BatchLock, KeepsBatchesApartAndLetsShardsIn) {
  const test::TemporaryFolder folder;
  {
    const BatchLock whole(folder.path(), {});
    EXPECT_FALSE(can_lock_elsewhere(folder.path(), {}));
    EXPECT_FALSE(can_lock_elsewhere(folder.path(), {1, 3}));
  }
  const BatchLock shard(folder.path(), {1, 3});
  EXPECT_FALSE(can_lock_elsewhere(folder.path(), {}));
  EXPECT_FALSE(can_lock_elsewhere(folder.path(), {1, 3}));
  EXPECT_TRUE(can_lock_elsewhere(folder.path(), {2, 3}));
}

TEST(BatchLock, IsFreeWhenItsHolderDied) {
  const test::TemporaryFolder folder;
  const pid_t child = fork();
  if (child == 0) {
    const BatchLock lock(folder.path(), {});
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_NO_THROW(BatchLock(folder.path(), {}));
}

TEST(BatchLock, NamesItsHolder) {
  const test::TemporaryFolder folder;
  const BatchLock held(folder.path(), {});
  try {
    const BatchLock second(folder.path(), {});
    FAIL() << "two batches on one folder";
  } catch (const OutputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("process " + std::to_string(getpid())));
  }
}

// --- tables

TEST(CohortTables, RefuseADamagedSummary) {
  const test::TemporaryFolder folder;
  fs::create_directories(folder.path() / "a");
  std::ofstream(folder.path() / "a" / "summary.json") << "{\"cells\": ";
  const Cohort cohort = read_cohort(folder.write("cohort.csv", "slide\na.tif\n"));
  EXPECT_THROW(write_cohort_tables(cohort, folder.path()), InputError);
  EXPECT_EQ(read(folder.path() / "cohort.csv"), "slide\na.tif\n") << "nothing is replaced";
}

TEST(CohortTables, MakeNamesSafeForSpreadsheets) {
  const test::TemporaryFolder folder;
  const Cohort cohort = read_cohort(folder.write("in.csv", "slide,group\n=1+1.tif,\"@x,y\"\n"));
  write_cohort_tables(cohort, folder.path());
  EXPECT_THAT(read(folder.path() / "cohort.csv"), HasSubstr("'=1+1,\"'@x,y\",missing"));
}

TEST(AvailableMemory, IsSomeOfThisComputers) {
  EXPECT_GT(available_memory_bytes(), std::int64_t{1} << 20);
}

}  // namespace
}  // namespace hexaplex
