#pragma once

#include <string>

namespace hexaplex {

// What the system tells of a device that the CUDA runtime does not. Linux; empty where nothing is told.

/// "32.0 GT/s PCIe x16", of the link as it is now: it idles at a lower speed.
/// @param pci_bus_id  "0000:65:00.0"
std::string pcie_link(const std::string& pci_bus_id);

/// Version of the NVIDIA driver, "580.159.04".
std::string nvidia_driver();

}  // namespace hexaplex
