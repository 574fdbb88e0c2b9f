#include "core/pipeline/brightfield_results.h"

#include <algorithm>
#include <limits>

#include "core/pipeline/region_results.h"
#include "core/regions/region_tissue.h"

namespace hexaplex {

namespace {

constexpr const char* kFineTissueDefinition =
    "squares of 2 µm that absorb light, gaps as small as the panel's hole_um2 included, where the quality mask says "
    "that "
    "they can be assessed";

// A marker's scores of the cells and the area that count.
ScoreSummary score_of(const ScoreRule& rule, const ScoreSummary& what, const CellColumn& values,
                      std::span<const std::uint8_t> counted, const std::vector<double>* control, double stained_mm2,
                      double tissue_mm2) {
  ScoreSummary one = what;
  one.score = score_marker(values, counted, rule);
  if (control != nullptr) {
    one.control = compare_to_control(values, counted, *control);
    if (rule.levels) one.level = level_of(one.control->rfi, *rule.levels);
  }
  one.area_percent = tissue_mm2 > 0 ? 100 * stained_mm2 / tissue_mm2 : std::numeric_limits<double>::quiet_NaN();
  return one;
}

// Pixels of a channel that a score calls 1+ or more: of each region, and of all together last.
std::vector<std::int64_t> stained_pixels(CpuQueue& q, const ChannelSource& channels, std::size_t k, double least,
                                         const SlideResult& result) {
  const auto channel = static_cast<int>(k);
  if (!result.regions) return {pixels_from(channels.histogram(q, channel), least)};
  std::vector<const RegionArea*> areas;
  for (const RegionArea& area : result.regions->drawn.areas) areas.push_back(&area);
  areas.push_back(&result.regions->drawn.all);
  return pixels_from(q, channels, channel, least, areas);
}

}  // namespace

void add_scores(CpuQueue& q, const Panel& panel, const ChannelSource& channels,
                const std::map<std::string, std::vector<double>>& control, SlideResult& result) {
  for (std::size_t k = 0; k < panel.channels.size(); ++k) {
    const PanelChannel& channel = panel.channels[k];
    const auto found = panel.scores.find(channel.marker);
    if (found == panel.scores.end()) continue;
    const ScoreRule& rule = found->second;
    ScoreSummary what;
    what.marker = channel.marker;
    what.compartment = rule.compartment.value_or(channel.compartment);
    what.statistic = rule.statistic;
    what.bins = rule.bins;
    const CellColumn& values = result.cells.values(k, what.compartment, what.statistic);
    const auto negative = control.find(channel.marker);
    const std::vector<double>* control_values = negative == control.end() ? nullptr : &negative->second;
    const double pixel_mm2 = result.um_per_px * result.um_per_px / 1e6;
    const std::vector<std::int64_t> pixels = stained_pixels(q, channels, k, rule.bins[0], result);
    const auto score_in = [&](std::span<const std::uint8_t> counted, std::int64_t stained, double tissue_mm2) {
      return score_of(rule, what, values, counted, control_values, static_cast<double>(stained) * pixel_mm2,
                      tissue_mm2);
    };
    result.scores.push_back(score_in(result.assessable, pixels.back(), result.tissue_mm2));
    if (!result.regions) continue;
    for (std::size_t r = 0; r < result.regions->each.size(); ++r) {
      RegionResult& region = result.regions->each[r];
      region.scores.push_back(
          score_in(result.regions->cells.counted_in(r, result.assessable), pixels[r], region.tissue_mm2));
    }
  }
}

void add_infiltration(const CpuQueue& q, const Panel& panel, const SlideStains& stains, const ChannelSource& channels,
                      SlideResult& result) {
  result.stains.emplace();
  result.stains->white = stains.white;
  result.stains->reference = stains.reference;
  std::vector<double> density;
  for (std::size_t k = 0; k < panel.channels.size(); ++k) {
    const StainVector& v = stains.vectors[k];
    result.stains->markers.push_back(panel.channels[k].marker);
    result.stains->stains.push_back(stains.names[k]);
    result.stains->vectors.push_back(v);
    density.push_back((v[0] + v[1] + v[2]) / 3);
  }
  if (!panel.infiltration) return;
  const std::vector<std::string>& names = panel.infiltration->tumour;
  std::vector<std::uint8_t> tumour(result.cells.size());
  for (std::size_t i = 0; i < tumour.size(); ++i) {
    const int p = result.phenotype[i];
    tumour[i] =
        p >= 0 && std::count(names.begin(), names.end(), result.phenotypes[static_cast<std::size_t>(p)].name) > 0;
  }
  const InfiltrationGround ground(q, channels, density, result.cells, *result.labels, tumour,
                                  result.quality ? &*result.quality : nullptr, result.um_per_px,
                                  panel.infiltration->params);
  const RegionArea* all = result.regions ? &result.regions->drawn.all : nullptr;
  result.infiltration = ground.measure(q, result.assessable, all);
  result.tissue_mm2 = result.infiltration->tissue_mm2;
  result.tissue_definition = std::string(kFineTissueDefinition) + (all != nullptr ? kInsideRegions : "");
  if (!result.regions) return;
  for (std::size_t r = 0; r < result.regions->each.size(); ++r) {
    RegionResult& region = result.regions->each[r];
    region.infiltration =
        ground.measure(q, result.regions->cells.counted_in(r, result.assessable), &result.regions->drawn.areas[r]);
    region.infiltration->squares = {};
    region.tissue_mm2 = region.infiltration->tissue_mm2;
  }
}

}  // namespace hexaplex
