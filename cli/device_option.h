#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace hexaplex::cli {

/// Adds --device: auto, cpu, cuda or cuda:N; anything else is a usage error.
void add_device_option(CLI::App& command, std::string& device);

/// N of cuda:N, -1 of cuda.
int device_index(const std::string& device);

}  // namespace hexaplex::cli
