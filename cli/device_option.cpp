#include "cli/device_option.h"

#include <algorithm>

namespace hexaplex::cli {

namespace {

bool is_number(const std::string& text) {
  return !text.empty() && text.size() <= 3 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string check_device(const std::string& v) {
  const bool known = v == "auto" || v == "cpu" || v == "cuda" || (v.rfind("cuda:", 0) == 0 && is_number(v.substr(5)));
  return known ? std::string() : "'" + v + "' is no device; say auto, cpu, cuda or cuda:N";
}

}  // namespace

void add_device_option(CLI::App& command, std::string& device) {
  command.add_option("--device", device, "auto, cpu, cuda or cuda:N")->check(check_device)->capture_default_str();
}

int device_index(const std::string& device) {
  return device == "cuda" ? -1 : std::stoi(device.substr(5));
}

}  // namespace hexaplex::cli
