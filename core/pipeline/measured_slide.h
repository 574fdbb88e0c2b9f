#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/compute/compute_place.h"
#include "core/image/channel_source.h"
#include "core/io/slide.h"
#include "core/panel/panel.h"
#include "core/pipeline/reading_plan.h"
#include "core/pipeline/run_slide.h"
#include "core/report/slide_result.h"
#include "core/run/checkpoints.h"
#include "core/stains/slide_stains.h"
#include "core/unmixing/library.h"

namespace hexaplex {

/// A slide as measured channels, and what is known about how good they are.
struct MeasuredSlide {
  /// The panel's channels first, in its order, then what else was unmixed.
  std::unique_ptr<ChannelSource> channels;
  std::size_t panel_channels = 0;  ///< how many of them the panel names
  std::optional<UnmixingSummary> unmixing;
  std::map<std::string, std::string> unassessable;  ///< marker -> why
  std::vector<std::string> warnings;
};

/// The pixel size to work with: the override, or what the file says.
/// Throws: InputError where there is none, or x and y differ by more than 1 %, with --um-per-px as the mend;
///         InvalidArgument for an override outside 0.05 .. 5 µm.
double resolve_um_per_px(const SlideInfo& info, std::optional<double> override_um);

/// The plane of a z-stack to read, from 0. Throws: ConfigError where a stack needs a choice, or the choice is outside
/// it.
int resolve_z(const SlideInfo& info, std::optional<int> z_from_one);

/// The panel's channels as they are in the file (modality `components`).
MeasuredSlide read_components(CpuQueue& q, const SlideInfo& info, const Panel& panel, const ReadingPlan& plan);

/// The amounts of the panel's stains (modality `brightfield`).
MeasuredSlide deconvolve_channels(CpuQueue& q, const SlideInfo& info, const Panel& panel, const SlideStains& stains,
                                  const ReadingPlan& plan);

/// The components of every band (modality `multispectral`). Values do not depend on how the slide is read.
MeasuredSlide unmix_components(CpuQueue& q, ComputePlace& place, const SlideInfo& info, const Panel& panel,
                               const SpectralLibrary& library, const ReadingPlan& plan, UnmixMethod method,
                               Checkpoints& checkpoints);

}  // namespace hexaplex
