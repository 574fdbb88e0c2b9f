#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/cells/compartment.h"
#include "core/infiltration/infiltration_params.h"
#include "core/score/score_rule.h"
#include "kernels/intensity/deconvolve_stains.h"

namespace hexaplex {

enum class Modality { multispectral, components, brightfield };
constexpr std::string_view name_of(Modality m) {
  constexpr std::string_view names[] = {"multispectral", "components", "brightfield"};
  return names[static_cast<int>(m)];
}

/// One channel of the panel; lengths in micrometres everywhere below.
struct PanelChannel {
  std::string marker;
  std::string fluorophore;  ///< may be empty
  std::string stain;        ///< brightfield: what colours it, by name (DAB); else empty
  Compartment compartment =
      Compartment::cell;              ///< what the marker stains: nucleus, cytoplasm, membrane (or the whole cell)
  std::optional<int> channel_number;  ///< 1-based place in the file, for files whose channels have no names
  std::optional<double> excitation_nm, emission_nm;  ///< for people and for the outputs; nothing is computed from them
  int line = 0;                                      ///< in the panel file or its CSV, for messages
};

/// Rule for giant cells (megakaryocytes): a second segmentation at their own diameter, vouched for by a marker.
struct GiantParams {
  std::string marker;
  double nucleus_um = 20.0;
  std::optional<double> level;  ///< the marker counts as positive above this value; absent: automatic
};

/// Haematoxylin of nuclei above that of all tissue, in optical density.
inline constexpr double kLeastNuclearDensity = 0.05;

struct SegmentationParams {
  std::string nuclear = "DAPI";
  std::vector<std::string> membrane;   ///< markers that guide cuts between nuclei
  std::optional<double> nucleus_um;    ///< median nucleus diameter; absent: found on the slide (`auto`)
  std::optional<double> expansion_um;  ///< rim of a cell around its nucleus; absent: 0.15 of the nucleus diameter
  std::optional<double> least;  ///< of the nuclear channel: darker pixels are no nucleus; absent: kLeastNuclearDensity
                                ///< on brightfield, else no such limit
  double membrane_um = 0.75;    ///< width of the membrane compartment inside a cell's border
  std::optional<GiantParams> giants;
};

/// The stains of a brightfield slide.
struct StainRules {
  std::map<std::string, StainVector>
      vectors;                       ///< of the panel itself, by name; others are core/stains/known_stains.h's
  bool estimate = true;              ///< false: vectors as given or known, whatever the slide shows
  std::string reference;             ///< slide that vectors are found on, for all slides; empty: on each slide
  std::optional<StainVector> white;  ///< the picture's value of empty glass; absent: found on the slide
};

struct PositivityRule {
  enum class Method { otsu, mixture, quantile, fixed, control };
  enum class Scope { slide, cohort };
  Method method = Method::otsu;
  double value = 0;                        ///< fixed: the threshold
  double quantile = 0.99;                  ///< quantile, control
  std::string control_slide;               ///< control: path, relative to the panel file
  std::optional<Compartment> compartment;  ///< absent: the channel's own
  Statistic statistic = Statistic::mean;
  Scope scope = Scope::slide;
  std::optional<double> min_separation;  ///< otsu, mixture; absent: kDefaultMinSeparation (core/phenotype/positivity.h)
};

constexpr std::string_view name_of(PositivityRule::Method m) {
  constexpr std::string_view names[] = {"otsu", "mixture", "quantile", "fixed", "control"};
  return names[static_cast<int>(m)];
}

struct PhenotypeRule {
  std::string name;
  std::string when;  ///< boolean expression over markers (core/phenotype/rule.h)
  int line = 0;      ///< in the panel file, for messages
};

/// The mask of assessable tissue (core/quality/quality_mask.h).
struct QualityRule {
  bool mask = true;                 ///< false: the whole field counts as assessable tissue
  std::vector<std::string> ignore;  ///< reasons not to look for: glass, saturated, debris, fold, out_of_focus
};

struct Panel {
  std::string name;
  std::string description;
  std::filesystem::path file;  ///< empty for a preset
  std::string text;            ///< the YAML as read, for the record
  Modality modality = Modality::components;
  std::filesystem::path library;  ///< resolved against the panel's folder; empty: none named
  double camera_offset = 0;       ///< counts
  double camera_saturation = 65535;
  std::vector<PanelChannel> channels;
  StainRules stains;
  SegmentationParams segmentation;
  QualityRule quality;
  PositivityRule default_positivity;
  std::map<std::string, PositivityRule> positivity;  ///< by marker, default already filled in
  std::vector<std::string> exclusive;                ///< markers of which a cell carries at most one (lineages)
  std::filesystem::path classifier;                  ///< resolved against the panel's folder; empty: none
  std::vector<std::string> classes;         ///< of cells, that the classifier tells apart, or has to once there is one;
                                            ///< phenotypes may name them
  std::vector<PhenotypeRule> phenotypes;    ///< first match wins
  std::map<std::string, ScoreRule> scores;  ///< by marker
  std::optional<InfiltrationRule> infiltration;  ///< brightfield: absent: not measured
};

/// The place of a marker among the channels. Absent: the panel has none of this name.
inline std::optional<std::size_t> channel_index(const Panel& panel, const std::string& marker) {
  for (std::size_t i = 0; i < panel.channels.size(); ++i)
    if (panel.channels[i].marker == marker) return i;
  return std::nullopt;
}

/// True for a panel that asks for classes of cells and has nothing that tells them apart yet: its cells are found and
/// measured, so that some can be annotated, and the rules that name a class cannot be answered.
inline bool lacks_classifier(const Panel& panel) {
  return panel.classifier.empty() && !panel.classes.empty();
}

/// The names that the rules of phenotypes may use: markers, then the classes of a classifier.
inline std::vector<std::string> rule_names(const Panel& panel) {
  std::vector<std::string> names;
  for (const PanelChannel& channel : panel.channels) names.push_back(channel.marker);
  names.insert(names.end(), panel.classes.begin(), panel.classes.end());
  return names;
}

}  // namespace hexaplex
