#pragma once

#include <functional>
#include <string>

#include "core/image/labels.h"
#include "core/report/slide_result.h"
#include "core/run/checkpoints.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Names everything that the stages of a run depend on: inputs by content, parameters, version.
std::string checkpoint_key(const SlideResult& planned);

/// Labels of a checkpoint, or those that `make` finds, which are kept then; with what the slide itself settled on the
/// way (result.derived).
SlideLabels kept_labels(CpuQueue& q, const TissueArea& area, Checkpoints& checkpoints, SlideResult& result,
                        const std::function<SlideLabels()>& make);

}  // namespace hexaplex
