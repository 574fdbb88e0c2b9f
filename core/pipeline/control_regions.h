#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/panel/panel.h"
#include "core/regions/drawn_regions.h"
#include "core/regions/region_cells.h"
#include "core/report/slide_result.h"

namespace hexaplex {

/// Files that the regions of control slides are drawn in.
std::set<std::string> control_drawings(const Panel& panel);

/// The place of a rule's region among those that were drawn. Throws: ConfigError that lists them where it is not there.
std::size_t region_called(const DrawnRegions& drawn, const ScoreRule& rule, const std::string& marker,
                          const Panel& panel);

/// Rules that name a region of the slide itself need it. Throws: ConfigError where it is not there.
/// @param drawn  on the slide; null: nothing
void require_control_regions(const Panel& panel, const DrawnRegions* drawn);

/// Values of the cells that lie in a region and count.
/// @param counted  per cell 1 or 0; empty: all
std::vector<double> values_in(std::span<const double> values, const RegionCells& cells, std::size_t region,
                              std::span<const std::uint8_t> counted);

/// Adds, by marker, the values of cells in control regions of the slide itself.
void add_control_regions(const Panel& panel, const SlideResult& result,
                         std::map<std::string, std::vector<double>>& control);

}  // namespace hexaplex
