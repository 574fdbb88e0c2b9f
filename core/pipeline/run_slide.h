#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "core/compute/device_choice.h"
#include "core/image/tiles.h"
#include "core/io/slide.h"
#include "core/panel/panel.h"
#include "core/report/publish.h"

namespace hexaplex {

enum class UnmixMethod { non_negative, least_squares };

/// What a run does, beyond what the panel says.
struct RunOptions {
  std::filesystem::path out;  ///< DIR of DIR/S
  Existing existing = Existing::refuse;
  bool resume = false;   ///< leave a complete result of the same input and parameters alone
  bool dry_run = false;  ///< check everything that can be checked without reading pixels, write nothing
  std::optional<double> um_per_px;
  std::optional<std::filesystem::path> library;  ///< instead of the panel's
  std::optional<int> z;                          ///< plane of a z-stack, from 1
  std::optional<std::filesystem::path> labels;   ///< objects to measure instead of segmenting
  std::optional<std::filesystem::path> regions;  ///< GeoJSON of areas drawn on the slide: nothing else counts
  UnmixMethod unmixing = UnmixMethod::non_negative;
  OpenOptions open;  ///< of the slide alone: a damaged mask or control slide is always an error
  bool write_unmixed = false;
  ImageCodec image_codec = ImageCodec::deflate;        ///< of labels and unmixed components
  TileShape tile_px = 1024;                            ///< changes no byte
  std::int64_t window_bytes = std::int64_t{16} << 20;  ///< of raw pixels that each thread reads at once
  std::int64_t memory_limit_bytes = 0;                 ///< what needs more lives on scratch; 0: no limit
  std::filesystem::path scratch;                       ///< folder of what does not fit in memory; empty: `out`
  /// Slides with so many pixels or more keep what each stage has made until the result is there.
  std::int64_t checkpoint_pixels = std::int64_t{1} << 28;
  DeviceChoice device;  ///< changes no byte
  /// Called before each stage, and may throw to stop: nothing is published then.
  std::function<void(const std::string& stage)> progress;
};

/// How a run ended.
struct RunOutcome {
  std::filesystem::path result;  ///< DIR/S; empty for a dry run
  bool resumed = false;          ///< the result was there already
  std::size_t cells = 0;
  std::vector<std::string> warnings;
  std::string plan;  ///< a dry run: what would be done
};

/// Carries out the main job on one slide: read, unmix, segment, measure, phenotype, publish.
///
/// Where the panel asks for classes of cells and has no classifier, cells are found and measured, and a warning says
/// what to do next: no cell has a phenotype and there is no infiltration. Throws: InputError, ConfigError, OutputError,
/// OutOfMemory, DeviceError, InvalidArgument; whatever `progress` throws. Nothing is left under a final name then.
RunOutcome run_slide(const std::filesystem::path& slide, const Panel& panel, const RunOptions& options);

}  // namespace hexaplex
