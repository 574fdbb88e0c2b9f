#pragma once

#include <cstddef>
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

  /// Side of the tiles to work with: what was asked for, or less where the limit wants it (the execution then says
  /// why).
  int tile_px() const { return tile_px_; }

 private:
  int tile_px_;
  std::unique_ptr<ScratchScope> scratch_;
};

}  // namespace hexaplex
