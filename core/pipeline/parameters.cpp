#include "core/pipeline/parameters.h"

#include "core/phenotype/positivity.h"
#include "core/quality/plan_quality.h"

namespace hexaplex {

namespace {

using nlohmann::json;

template <class T>
json or_auto(const std::optional<T>& v) {
  return v ? json(*v) : json("auto");
}

json segmentation_parameters(const SegmentationParams& s) {
  json out{{"nuclear", s.nuclear},
           {"membrane", s.membrane},
           {"nucleus_um", or_auto(s.nucleus_um)},
           {"expansion_um", or_auto(s.expansion_um)},
           {"membrane_um", s.membrane_um}};
  if (s.least) out["least"] = *s.least;
  if (s.giants)
    out["giants"] = {
        {"marker", s.giants->marker}, {"nucleus_um", s.giants->nucleus_um}, {"level", or_auto(s.giants->level)}};
  return out;
}

json stain_parameters(const StainRules& s) {
  json out{{"vectors", s.vectors}, {"estimate", s.estimate ? "auto" : "off"}, {"white", or_auto(s.white)}};
  if (!s.reference.empty()) out["reference"] = "given";  // which one is among the inputs, by content
  return out;
}

json score_parameters(const ScoreRule& s, const PanelChannel& c) {
  json out{{"bins", s.bins},
           {"compartment", name_of(s.compartment.value_or(c.compartment))},
           {"statistic", name_of(s.statistic)},
           {"irs_percent", s.irs_percent}};
  if (!s.control_region.empty()) out["control_region"] = s.control_region;
  if (s.levels) out["levels"] = *s.levels;
  return out;
}

json infiltration_parameters(const InfiltrationRule& rule) {
  const InfiltrationParams& p = rule.params;
  return {{"tumour", rule.tumour},  {"square_um", p.square_um}, {"tissue_density", p.tissue_density},
          {"hole_um2", p.hole_um2}, {"link_um", p.link_um},     {"min_cells", p.min_cells},
          {"close_um", p.close_um}, {"grades", p.grades}};
}

json positivity_parameters(const Panel& panel) {
  json out = json::object();
  for (const PanelChannel& c : panel.channels) {
    const auto found = panel.positivity.find(c.marker);
    const PositivityRule& rule = found != panel.positivity.end() ? found->second : panel.default_positivity;
    json entry{{"method", name_of(rule.method)},
               {"compartment", name_of(rule.compartment.value_or(c.compartment))},
               {"statistic", name_of(rule.statistic)},
               {"scope", rule.scope == PositivityRule::Scope::slide ? "slide" : "cohort"}};
    if (rule.method == PositivityRule::Method::fixed) entry["value"] = rule.value;
    if (rule.method == PositivityRule::Method::quantile || rule.method == PositivityRule::Method::control)
      entry["quantile"] = rule.quantile;
    if (rule.method == PositivityRule::Method::otsu || rule.method == PositivityRule::Method::mixture)
      entry["min_separation"] = rule.min_separation.value_or(kDefaultMinSeparation);
    out[c.marker] = std::move(entry);
  }
  return out;
}

}  // namespace

json resolved_parameters(const Panel& panel, const RunOptions& options, double um_per_px, int z) {
  json channels = json::array(), phenotypes = json::array();
  for (const PanelChannel& c : panel.channels)
    channels.push_back({{"marker", c.marker}, {"fluorophore", c.fluorophore}, {"compartment", name_of(c.compartment)}});
  if (panel.modality == Modality::brightfield)
    for (std::size_t i = 0; i < channels.size(); ++i) channels[i]["stain"] = panel.channels[i].stain;
  for (const PhenotypeRule& r : panel.phenotypes) phenotypes.push_back({{"name", r.name}, {"when", r.when}});
  json out{{"panel", panel.name},
           {"modality", name_of(panel.modality)},
           {"um_per_px", um_per_px},
           {"z", z + 1},
           {"channels", std::move(channels)},
           {"positivity", positivity_parameters(panel)},
           {"quality", quality_parameters(panel)},
           {"exclusive", panel.exclusive},
           {"classes", panel.classes},
           {"phenotypes", std::move(phenotypes)},
           {"objects", options.labels ? "given" : "segmented"},
           {"membrane_um", panel.segmentation.membrane_um}};
  if (options.regions) out["regions"] = "drawn";
  if (!options.labels) out["segmentation"] = segmentation_parameters(panel.segmentation);
  if (panel.modality == Modality::multispectral) {
    out["camera"] = {{"offset", panel.camera_offset}, {"saturation", panel.camera_saturation}};
    out["unmixing"] = options.unmixing == UnmixMethod::non_negative ? "non-negative least squares" : "least squares";
  }
  if (panel.modality == Modality::brightfield) out["stains"] = stain_parameters(panel.stains);
  for (const PanelChannel& c : panel.channels)
    if (const auto found = panel.scores.find(c.marker); found != panel.scores.end())
      out["scores"][c.marker] = score_parameters(found->second, c);
  if (panel.infiltration) out["infiltration"] = infiltration_parameters(*panel.infiltration);
  if (options.open.damaged_tiles == DamagedTiles::not_assessable) out["damaged_tiles"] = "not assessable";
  out["outputs"] = options.write_unmixed ? json::array({"unmixed"}) : json::array();
  out["image_codec"] = name_of(options.image_codec);
  return out;
}

}  // namespace hexaplex
