#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/log.h"
#include "core/pipeline/run_slide.h"

namespace hexaplex::cli {

/// How slides are analysed: the options that `run` and `batch` share, as given.
struct SlideArguments {
  std::string panel;
  std::filesystem::path out;
  std::string device = "auto";
  int threads = 0;
  std::string tile_size = "1024", tile_order = "raster";
  std::string memory_limit, library;  ///< limit: empty is the command's own default, "0" none
  std::filesystem::path scratch;
  std::optional<double> um_per_px;
  std::optional<int> z;
  UnmixMethod unmixing = UnmixMethod::non_negative;
  std::vector<std::string> write;
  ImageCodec image_codec = ImageCodec::deflate;
  std::string checkpoints = "auto";
  DamagedTiles damaged_tiles = DamagedTiles::error;
};

void add_slide_options(CLI::App& command, SlideArguments& arguments);

/// The arguments as the pipeline takes them. Throws: InvalidArgument.
RunOptions run_options(const SlideArguments& arguments);

/// The same as words of a command line, without panel, out, threads and memory limit.
std::vector<std::string> as_words(const SlideArguments& arguments);

/// Says where the work will run. Throws: DeviceError where the device cannot be had.
void choose_device(const std::string& device, const Log& log);

}  // namespace hexaplex::cli
