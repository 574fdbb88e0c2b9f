#pragma once

#include <string>

namespace hexaplex {

/// How a process ended.
struct ExitState {
  int code = 0;    ///< of exit; 0 where a signal ended it
  int signal = 0;  ///< that ended it; 0: it ended by itself

  bool ok() const { return code == 0 && signal == 0; }
  /// As a shell would say it.
  int shell_code() const { return signal != 0 ? 128 + signal : code; }
};

}  // namespace hexaplex
