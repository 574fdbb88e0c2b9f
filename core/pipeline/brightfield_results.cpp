#include "core/pipeline/brightfield_results.h"

#include <algorithm>
#include <limits>

namespace hexaplex {

namespace {

constexpr const char* kFineTissueDefinition =
    "squares of 2 µm that absorb light, gaps as small as the panel's hole_um2 included, where the quality mask says "
    "that "
    "they can be assessed";

}  // namespace

void add_scores(CpuQueue& q, const Panel& panel, const ChannelSource& channels,
                const std::map<std::string, std::vector<double>>& control, SlideResult& result) {
  for (std::size_t k = 0; k < panel.channels.size(); ++k) {
    const PanelChannel& channel = panel.channels[k];
    const auto found = panel.scores.find(channel.marker);
    if (found == panel.scores.end()) continue;
    const ScoreRule& rule = found->second;
    ScoreSummary one;
    one.marker = channel.marker;
    one.compartment = rule.compartment.value_or(channel.compartment);
    one.statistic = rule.statistic;
    one.bins = rule.bins;
    const CellColumn& values = result.cells.values(k, one.compartment, one.statistic);
    one.score = score_marker(values, result.assessable, rule);
    if (const auto negative = control.find(channel.marker); negative != control.end()) {
      one.control = compare_to_control(values, result.assessable, negative->second);
      if (rule.levels) one.level = level_of(one.control->rfi, *rule.levels);
    }
    const double pixel_mm2 = result.um_per_px * result.um_per_px / 1e6;
    const std::int64_t pixels = pixels_from(channels.histogram(q, static_cast<int>(k)), rule.bins[0]);
    one.area_percent = result.tissue_mm2 > 0 ? 100 * static_cast<double>(pixels) * pixel_mm2 / result.tissue_mm2
                                             : std::numeric_limits<double>::quiet_NaN();
    result.scores.push_back(std::move(one));
  }
}

void add_infiltration(const CpuQueue& q, const Panel& panel, const SlideStains& stains, const ChannelSource& channels,
                      SlideResult& result) {
  result.stains.emplace();
  result.stains->white = stains.white;
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
  result.infiltration =
      measure_infiltration(q, channels, density, result.cells, *result.labels, tumour, result.assessable,
                           result.quality ? &*result.quality : nullptr, result.um_per_px, panel.infiltration->params);
  result.tissue_mm2 = result.infiltration->tissue_mm2;
  result.tissue_definition = kFineTissueDefinition;
}

}  // namespace hexaplex
