#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/image/channel_source.h"
#include "core/io/slide.h"
#include "core/pipeline/reading_plan.h"

namespace hexaplex {

/// Channels of a slide as they are, held in memory.
/// @param channels  indexes into info.channels, one per name
std::unique_ptr<ChannelSource> hold_file_channels(CpuQueue& q, const SlideInfo& info, const ReadingPlan& plan,
                                                  const std::vector<int>& channels, std::vector<std::string> names);

/// The same, read from the file wherever they are needed. Reads its tissue once now.
std::unique_ptr<ChannelSource> stream_file_channels(CpuQueue& q, const SlideInfo& info, const ReadingPlan& plan,
                                                    const std::vector<int>& channels, std::vector<std::string> names);

}  // namespace hexaplex
