#pragma once

#include <array>
#include <optional>
#include <string>

#include "core/cells/compartment.h"

namespace hexaplex {

/// How a marker is scored: classes 0, 1+, 2+, 3+ of its cells, and what is made of them.
struct ScoreRule {
  std::array<double, 3> bins{0.2, 0.4, 0.6};  ///< values from which a cell is 1+, 2+, 3+; ascending
  std::optional<Compartment> compartment;     ///< absent: the channel's own
  Statistic statistic = Statistic::mean;
  /// Percent of positive cells from which the immunoreactive score's proportion is 2, 3, 4; above 0 it is 1.
  std::array<double, 3> irs_percent{10, 51, 81};
  /// Cells without the antigen: path of a slide; a region drawn on it, by name; and the GeoJSON it is drawn in. A
  /// region without a slide is one of the slide itself; all empty: no control.
  std::string control, control_region, control_drawing;
  std::optional<std::array<double, 2>> levels{};  ///< relative intensities from which the level is medium, high

  bool has_control() const { return !control.empty() || !control_region.empty(); }
  bool is_control_in_slide() const { return control.empty() && !control_region.empty(); }
};

}  // namespace hexaplex
