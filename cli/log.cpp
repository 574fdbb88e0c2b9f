#include "cli/log.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

namespace hexaplex::cli {

namespace {

bool no_color_asked() {
  const char* value = std::getenv("NO_COLOR");
  return value && *value;
}

}  // namespace

bool Log::interactive() const {
  return format == LogFormat::text && isatty(STDERR_FILENO) == 1;
}

void Log::write(std::string_view level, const char* style, std::string_view message,
                const nlohmann::json& extra) const {
  std::string line;
  if (format == LogFormat::json) {
    nlohmann::json object = extra;
    object["level"] = level;
    object["message"] = message;
    line = object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  } else {
    const bool styled = color && interactive() && !no_color_asked() && *style;
    line = "hexaplex: ";
    if (level != "note") {
      if (styled) line += style;
      line += level;
      line += ':';
      if (styled) line += "\033[0m";
      line += ' ';
    }
    line += message;
  }
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void Log::note(std::string_view message, std::string_view event) const {
  if (quiet) return;
  nlohmann::json extra = nlohmann::json::object();
  if (!event.empty()) extra["event"] = event;
  write("note", "", message, extra);
}

void Log::warning(std::string_view message) const {
  if (!quiet) write("warning", "\033[1;33m", message, nlohmann::json::object());
}

void Log::error(std::string_view message, int exit_code) const {
  write("error", "\033[1;31m", message, {{"exit_code", exit_code}});
}

}  // namespace hexaplex::cli
