// What every command shares: help, version, usage errors, message formats, a stdout that cannot be written.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/cli/program.h"

namespace hexaplex::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

// The names of the commands, as the help lists them.
std::vector<std::string> commands() {
  std::istringstream help(run_program({"--help"}).out);
  std::vector<std::string> names;
  bool listing = false;
  for (std::string line; std::getline(help, line);) {
    if (line == "Subcommands:") {
      listing = true;
    } else if (listing && line.size() > 3 && line[2] != ' ') {
      names.push_back(line.substr(2, line.find(' ', 2) - 2));
    }
  }
  return names;
}

TEST(Program, SaysVersionAndCommit) {
  const auto result = run_program({"--version"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, MatchesRegex("hexaplex [0-9]+\\.[0-9]+\\.[0-9]+ \\(.+\\)\n"));
}

TEST(Program, HelpsWithEveryCommand) {
  const auto names = commands();
  ASSERT_THAT(names, Not(IsEmpty()));
  for (const std::string& name : names) {
    const auto result = run_program({name, "--help"});
    EXPECT_EQ(result.exit_code, 0) << name;
    EXPECT_THAT(result.out, HasSubstr("Usage: hexaplex " + name));
    EXPECT_THAT(result.err, IsEmpty());
  }
}

TEST(Program, RefusesWrongUsageInOneSentence) {
  const std::vector<std::vector<std::string>> wrong{{},
                                                    {"no-such-command"},
                                                    {"--no-such-flag"},
                                                    {"doctor", "surplus"},
                                                    {"completion", "tcsh"},
                                                    {"--color", "blue", "doctor"}};
  for (const auto& arguments : wrong) {
    const auto result = run_program(arguments);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, MatchesRegex("hexaplex: error: [^\n]+\n"));
  }
}

TEST(Program, NamesAnUnknownCommand) {
  EXPECT_THAT(run_program({"enfo", "x.tif"}).err, HasSubstr("there is no command 'enfo'"));
}

TEST(Program, WritesErrorsAsJsonLines) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"--log-format", "json", "doctor", "surplus"},
                                                                     {"doctor", "surplus", "--log-format", "json"}}) {
    const auto message = nlohmann::json::parse(run_program(arguments).err);
    EXPECT_EQ(message.at("level"), "error");
    EXPECT_EQ(message.at("exit_code"), 2);
    EXPECT_THAT(message.at("message").get<std::string>(), HasSubstr("surplus"));
  }
}

TEST(Program, TakesGlobalFlagsBeforeAndAfterTheCommand) {
  EXPECT_EQ(run_program({"--quiet", "--color", "never", "doctor"}).exit_code, 0);
  EXPECT_EQ(run_program({"doctor", "--quiet", "--color", "never"}).exit_code, 0);
}

TEST(Program, ColoursNothingThatIsNotATerminal) {
  EXPECT_THAT(run_program({"no-such-command"}).err, Not(HasSubstr("\033")));
}

TEST(Program, NoticesAFullDiskBehindStdout) {
  const auto result = run_program_into("/dev/full", {"doctor"});
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_THAT(result.err, StartsWith("hexaplex: error: standard output"));
}

TEST(Doctor, NamesVersionThreadsBackendsAndLibraries) {
  const auto text = run_program({"doctor"});
  EXPECT_EQ(text.exit_code, 0);
  for (const char* word : {"version ", "threads", "cpu ", "cuda ", "libtiff "}) EXPECT_THAT(text.out, HasSubstr(word));
  const auto json = nlohmann::json::parse(run_program({"doctor", "--json"}).out);
  EXPECT_THAT(json.at("cpu").get<std::string>(), HasSubstr("usable"));
  EXPECT_TRUE(json.at("libraries").contains("libtiff"));
}

}  // namespace
}  // namespace hexaplex::test
