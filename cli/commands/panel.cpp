// `hexaplex panel`: the presets, a panel's correctness, and the schema behind it.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>

#include "cli/command.h"
#include "core/panel/load_panel.h"

namespace hexaplex::cli {

AddCommand add_panel_command;

namespace {

int list_panels() {
  for (const Preset& preset : panel_presets()) {
    const Panel panel = load_panel(std::string(preset.name));
    fmt::print("{:<18} {}\n", preset.name, panel.description);
  }
  return kOk;
}

int show_panel(const std::string& name) {
  fmt::print("{}", load_panel(name).text);
  return kOk;
}

int validate_panel(const std::string& file) {
  const Panel panel = load_panel(file);
  fmt::print("{} is a valid panel: {} channels, {} phenotypes\n", file, panel.channels.size(), panel.phenotypes.size());
  return kOk;
}

int print_schema() {
  fmt::print("{}", panel_schema());
  return kOk;
}

}  // namespace

void add_panel_command(CLI::App& program, Context& context) {
  CLI::App* command = program.add_subcommand("panel", "List, show and check panels");
  command->require_subcommand(1);
  CLI::App* list = command->add_subcommand("list", "Name the panels that ship with the program");
  list->callback([&context] { context.run = list_panels; });

  auto given = std::make_shared<std::string>();
  CLI::App* show = command->add_subcommand("show", "Print a panel, to read or to start your own from");
  show->add_option("NAME", *given, "a preset, or a panel file")->required();
  show->callback([given, &context] { context.run = [given] { return show_panel(*given); }; });

  CLI::App* validate = command->add_subcommand("validate", "Check a panel; says file, line and mend where it is wrong");
  validate->add_option("FILE", *given, "a panel file, or a preset")->required();
  validate->callback([given, &context] { context.run = [given] { return validate_panel(*given); }; });

  CLI::App* schema = command->add_subcommand("schema", "Print the JSON Schema of panels, for editors");
  schema->callback([&context] { context.run = print_schema; });
}

}  // namespace hexaplex::cli
