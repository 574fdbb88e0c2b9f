// The benchmark itself: that it compares the bytes of both backends, and says so.
#include "core/bench/bench.h"

#include <gmock/gmock.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "kernels/runtime/error.h"
#include "tests/support/host_device_api.h"

namespace hexaplex {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

BenchOptions small() {
  BenchOptions options;
  options.input.extent = {160, 130};
  options.seconds_each = 0;
  return options;
}

TEST(Bench, NamesEveryOperatorOnceAndSaysHowFarItIs) {
  std::set<std::string> names;
  std::vector<std::string> steps;
  BenchOptions options = small();
  options.progress = [&](const std::string& step) { steps.push_back(step); };
  const BenchReport report = run_bench(options);
  for (const BenchRow& row : report.rows) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_GT(row.bytes_per_pixel, 0) << row.name;
    EXPECT_GE(row.cpu.runs, 3) << row.name;
    EXPECT_LE(row.cpu.best_seconds, row.cpu.seconds) << row.name;
    EXPECT_FALSE(row.device) << row.name;
  }
  EXPECT_EQ(steps.size(), report.rows.size() + 1);
}

TEST(Bench, ComparesWithAnOlderReportByOperator) {
  BenchOptions options = small();
  options.operators.resize(2);
  const BenchReport report = run_bench(options);
  nlohmann::json before = nlohmann::json::parse(bench_json(report));
  before["operators"].erase(1);
  before["operators"][0]["cpu"]["mpx_per_s"] = before["operators"][0]["cpu"]["mpx_per_s"].get<double>() / 4;
  const std::string table = bench_table(report, before.dump(), "old.json");
  EXPECT_THAT(table, HasSubstr("4.00x"));
  EXPECT_THAT(table, HasSubstr("times as fast as in old.json"));
  EXPECT_THROW(require_bench_json("[]", "old.json"), InputError);
  EXPECT_THROW(bench_table(report, "no json", "old.json"), InputError);
}

#if HX_WITH_CUDA

TEST(BenchOnDevice, FindsTheSameBytesInEveryOperatorAndAWholeField) {
  const testing::ScopedHostDevice device;
  BenchOptions options = small();
  options.device = choose_device();
  options.repeats = 3;
  const BenchReport report = run_bench(options);
  for (const BenchRow& row : report.rows) {
    ASSERT_TRUE(row.device) << row.name;
    EXPECT_TRUE(row.same_bytes) << row.name;
  }
  const auto json = nlohmann::json::parse(bench_json(report));
  EXPECT_EQ(json["same_bytes"], true);
  EXPECT_GT(json["operators"].back()["cuda"]["mpx_per_s"].get<double>(), 0);
  EXPECT_THAT(bench_table(report), Not(HasSubstr("DIFFERENT")));
}

// The last run's tiles were freed beside the streams that had made them, in a few of a hundred runs at once with their
// work.
TEST(BenchOnDevice, RunsTilesOnTheirStreamsAgainAndAgain) {
  const testing::ScopedHostDevice device;
  BenchOptions options = small();
  options.input.extent = {48, 40};
  options.operators = bench_operators_named("tiles");
  options.device = choose_device();
  options.repeats = 100;
  EXPECT_TRUE(run_bench(options).same_bytes());
}

TEST(BenchOnDevice, TellsOperatorsWhoseBytesDiffer) {
  const testing::ScopedHostDevice device;
  BenchOptions options = small();
  options.operators = {{"honest", 1,
                        [](const Queue&, const BenchInput&) {
                          return PreparedOperator{{}, [] {}, [] { return std::uint64_t{1}; }};
                        }},
                       {"fickle", 1,
                        [](const Queue& q, const BenchInput&) {
                          const auto runs = std::make_shared<std::uint64_t>(0);
                          return PreparedOperator{{}, [] {}, [&q, runs] { return q.index() * ++*runs / 3; }};
                        }},
                       {"false", 1, [](const Queue& q, const BenchInput&) {
                          return PreparedOperator{{}, [] {}, [&q] { return std::uint64_t{q.index()}; }};
                        }}};
  options.device = choose_device();
  options.repeats = 3;
  const BenchReport report = run_bench(options);
  EXPECT_TRUE(report.rows[0].same_bytes);
  EXPECT_FALSE(report.rows[1].same_bytes) << "another answer in the third run";
  EXPECT_FALSE(report.rows[2].same_bytes);
  EXPECT_FALSE(report.same_bytes());
  EXPECT_THAT(bench_table(report), HasSubstr("DIFFERENT"));
  EXPECT_THAT(bench_plot(report), HasSubstr("OTHER BYTES"));
}

#endif

}  // namespace
}  // namespace hexaplex
