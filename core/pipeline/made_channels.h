#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/image/channel_source.h"
#include "core/io/slide.h"
#include "core/pipeline/reading_plan.h"

namespace hexaplex {

/// How measured channels come from a file: `make(slide, window, channels, dst)` writes channels of a window, by index
/// into names, to planes of its extent. Called from several threads, each with a slide of its own.
struct ChannelMaker {
  std::vector<std::string> names;
  std::size_t raw_bytes = 4;  ///< a pixel of what is read for all channels
  std::function<void(Slide&, Rect, std::span<const int> channels, std::span<const Plane<float>> dst)> make;
};

/// Channels that are made from a file, dark where there is no tissue: held in memory (plan.hold), or made again
/// wherever they are needed, after one pass that learns their ranges. The same values.
std::unique_ptr<ChannelSource> make_channels(CpuQueue& q, const SlideInfo& info, const ReadingPlan& plan,
                                             ChannelMaker maker);

}  // namespace hexaplex
