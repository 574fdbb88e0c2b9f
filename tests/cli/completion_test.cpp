// The completion scripts, run by the shells themselves where those are installed.
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/support/cli/program.h"

namespace hexaplex::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Completion : public ::testing::TestWithParam<const char*> {};

TEST_P(Completion, KnowsCommandsAndTheirOptions) {
  const auto result = run_program({"completion", GetParam()});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* word : {"doctor", "completion", "log-format", "quiet"}) EXPECT_THAT(result.out, HasSubstr(word));
}

TEST_P(Completion, IsAValidScript) {
  const std::string shell = GetParam();
  if (std::system(("command -v " + shell + " >/dev/null").c_str()) != 0) GTEST_SKIP() << shell << " is not installed";
  const fs::path script = fs::temp_directory_path() / ("hexaplex_completion_" + std::to_string(getpid()));
  std::ofstream(script) << run_program({"completion", shell}).out;
  EXPECT_EQ(std::system((shell + " -n " + script.string()).c_str()), 0);
  fs::remove(script);
}

INSTANTIATE_TEST_SUITE_P(, Completion, ::testing::Values("bash", "zsh", "fish"),
                         [](const auto& instance) { return std::string(instance.param); });

// Completes the last word of a command line in bash, as the Tab key would.
std::string complete_in_bash(const std::string& words, int last) {
  const fs::path base = fs::temp_directory_path() / ("hexaplex_bash_" + std::to_string(getpid()));
  const fs::path script = base.string() + ".sh", output = base.string() + ".txt";
  std::ofstream(script) << run_program({"completion", "bash"}).out << "COMP_WORDS=(" << words
                        << ")\nCOMP_CWORD=" << last << "\n_hexaplex\necho \"${COMPREPLY[@]}\"\n";
  EXPECT_EQ(std::system(("bash " + script.string() + " >" + output.string()).c_str()), 0);
  std::ifstream file(output);
  std::string line;
  std::getline(file, line);
  fs::remove(script);
  fs::remove(output);
  return line;
}

TEST(BashCompletion, OffersWhatTheCommandLineTakes) {
  EXPECT_EQ(complete_in_bash("hexaplex doc", 1), "doctor");
  EXPECT_EQ(complete_in_bash("hexaplex completion ''", 2), "bash zsh fish");
  EXPECT_EQ(complete_in_bash("hexaplex completion --log-format j", 3), "json");
  EXPECT_EQ(complete_in_bash("hexaplex doctor --qu", 2), "--quiet");
  EXPECT_EQ(complete_in_bash("hexaplex --quiet compl", 2), "completion");
}

}  // namespace
}  // namespace hexaplex::test
