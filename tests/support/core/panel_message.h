#pragma once

#include <string>

#include "core/panel/load_panel.h"
#include "kernels/runtime/error.h"

namespace hexaplex::test {

/// The message of the ConfigError that a panel ends in; "valid" where it does not.
inline std::string panel_message(const std::string& yaml) {
  try {
    parse_panel(yaml, "p.yaml");
    return "valid";
  } catch (const ConfigError& error) {
    return error.what();
  }
}

}  // namespace hexaplex::test
