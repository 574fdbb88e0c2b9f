#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/cells/cell_table.h"
#include "core/panel/panel.h"
#include "core/phenotype/rule.h"

namespace hexaplex {

/// Positive cells must be this many times as bright as negative ones, unless the panel says otherwise. Measured on
/// painted marrow: 4 to 100 for markers that are there, 1.3 to 2.5 for those that are not.
inline constexpr double kDefaultMinSeparation = 3.0;

/// How one marker was decided on one slide.
struct MarkerPositivity {
  std::string marker;
  Compartment compartment = Compartment::cell;
  Statistic statistic = Statistic::mean;
  PositivityRule::Method method = PositivityRule::Method::otsu;
  bool assessable = true;    ///< false: every cell is `unknown`
  bool present = true;       ///< false: no two classes were found, so no cell is positive. The nuclear stain that no
                             ///< phenotype asks for is present, classes or not
  double threshold = 0;      ///< value >= threshold is positive; +infinity where no cell can be
  double separation = 0;     ///< how many times as bright positive cells are; 0 where no classes were looked for
  double background = 0;     ///< added to values before their logarithm is taken
  std::size_t positive = 0;  ///< cells
  std::size_t yielded = 0;   ///< cells above the threshold that carry another exclusive marker
  std::size_t no_value = 0;  ///< cells whose compartment is empty: not positive
  std::string sentence;      ///< for summary and report
};

/// Positivity of every cell for every marker.
struct Positivity {
  std::vector<MarkerPositivity> markers;   ///< in the order of panel.channels
  std::vector<std::vector<Truth>> states;  ///< [marker][cell]
  std::vector<std::uint8_t> counted;       ///< as given in the context
  std::vector<std::string> warnings;       ///< sentences: what is not assessable, and why
};

/// What else is known about the channels of this slide.
struct PositivityContext {
  /// Marker -> why it cannot be assessed ("every pixel is saturated"). Its cells are `unknown`.
  std::map<std::string, std::string> unassessable;
  /// Marker -> values of the control slide's cells, same compartment and statistic; needed where the method is control.
  std::map<std::string, std::vector<double>> control;
  /// Per cell 1, or 0 for one that lies where the slide cannot be assessed (core/quality/assess_cells.h): it is
  /// `unknown` for every marker and takes no part in thresholds and counts. Empty: all count.
  std::vector<std::uint8_t> counted;
};

/// Decides which cells are positive for which marker. Automatic thresholds come from the values of all cells of the
/// table that count, do not depend on their order, and find no class where there is none (core/phenotype/threshold.h).
///
/// Markers that the panel calls exclusive compete. Their thresholds are found in order of how far their classes lie
/// apart, each among the cells that no earlier one has taken: what spills from a bright marker into another is then out
/// of the way. A cell above several thresholds carries the marker in which it stands highest, between the mean
/// logarithm of the cells below the threshold (0) and of those above (1); ties go to the earlier channel.
///
/// @param table  its markers must hold every channel of the panel, by marker
/// Throws: ConfigError where a rule cannot be carried out (control without values, a scope that is not available).
Positivity decide_positivity(const Panel& panel, const CellTable& table, const PositivityContext& context = {});

}  // namespace hexaplex
