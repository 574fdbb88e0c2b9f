#pragma once

#include <string>

#include "core/panel/yaml_document.h"

namespace hexaplex {

/// Checks a panel against the JSON Schema of panels (panel_schema()).
/// Throws: ConfigError for the first thing that is wrong: file, line, what, and the mend.
void check_against_schema(const YamlDocument& document, const std::string& file);

}  // namespace hexaplex
