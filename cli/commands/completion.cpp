// `hexaplex completion SHELL` prints a completion script made from the commands as they are, so that none is forgotten.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"

namespace hexaplex::cli {

AddCommand add_completion_command;

namespace {

struct Word {
  std::string text;
  std::string help;
  std::vector<std::string> values;  ///< what may follow an option, where that is a closed list
  bool takes_value = false;
};

// One level of the command line: "hexaplex", "hexaplex panel", ...
struct Level {
  std::string path;
  std::vector<Word> commands;
  std::vector<Word> options;
  std::vector<std::string> values;  ///< of a positional argument that is a closed list
};

// CLI11 keeps a closed list of values only as text: "TEXT:{auto,never}".
std::vector<std::string> closed_list(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{'), close = type.find('}');
  if (open == std::string::npos || close == std::string::npos) return {};
  return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

std::string one_line(std::string text) {
  for (char& c : text)
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  return text;
}

void collect(const CLI::App& app, const std::string& path, const std::vector<Word>& inherited,
             std::vector<Level>& levels) {
  Level level{path, {}, {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      for (std::string& value : closed_list(*option)) level.values.push_back(std::move(value));
      continue;
    }
    for (const std::string& name : option->get_lnames())
      level.options.push_back(
          {"--" + name, one_line(option->get_description()), closed_list(*option), option->get_items_expected() > 0});
  }
  std::vector<Word> global = inherited;
  if (path.find(' ') == std::string::npos)
    for (const Word& word : level.options)
      if (word.text != "--help") global.push_back(word);
  level.options.insert(level.options.end(), inherited.begin(), inherited.end());
  const auto commands = app.get_subcommands([](const CLI::App* command) { return !command->get_name().empty(); });
  for (const CLI::App* command : commands)
    level.commands.push_back({command->get_name(), one_line(command->get_description()), {}, false});
  levels.push_back(std::move(level));
  for (const CLI::App* command : commands) collect(*command, path + " " + command->get_name(), global, levels);
}

std::string joined(const std::vector<Word>& words) {
  std::string text;
  for (const Word& word : words) text += (text.empty() ? "" : " ") + word.text;
  return text;
}

std::string joined(const std::vector<std::string>& words) {
  return CLI::detail::join(words, " ");
}

// Both shells read single quotes literally, but write a quote inside them differently.
std::string quoted(const std::string& text, const std::string& quote) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += quote;
    else
      out += c;
  }
  return out + "'";
}

// The words after the program's name that are commands: "hexaplex panel show x" is level "hexaplex panel show".
const char* const kFindLevel = R"(  local level=hexaplex word
  for word in "${words[@]:1:$((current - 1))}"; do
    case "$level $word" in
      LEVELS) level="$level $word" ;;
    esac
  done
)";

std::string find_level(const std::vector<Level>& levels) {
  std::string names;
  for (const Level& level : levels)
    if (level.path.find(' ') != std::string::npos) names += (names.empty() ? "\"" : " | \"") + level.path + "\"";
  std::string text = kFindLevel;
  return text.replace(text.find("LEVELS"), 6, names);
}

std::string value_cases(const std::vector<Level>& levels, const std::string& reply_values, const std::string& files) {
  std::string text = "  case \"$level:$previous\" in\n";
  for (const Level& level : levels)
    for (const Word& word : level.options)
      if (word.takes_value)
        text += fmt::format("    \"{}:{}\") {}; return ;;\n", level.path, word.text,
                            word.values.empty() ? files : fmt::format(fmt::runtime(reply_values), joined(word.values)));
  return text + "  esac\n";
}

