#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/pipeline/run_slide.h"
#include "core/report/slide_result.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/scratch.h"

namespace hexaplex {

/// Keeps a run within its memory limit while it lives. A slide that fits is held in memory; of one that does not,
/// planes and tables lie in nameless files and only what is worked on is resident. The results are the same bytes.
class WorkingMemory {
 public:
  /// @param planes     float32 planes that are measured
  /// @param execution  gets a sentence where the slide lies on scratch
  /// Throws: OutOfMemory where even the tiles in work would not fit; OutputError for a folder that takes no files.
  WorkingMemory(Extent slide, std::size_t planes, const RunOptions& options, Execution& execution);
  ~WorkingMemory();

  /// The tiles to work with: what was asked for, or less where the limit wants it (the execution then says why).
  TileShape tile_px() const { return tile_px_; }

  /// Raw pixels that each thread may read at once, in bytes.
  std::int64_t window_bytes() const { return window_bytes_; }

  /// Whether the measured channels of so many pixels are kept; else they are made again from the file wherever they
  /// are needed.
  bool holds_channels(std::int64_t pixels) const;

  /// Most bytes that lay on scratch at a time so far.
  std::uint64_t scratch_bytes() const { return scratch_ ? scratch_->most_bytes() : 0; }

 private:
  std::int64_t limit_;
  std::size_t planes_;
  TileShape tile_px_;
  std::int64_t window_bytes_;
  std::unique_ptr<ScratchScope> scratch_;
};

}  // namespace hexaplex
