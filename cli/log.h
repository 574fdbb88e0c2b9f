#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace hexaplex::cli {

enum class LogFormat { text, json };

/// What the program tells people while it works, on stderr: a sentence a line, or one JSON object a line
/// (`{"level": "warning", "message": "..."}`). Results go to stdout and files, never through here.
class Log {
 public:
  LogFormat format = LogFormat::text;
  bool quiet = false;  ///< errors only
  bool color = true;   ///< allowed where stderr is a terminal and NO_COLOR is unset or empty

  /// @param event  a word for programs that read the JSON lines; people do not see it
  void note(std::string_view message, std::string_view event = {}) const;
  void warning(std::string_view message) const;
  void error(std::string_view message, int exit_code) const;

  /// stderr is a terminal that shows text: a bar may be redrawn in place.
  bool interactive() const;

 private:
  void write(std::string_view level, const char* style, std::string_view message, const nlohmann::json& extra) const;
};

}  // namespace hexaplex::cli
