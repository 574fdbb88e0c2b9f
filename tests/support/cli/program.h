#pragma once

#include <string>
#include <vector>

namespace hexaplex::test {

/// How a run of the program ended, and what it said.
struct ProgramResult {
  int exit_code = -1;  ///< as a shell would see it: 128 + signal where a signal ended it
  std::string out;
  std::string err;
};

/// Runs hexaplex with these arguments. `environment` holds NAME=VALUE entries on top of this process's own.
ProgramResult run_program(const std::vector<std::string>& arguments, const std::vector<std::string>& environment = {});

/// The same with stdout sent to a file (/dev/full, say); `out` stays empty.
ProgramResult run_program_into(const std::string& stdout_path, const std::vector<std::string>& arguments);

}  // namespace hexaplex::test
