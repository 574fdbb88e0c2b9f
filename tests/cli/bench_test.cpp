// `hexaplex bench`: what it tells with and without a device. How fast anything is, is no test.
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "kernels/runtime/device.h"
#include "tests/support/cli/program.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

nlohmann::json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

TEST(Bench, TellsEveryOperatorsSpeedAsTableAndJson) {
  const TemporaryFolder folder;
  const auto file = (folder.path() / "now.json").string();
  const auto picture = (folder.path() / "now.svg").string();
  const ProgramResult result =
      run_program({"bench", "--device", "cpu", "--side", "256", "--json", file, "--plot", picture});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("CUDA  not measured: --device cpu was asked for"));
  const auto json = read_json(file);
  EXPECT_EQ(json["format"], "hexaplex bench 1");
  EXPECT_EQ(json["width"], 256);
  EXPECT_EQ(json["same_bytes"], true);
  EXPECT_GT(json["cpu"]["copy_gb_per_s"].get<double>(), 0);
  ASSERT_GE(json["operators"].size(), 10u);
  std::ifstream drawn(picture);
  const std::string svg((std::istreambuf_iterator<char>(drawn)), {});
  for (const auto& row : json["operators"]) {
    const std::string name = row["name"];
    EXPECT_THAT(result.out, HasSubstr(name));
    EXPECT_THAT(svg, HasSubstr(">" + name + "</text>"));
    const double seconds = row["cpu"]["seconds"];
    EXPECT_GT(seconds, 0) << name;
    EXPECT_NEAR(row["cpu"]["mpx_per_s"].get<double>(), 256 * 256 / seconds / 1e6, 1e-6 / seconds) << name;
    EXPECT_FALSE(row.contains("cuda")) << name;
  }
}

TEST(Bench, ComparesWithAnEarlierReport) {
  const TemporaryFolder folder;
  const auto file = (folder.path() / "before.json").string();
  const std::vector<std::string> words{"bench", "--device", "cpu", "--side", "256"};
  auto first = words, second = words;
  first.insert(first.end(), {"--json", file});
  second.insert(second.end(), {"--compare", file});
  ASSERT_EQ(run_program(first).exit_code, 0);
  auto json = read_json(file);
  for (auto& row : json["operators"]) row["cpu"]["mpx_per_s"] = 1e-9;  // whatever it is now, it is faster
  std::ofstream(file) << json;
  const ProgramResult result = run_program(second);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("times as fast as in " + file));
  EXPECT_THAT(result.out, HasSubstr("x\n"));
}

TEST(Bench, RefusesWhatItCannotMeasureOrCompare) {
  const TemporaryFolder folder;
  const auto other = folder.write("other.json", "{}").string();
  const ProgramResult strange = run_program({"bench", "--device", "cpu", "--side", "256", "--compare", other});
  EXPECT_EQ(strange.exit_code, 3);
  EXPECT_THAT(strange.err, HasSubstr(other + ": is not a report of this benchmark"));
  EXPECT_EQ(run_program({"bench", "--compare", other + ".missing"}).exit_code, 3);
  EXPECT_EQ(run_program({"bench", "--device", "cuda:x"}).exit_code, 2);
  EXPECT_EQ(run_program({"bench", "--side", "10"}).exit_code, 2);
  const ProgramResult unwritable =
      run_program({"bench", "--device", "cpu", "--side", "256", "--json", (folder.path() / "no" / "x.json").string()});
  EXPECT_EQ(unwritable.exit_code, 6);
}

TEST(Bench, NeverPutsTheCpuInADevicesPlace) {
  const std::string why_not = why_no_device();
  if (why_not.empty()) GTEST_SKIP() << "there is a device here";
  const ProgramResult wanted = run_program({"bench", "--device", "cuda", "--side", "256"});
  EXPECT_EQ(wanted.exit_code, 5);
  EXPECT_EQ(wanted.out, "");
  const ProgramResult any = run_program({"bench", "--side", "256"});
  EXPECT_EQ(any.exit_code, 0);
  EXPECT_THAT(any.out, HasSubstr("CUDA  not measured: "));
  EXPECT_THAT(any.out, Not(HasSubstr("same\n")));
}

}  // namespace
}  // namespace hexaplex::test
