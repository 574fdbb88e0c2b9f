#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "core/cells/cell_table.h"
#include "core/panel/panel.h"
#include "core/phenotype/rule.h"

namespace hexaplex {

/// How one marker was decided on one slide.
struct MarkerPositivity {
  std::string marker;
  Compartment compartment = Compartment::cell;
  Statistic statistic = Statistic::mean;
  PositivityRule::Method method = PositivityRule::Method::otsu;
  bool assessable = true;    ///< false: every cell is `unknown`
  bool present = true;       ///< false: no two classes were found, so no cell is positive
  double threshold = 0;      ///< value >= threshold is positive; +infinity where no cell can be
  std::size_t positive = 0;  ///< cells
  std::size_t no_value = 0;  ///< cells whose compartment is empty: not positive
  std::string sentence;      ///< for summary and report, e.g. "CD34: 312 of 5,120 cells positive (...)"
};

/// Positivity of every cell for every marker.
struct Positivity {
  std::vector<MarkerPositivity> markers;   ///< in the order of panel.channels
  std::vector<std::vector<Truth>> states;  ///< [marker][cell]
  std::vector<std::string> warnings;       ///< sentences: absent, not assessable, cells without value
};

/// What else is known about the channels of this slide.
struct PositivityContext {
  /// Marker -> why it cannot be assessed ("every pixel is saturated"). Its cells are `unknown`.
  std::map<std::string, std::string> unassessable;
  /// Marker -> values of the control slide's cells, same compartment and statistic; needed where the method is control.
  std::map<std::string, std::vector<double>> control;
};

/// Decides which cells are positive for which marker. Automatic thresholds come from the values of all cells of the
/// table, do not depend on their order, and find no class where there is none.
///
/// @param table  its markers must hold every channel of the panel, by marker
/// Throws: ConfigError where a rule cannot be carried out (control without values, a scope that is not available).
Positivity decide_positivity(const Panel& panel, const CellTable& table, const PositivityContext& context = {});

}  // namespace hexaplex
