#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/io/slide.h"
#include "core/panel/panel.h"

namespace hexaplex {

/// A further slide that a panel names; a result depends on its content.
struct PanelSlide {
  std::string role;  ///< as run.json calls it: "control", "stain reference"
  std::string path;
};

/// Slides whose cells set the threshold of a marker, or what its intensity is relative to.
std::set<std::string> control_slides(const Panel& panel);

/// All slides that a panel names: controls, then the reference of its stains.
std::vector<PanelSlide> panel_slides(const Panel& panel);

/// The slide that a brightfield panel's vectors are found on; absent where it names none.
/// Throws: InputError where it is not there, cannot be read, or is no RGB picture of 8 bits
std::optional<SlideInfo> stain_reference(const Panel& panel);

}  // namespace hexaplex