std::string bash_script(const std::vector<Level>& levels) {
  std::string text =
      "# bash completion of hexaplex; load it with: source <(hexaplex completion bash)\n"
      "_hexaplex() {\n"
      "  local words=(\"${COMP_WORDS[@]}\") current=$COMP_CWORD\n"
      "  local here=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\"\n";
  text += find_level(levels);
  text += value_cases(levels, R"(mapfile -t COMPREPLY < <(compgen -W "{}" -- "$here"))",
                      R"(mapfile -t COMPREPLY < <(compgen -f -- "$here"))");
  text += "  case \"$level\" in\n";
  for (const Level& level : levels) {
    text += fmt::format("    \"{}\")\n      case \"$here\" in\n", level.path);
    text +=
        fmt::format("        -*) mapfile -t COMPREPLY < <(compgen -W \"{}\" -- \"$here\") ;;\n", joined(level.options));
    const std::string words = level.commands.empty() ? joined(level.values) : joined(level.commands);
    if (words.empty())
      text += "        *) mapfile -t COMPREPLY < <(compgen -f -- \"$here\") ;;\n";
    else
      text += fmt::format("        *) mapfile -t COMPREPLY < <(compgen -W \"{}\" -- \"$here\") ;;\n", words);
    text += "      esac ;;\n";
  }
  return text + "  esac\n}\ncomplete -o filenames -F _hexaplex hexaplex\n";
}

std::string zsh_described(const std::vector<Word>& words) {
  std::string text;
  for (const Word& word : words) text += " " + quoted(word.text + ":" + word.help, R"('\'')");
  return text;
}

std::string zsh_script(const std::vector<Level>& levels) {
  std::string text =
      "#compdef hexaplex\n"
      "# zsh completion of hexaplex; load it with: source <(hexaplex completion zsh)\n"
      "_hexaplex() {\n"
      "  local current=$((CURRENT - 1)) here=\"${words[CURRENT]}\" previous=\"${words[CURRENT-1]}\" choices\n";
  text += find_level(levels);
  text += value_cases(levels, "compadd -- {}", "_files");
  text += "  case \"$level\" in\n";
  for (const Level& level : levels) {
    text += fmt::format("    \"{}\")\n      if [[ \"$here\" == -* ]]; then\n        choices=({} )\n", level.path,
                        zsh_described(level.options));
    text += "        _describe option choices\n      else\n";
    if (!level.commands.empty())
      text += fmt::format("        choices=({} )\n        _describe command choices\n", zsh_described(level.commands));
    else if (!level.values.empty())
      text += fmt::format("        compadd -- {}\n", joined(level.values));
    else
      text += "        _files\n";
    text += "      fi ;;\n";
  }
  return text + "  esac\n}\ncompdef _hexaplex hexaplex\n";
}

std::string fish_script(const std::vector<Level>& levels) {
  std::string text = "# fish completion of hexaplex; load it with: hexaplex completion fish | source\n";
  text +=
      "function __hexaplex_at\n"
      "  set -l level hexaplex\n"
      "  set -l words (commandline -opc)\n"
      "  for word in $words[2..-1]\n"
      "    switch \"$level $word\"\n"
      "      case";
  for (const Level& level : levels)
    if (level.path.find(' ') != std::string::npos) text += " " + quoted(level.path, R"(\')");
  text +=
      "\n        set level \"$level $word\"\n"
      "    end\n  end\n"
      "  test \"$level\" = \"$argv\"\n"
      "end\n";
  for (const Level& level : levels) {
    const std::string here = fmt::format("complete -c hexaplex -n '__hexaplex_at {}'", level.path);
    for (const Word& word : level.commands)
      text += fmt::format("{} -f -a {} -d {}\n", here, word.text, quoted(word.help, R"(\')"));
    if (!level.values.empty()) text += fmt::format("{} -f -a '{}'\n", here, joined(level.values));
    for (const Word& word : level.options) {
      text += fmt::format("{} -l {} -d {}", here, word.text.substr(2), quoted(word.help, R"(\')"));
      if (word.takes_value) text += word.values.empty() ? " -r" : fmt::format(" -x -a '{}'", joined(word.values));
      text += "\n";
    }
  }
  return text;
}

int print_completion(const CLI::App& program, const std::string& shell) {
  std::vector<Level> levels;
  collect(program, "hexaplex", {}, levels);
  const std::string text = shell == "bash"  ? bash_script(levels)
                           : shell == "zsh" ? zsh_script(levels)
                                            : fish_script(levels);
  fmt::print("{}", text);
  return kOk;
}

}  // namespace

void add_completion_command(CLI::App& program, Context& context) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("completion", "Print a completion script for a shell");
  command->add_option("SHELL", *shell, "the shell")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback(
      [shell, &program, &context] { context.run = [shell, &program] { return print_completion(program, *shell); }; });
}

}  // namespace hexaplex::cli
