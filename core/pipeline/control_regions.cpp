#include "core/pipeline/control_regions.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/panel/suggest.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

std::string file_of(const Panel& panel) {
  return panel.file.empty() ? panel.name : panel.file.string();
}

}  // namespace

std::set<std::string> control_drawings(const Panel& panel) {
  std::set<std::string> files;
  for (const auto& [marker, rule] : panel.scores)
    if (!rule.control_drawing.empty()) files.insert(rule.control_drawing);
  return files;
}

std::size_t region_called(const DrawnRegions& drawn, const ScoreRule& rule, const std::string& marker,
                          const Panel& panel) {
  const auto found = std::find(drawn.names.begin(), drawn.names.end(), rule.control_region);
  if (found == drawn.names.end())
    throw ConfigError(
        file_of(panel),
        fmt::format("scores.{}.control_region is {}, and the regions that were drawn are {}{}", marker,
                    rule.control_region, listed(drawn.names), did_you_mean(rule.control_region, drawn.names)));
  return static_cast<std::size_t>(found - drawn.names.begin());
}

void require_control_regions(const Panel& panel, const DrawnRegions* drawn) {
  for (const auto& [marker, rule] : panel.scores) {
    if (!rule.is_control_in_slide()) continue;
    if (drawn == nullptr)
      throw ConfigError(file_of(panel),
                        fmt::format("scores.{}.control_region is {}, a region of the slide itself; give "
                                    "what is drawn on it with --regions",
                                    marker, rule.control_region));
    region_called(*drawn, rule, marker, panel);
  }
}

std::vector<double> values_in(std::span<const double> values, const RegionCells& cells, std::size_t region,
                              std::span<const std::uint8_t> counted) {
  const std::vector<std::uint8_t> wanted = cells.counted_in(region, counted);
  std::vector<double> out;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (wanted[i] != 0) out.push_back(values[i]);
  return out;
}

void add_control_regions(const Panel& panel, const SlideResult& result,
                         std::map<std::string, std::vector<double>>& control) {
  for (std::size_t k = 0; k < panel.channels.size(); ++k) {
    const PanelChannel& channel = panel.channels[k];
    const auto found = panel.scores.find(channel.marker);
    if (found == panel.scores.end() || !found->second.is_control_in_slide()) continue;
    const ScoreRule& rule = found->second;
    const CellColumn& values = result.cells.values(k, rule.compartment.value_or(channel.compartment), rule.statistic);
    control[channel.marker] =
        values_in(values, result.regions->cells, region_called(result.regions->drawn, rule, channel.marker, panel),
                  result.assessable);
  }
}

}  // namespace hexaplex
