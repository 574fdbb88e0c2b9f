#include "core/bench/device_facts.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>

namespace hexaplex {

namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

std::string pcie_link(const std::string& pci_bus_id) {
  std::string id = pci_bus_id;
  std::transform(id.begin(), id.end(), id.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::string folder = "/sys/bus/pci/devices/" + id;
  const std::string speed = first_line(folder + "/current_link_speed");
  const std::string width = first_line(folder + "/current_link_width");
  return speed.empty() || width.empty() ? "" : speed + " x" + width;
}

std::string nvidia_driver() {
  std::istringstream words(first_line("/proc/driver/nvidia/version"));
  // The first word that begins with a digit: "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.159.04  ...".
  for (std::string word; words >> word;)
    if (std::isdigit(static_cast<unsigned char>(word[0])) != 0) return word;
  return "";
}

}  // namespace hexaplex
