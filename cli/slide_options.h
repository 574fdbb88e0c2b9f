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
  std::string device = "auto", device_memory;  ///< memory: empty is what is free
  int threads = 0;
  std::string tile_size = "1024", tile_order = "raster";
  std::optional<std::string> classifier;  ///< instead of the panel's
  std::string memory_limit, library;      ///< limit: empty is the command's own default, "0" none
  std::filesystem::path scratch;
  std::filesystem::path regions;  ///< a GeoJSON file, or a folder with one for each slide
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

/// The same as words of a command line, without panel, out, threads, memory limit and regions.
/// @param jobs  that share a device
std::vector<std::string> as_words(const SlideArguments& arguments, int jobs = 1);

/// Says where the work of this process will run. Throws: DeviceError where the device cannot be had.
void say_device(const DeviceChoice& choice, const Log& log);

/// For work in other processes: refuses `cuda` where no device is to be seen, without taking one up.
void require_some_device(const DeviceChoice& choice);

}  // namespace hexaplex::cli
