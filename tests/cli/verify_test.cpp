#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "tests/support/cli/program.h"
#include "tests/support/paths.h"

namespace hexaplex::test {
namespace {

namespace fs = std::filesystem;

TEST(VerifyCommand, AFolderWithoutResultIsAnInputError) {
  const ProgramResult none = run_program({"verify", "/nonexistent"});
  EXPECT_EQ(none.exit_code, 3);
  EXPECT_NE(none.err.find("holds no result"), std::string::npos) << none.err;
  EXPECT_EQ(run_program({"verify"}).exit_code, 2);
}

TEST(VerifyCommand, ADifferenceIsExitCode8) {
  const fs::path folder =
      fs::temp_directory_path() /
      ("hexaplex-verify-" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) + "-" +
       std::to_string(std::hash<std::string>{}(::hexaplex::testing::build_folder().string())));
  fs::remove_all(folder);
  fs::create_directories(folder);
  // Hashes of {} and of an empty file.
  const auto write = [&](const char* name, const std::string& text) { std::ofstream(folder / name) << text; };
  write("cells.csv", "");
  write("run.json",
        R"({"parameters":{},"parameters_sha256":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",)"
        R"("inputs":[],"outputs":[{"name":"cells.csv","bytes":0,)"
        R"("sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}],"execution":{}})");
  const ProgramResult same = run_program({"verify", folder.string()});
  EXPECT_EQ(same.exit_code, 0) << same.out << same.err;
  EXPECT_NE(same.out.find("as recorded"), std::string::npos);
  write("cells.csv", "changed");
  const ProgramResult changed = run_program({"verify", folder.string()});
  EXPECT_EQ(changed.exit_code, 8);
  EXPECT_NE(changed.out.find("cells.csv was changed"), std::string::npos) << changed.out;
  write("run.json", "{");
  EXPECT_EQ(run_program({"verify", folder.string()}).exit_code, 3);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace hexaplex::test
