#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/panel/panel.h"

namespace hexaplex {

/// A panel that ships with the program.
struct Preset {
  std::string_view name;
  std::string_view yaml;
};

/// Every preset, in order of name.
std::span<const Preset> panel_presets();

/// The JSON Schema that every panel is checked against, as text.
std::string_view panel_schema();

/// Reads a panel from a YAML file, or a preset by its name. What names a file that exists, or holds a `/` or ends in
/// .yaml, .yml or .json, is a file; everything else is the name of a preset.
///
/// Paths inside the panel are resolved against the panel's folder. What the panel leaves out has its default.
/// @param classifier  instead of the panel's own
/// Throws: ConfigError with file, line and mend for a wrong panel, an unknown preset, or a classifier that no phenotype
///         needs or that lacks a class which the panel asks for;
///         InputError where a file cannot be read.
Panel load_panel(const std::string& file_or_preset,
                 const std::optional<std::filesystem::path>& classifier = std::nullopt);

/// The same for text in memory; `file` names it in messages and anchors relative paths.
Panel parse_panel(std::string_view yaml, const std::filesystem::path& file,
                  const std::optional<std::filesystem::path>& classifier = std::nullopt);

}  // namespace hexaplex
