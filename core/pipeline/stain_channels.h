#pragma once

#include "core/pipeline/made_channels.h"
#include "core/stains/slide_stains.h"

namespace hexaplex {

/// The amounts of the stains of a brightfield slide, in optical density, not below 0.
///
/// @param names  one a stain
/// @param z      plane of a stack, from 0
ChannelMaker stain_maker(const SlideStains& stains, std::vector<std::string> names, int z);

}  // namespace hexaplex
