#pragma once

#include <string>
#include <vector>

#include "core/io/slide.h"
#include "core/panel/panel.h"

namespace hexaplex {

/// Finds every channel of the panel among the channels of a slide (modality `components`).
///
/// By channel_number where the panel gives one; otherwise by marker, then by fluorophore, against the slide's channel
/// names and fluorophores: exactly first, then without regard to case, spaces and punctuation.
/// Returns: for each channel of the panel its index in `slide.channels`.
/// Throws: InputError that lists what the file has, where a channel is missing or two of the panel's are the same one.
std::vector<int> resolve_channels(const Panel& panel, const SlideInfo& slide);

/// The same against a list of names, such as the components of a spectral library (modality `multispectral`).
/// @param file  what the names come from, for messages
std::vector<int> resolve_channels(const Panel& panel, const std::vector<std::string>& names, const std::string& file);

}  // namespace hexaplex
