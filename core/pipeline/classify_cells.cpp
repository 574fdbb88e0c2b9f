#include "core/pipeline/classify_cells.h"

#include <fmt/format.h>

#include <optional>

#include "core/classify/read_classifier.h"
#include "core/panel/suggest.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

void add_classes(const Panel& panel, const CellTable& cells, double um_per_px, Positivity& positivity) {
  if (panel.classifier.empty()) return;
  const CellClassifier classifier = read_classifier(panel.classifier);
  const std::optional<std::size_t> nuclear = channel_index(panel, panel.segmentation.nuclear);
  if (!nuclear) throw ConfigError(panel.file.string(), "a classifier needs the nuclear channel among the panel's");
  const CellColumn &mean = cells.values(*nuclear, Compartment::nucleus, Statistic::mean),
                   &std = cells.values(*nuclear, Compartment::nucleus, Statistic::std);
  std::vector<NucleusValues> nuclei;
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Shape& s = cells.nucleus[i];
    if (!(s.area_px > 0)) continue;
    rows.push_back(i);
    nuclei.push_back(
        {s.centroid_x_px * um_per_px, s.centroid_y_px * um_per_px, s.area_px * um_per_px * um_per_px, mean[i], std[i]});
  }
  const std::vector<CellFeatures> features = cell_features(nuclei);
  const std::vector<int> kinds = classifier.predict(features);
  const std::size_t first = positivity.states.size();
  for (std::size_t c = 0; c < panel.classes.size(); ++c) positivity.states.emplace_back(cells.size(), Truth::no);
  for (std::size_t k = 0; k < rows.size(); ++k)
    positivity.states[first + static_cast<std::size_t>(kinds[k])][rows[k]] = Truth::yes;
}

Panel before_classes(Panel panel) {
  if (!lacks_classifier(panel)) return panel;
  panel.classes.clear();
  panel.phenotypes.clear();
  panel.infiltration.reset();
  return panel;
}

std::string why_unclassified(const Panel& panel) {
  return fmt::format(
      "cells are found and measured, but nothing is classified{}: the panel {} tells {} apart by a classifier, and "
      "none was given. Mark some cells of each class in QuPath (30 are a good start) and export them as GeoJSON; then "
      "hexaplex train RESULT ANNOTATIONS --out classifier.json makes one, and this run again with --classifier "
      "classifier.json --overwrite uses it",
      panel.infiltration ? " and no infiltration measured" : "", panel.name, listed(panel.classes));
}

}  // namespace hexaplex
