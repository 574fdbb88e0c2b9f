#include "tests/support/cli/program.h"
#include "tests/support/file_content.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace hexaplex::test {

namespace fs = std::filesystem;

namespace {

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

ProgramResult run(const std::string& stdout_path, const std::vector<std::string>& arguments,
                  const std::vector<std::string>& environment) {
  static int runs = 0;
  const fs::path err =
      fs::temp_directory_path() / ("hexaplex_stderr_" + std::to_string(getpid()) + "_" + std::to_string(runs++));
  std::string command = "env";
  for (const std::string& entry : environment) command += " " + quoted(entry);
  command += " " + quoted(HEXAPLEX_PROGRAM);
  for (const std::string& argument : arguments) command += " " + quoted(argument);
  command += " >" + quoted(stdout_path) + " 2>" + quoted(err.string()) + " </dev/null";
  const int status = std::system(command.c_str());
  ProgramResult result;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.err = bytes_of(err);
  fs::remove(err);
  return result;
}

}  // namespace

ProgramResult run_program(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
  static int runs = 0;
  const fs::path out =
      fs::temp_directory_path() / ("hexaplex_stdout_" + std::to_string(getpid()) + "_" + std::to_string(runs++));
  ProgramResult result = run(out.string(), arguments, environment);
  result.out = bytes_of(out);
  fs::remove(out);
  return result;
}

ProgramResult run_program_into(const std::string& stdout_path, const std::vector<std::string>& arguments) {
  return run(stdout_path, arguments, {});
}

}  // namespace hexaplex::test
