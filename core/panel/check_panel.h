#pragma once

#include <string>

#include "core/panel/panel.h"
#include "core/panel/yaml_document.h"

namespace hexaplex {

/// What a schema cannot say: names that must be unique or known, rules that must parse and can match, parameters that a
/// method needs.
/// Throws: ConfigError for the first thing that is wrong: file, line, what, and the mend.
void check_panel(const Panel& panel, const YamlDocument& document, const std::string& file);

}  // namespace hexaplex
