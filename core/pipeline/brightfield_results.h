#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/image/channel_source.h"
#include "core/panel/panel.h"
#include "core/report/slide_result.h"
#include "core/stains/slide_stains.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Adds the scores that a panel asks for to a result whose cells are measured and told apart.
/// @param control  by marker: values of the cells of its control slide
void add_scores(CpuQueue& q, const Panel& panel, const ChannelSource& channels,
                const std::map<std::string, std::vector<double>>& control, SlideResult& result);

/// Adds the stains, and the infiltration where the panel asks for it; `tissue_mm2` is then measured finer, lumens left
/// out.
void add_infiltration(const CpuQueue& q, const Panel& panel, const SlideStains& stains, const ChannelSource& channels,
                      SlideResult& result);

}  // namespace hexaplex
