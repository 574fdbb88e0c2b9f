#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/cells/cell_table.h"
#include "core/cells/compartment.h"
#include "core/image/channel_source.h"
#include "core/image/labels.h"
#include "core/image/tiles.h"
#include "core/infiltration/infiltration.h"
#include "core/quality/quality_mask.h"
#include "core/regions/drawn_regions.h"
#include "core/regions/region_cells.h"
#include "core/run/input_record.h"
#include "core/score/score.h"
#include "kernels/runtime/plane.h"

namespace hexaplex {

/// One phenotype of the panel, in the panel's order.
struct PhenotypeInfo {
  std::string name;
  bool assessable = true;  ///< false: its rule hangs on a marker that this slide cannot answer for
};

/// How a marker was decided. See core/phenotype/positivity.h; copied here so that a result needs no panel.
struct PositivitySummary {
  std::string marker;
  Compartment compartment = Compartment::cell;
  Statistic statistic = Statistic::mean;
  std::string method;
  bool assessable = true, present = true;
  double threshold = 0;
  std::size_t positive = 0;
  std::string sentence;
};

/// The scores of a marker, with what they are of.
struct ScoreSummary {
  std::string marker;
  Compartment compartment = Compartment::cell;
  Statistic statistic = Statistic::mean;
  std::array<double, 3> bins{};
  MarkerScore score;
  std::optional<RelativeIntensity> control;  ///< where the panel names one
  std::string level;                         ///< "low", "medium", "high"; empty: not asked for, or not known
  double area_percent = 0;  ///< of the assessable tissue: pixels of 1+ and more; NaN where there is no tissue
};

/// The stains of a brightfield slide.
struct StainSummary {
  std::vector<std::string> markers, stains;
  std::vector<std::array<double, 3>> vectors;
  std::array<double, 3> white{};
  std::string reference{};  ///< name of the slide that vectors were found on; empty: this one, or none
};

/// Quality of an unmixing. `crosstalk[i][j]` = mean of component j over mean of component i where i is bright.
struct UnmixingSummary {
  std::string method;  ///< "non-negative least squares", "least squares"
  double condition_number = 0;
  double residual = 0;  ///< relative: norm of raw - fit over norm of raw, whole slide
  std::vector<std::string> components;
  std::vector<std::vector<double>> crosstalk;
  std::optional<double> max_kkt_violation;       ///< non-negative: largest over all pixels, of the values written
  std::vector<bool> crosstalk_assessable = {};   ///< per row; false: the stain covers too little to tell
  std::vector<double> residual_rms_counts = {};  ///< per band
};

/// What was found in one of the regions that were drawn on a slide.
struct RegionResult {
  double tissue_mm2 = 0;  ///< as SlideResult::tissue_mm2, inside the region
  std::vector<ScoreSummary> scores;
  std::optional<InfiltrationResult> infiltration;  ///< without `squares`
};

/// The regions that were drawn on a slide. Everything else in a result is of all of them together.
struct RegionResults {
  DrawnRegions drawn;
  RegionCells cells;
  std::vector<RegionResult> each;  ///< in the order of drawn.names
};

/// One plane to write or to show.
struct NamedPlane {
  std::string name;
  Plane<const float> pixels;
};

struct StageTime {
  std::string name;
  double seconds = 0;
  double cpu_seconds = 0;  ///< of all threads
};

/// What may differ between two runs of the same input and parameters.
struct Execution {
  std::string device;  ///< "CPU, 2 threads", the name of the GPU
  int threads = 0;
  TileShape tile_px;
  std::string tile_size_reason;  ///< why it is not what was asked for; empty: it is
  std::int64_t memory_limit_bytes = 0;
  std::vector<StageTime> stages;    ///< publishing adds its own
  std::uint64_t scratch_bytes = 0;  ///< most that lay on scratch at a time
  std::vector<std::string> fallbacks;
  std::string output;                              ///< folder, as given
  nlohmann::json more = nlohmann::json::object();  ///< anything else of this kind
};

/// Everything known about one finished slide; what the result files are made from. Views must outlive it.
struct SlideResult {
  // What was read.
  std::string stem;                 ///< S of DIR/S
  std::vector<InputRecord> inputs;  ///< the slide first (core/run/input_record.h)
  std::string format;               ///< SlideInfo::format
  Extent extent{};
  double um_per_px = 0;

  // How it was processed.
  std::string version, commit;
  std::string panel;          ///< name
  nlohmann::json parameters;  ///< as resolved: everything that can change a result, no paths, no device
  nlohmann::json derived = nlohmann::json::object();  ///< what the slide itself settled: an automatic diameter

  // What was found.
  std::optional<LabelView> labels;
  CellTable cells;
  std::vector<PhenotypeInfo> phenotypes;
  std::vector<int> phenotype;  ///< per cell: index, or kUnclassified and what else core/phenotype/classify.h has
  std::vector<std::vector<std::uint8_t>> positive;  ///< [marker of `cells`][cell]: 0 no, 1 yes, 2 unknown; may be empty
  std::optional<QualityMask> quality;               ///< absent: everything is tissue and assessable
  /// Per cell 1, or 0: on a square that cannot be assessed, or in none of the regions. Empty: all count.
  std::vector<std::uint8_t> assessable;
  double tissue_mm2 = 0;          ///< assessable tissue: the denominator of every density
  std::string tissue_definition;  ///< a sentence
  std::vector<PositivitySummary> positivity;
  std::optional<UnmixingSummary> unmixing;
  std::optional<StainSummary> stains;
  std::vector<ScoreSummary> scores;
  std::optional<InfiltrationResult> infiltration;
  std::optional<RegionResults> regions;  ///< absent: none were drawn, everything counts
  std::vector<std::string> warnings;     ///< sentences

  // To look at, averaged down by overlay_shrink (core/report/overlay.h); and to write on request.
  Plane<const float> nuclear;     ///< shown in blue in the overlay; may be empty
  std::vector<NamedPlane> shown;  ///< up to a few markers mixed into the overlay; may be empty
  std::vector<Plane<const float>>
      stained;  ///< brightfield: the amounts of `stains`; the overlay shows them in their colours
  const ChannelSource* unmixed = nullptr;  ///< components for unmixed.ome.tif; null: none

  Execution execution;
};

}  // namespace hexaplex
