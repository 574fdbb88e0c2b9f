#include "core/report/summary.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/phenotype/classify.h"

namespace hexaplex {

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// JSON has no NaN and no infinity: null.
nlohmann::ordered_json number(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json positivity_of(const SlideResult& result) {
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  for (const PositivitySummary& p : result.positivity) {
    nlohmann::ordered_json& one = all[p.marker];
    one["method"] = p.method;
    one["compartment"] = name_of(p.compartment);
    one["statistic"] = name_of(p.statistic);
    one["assessable"] = p.assessable;
    one["present"] = p.present;
    one["threshold"] = number(p.threshold);
    one["positive"] = p.positive;
    one["sentence"] = p.sentence;
  }
  return all;
}

nlohmann::ordered_json unmixing_of(const UnmixingSummary& u) {
  nlohmann::ordered_json json;
  json["method"] = u.method;
  json["condition_number"] = number(u.condition_number);
  json["residual"] = number(u.residual);
  if (u.max_kkt_violation) json["max_kkt_violation"] = number(*u.max_kkt_violation);
  json["components"] = u.components;
  json["crosstalk"] = nlohmann::ordered_json::array();
  for (const auto& row : u.crosstalk) {
    nlohmann::ordered_json values = nlohmann::ordered_json::array();
    for (const double v : row) values.push_back(number(v));
    json["crosstalk"].push_back(values);
  }
  json["crosstalk_assessable"] = u.crosstalk_assessable;
  json["residual_rms_counts"] = nlohmann::ordered_json::array();
  for (const double v : u.residual_rms_counts) json["residual_rms_counts"].push_back(number(v));
  return json;
}

nlohmann::ordered_json quality_of(const QualityMask& mask, std::size_t excluded) {
  nlohmann::ordered_json json;
  const auto areas = mask.areas_mm2();
  const double tissue = mask.tissue_mm2();
  json["tissue_mm2"] = number(tissue);
  json["assessable_mm2"] = number(mask.assessable_mm2());
  json["assessable_share"] = number(tissue > 0 ? mask.assessable_mm2() / tissue : kNan);
  json["area_mm2"] = nlohmann::ordered_json::object();
  for (int r = 0; r < kUnusableReasons; ++r)
    json["area_mm2"][std::string(name_of(static_cast<Unusable>(r)))] = number(areas[static_cast<std::size_t>(r)]);
  json["cells_excluded"] = excluded;
  return json;
}

nlohmann::ordered_json stains_of(const StainSummary& s) {
  nlohmann::ordered_json json;
  json["white"] = s.white;
  if (!s.reference.empty()) json["reference"] = s.reference;
  for (std::size_t i = 0; i < s.markers.size(); ++i)
    json["vectors"][s.markers[i]] = {{"stain", s.stains[i]}, {"optical_density", s.vectors[i]}};
  return json;
}

nlohmann::ordered_json scores_of(const std::vector<ScoreSummary>& scores) {
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  for (const ScoreSummary& s : scores) {
    nlohmann::ordered_json& one = all[s.marker];
    one["compartment"] = name_of(s.compartment);
    one["statistic"] = name_of(s.statistic);
    one["bins"] = s.bins;
    one["cells_0"] = s.score.classes[0];
    one["cells_1"] = s.score.classes[1];
    one["cells_2"] = s.score.classes[2];
    one["cells_3"] = s.score.classes[3];
    one["cells_without_value"] = s.score.unknown;
    one["percent_positive"] = number(s.score.percent_positive);
    one["area_percent"] = number(s.area_percent);
    one["h_score"] = number(s.score.h_score);
    one["allred"] = s.score.allred();
    one["allred_proportion"] = s.score.allred_proportion;
    one["allred_intensity"] = s.score.allred_intensity;
    one["irs"] = s.score.irs();
    one["median"] = number(s.score.median);
    if (s.control) {
      one["control_median"] = number(s.control->control_median);
      one["control_std"] = number(s.control->control_std);
      one["rfi"] = number(s.control->rfi);
      one["stain_index"] = number(s.control->stain_index);
      if (!s.level.empty()) one["level"] = s.level;
    }
  }
  return all;
}

nlohmann::ordered_json distances_of(const DistanceSummary& d) {
  return {{"median", number(d.median_um)},
          {"lower_quartile", number(d.lower_quartile_um)},
          {"upper_quartile", number(d.upper_quartile_um)}};
}

nlohmann::ordered_json infiltration_of(const InfiltrationResult& r) {
  nlohmann::ordered_json json;
  json["tissue_mm2"] = number(r.tissue_mm2);
  json["tumour_cell_area_fraction"] = number(r.tumour_cell_area_fraction);
  json["tumour_area_fraction"] = number(r.tumour_area_fraction);
  json["tumour_cells"] = r.tumour_cells;
  json["tumour_cells_per_mm2"] = number(r.tumour_cells_per_mm2);
  json["tumour_cells_percent"] =
      number(r.cells > 0 ? 100 * static_cast<double>(r.tumour_cells) / static_cast<double>(r.cells) : kNan);
  json["foci"] = r.foci.size();
  json["tumour_cells_in_foci_share"] = number(r.cells_in_foci_share);
  double largest = 0;
  for (const Focus& f : r.foci) largest = std::max(largest, f.area_mm2);
  json["largest_focus_mm2"] = number(largest);
  json["border_distance_um"] = distances_of(r.border);
  json["vessel_distance_um"] = distances_of(r.vessels);
  json["grade"] = r.grade;
  return json;
}

nlohmann::ordered_json density_of(std::size_t count, double tissue_mm2) {
  return number(tissue_mm2 > 0 ? static_cast<double>(count) / tissue_mm2 : kNan);
}

nlohmann::ordered_json phenotypes_of(const std::vector<PhenotypeCount>& counts) {
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  for (const PhenotypeCount& c : counts) {
    nlohmann::ordered_json& one = all[c.name];
    one["count"] = c.count;
    one["percent"] = number(c.percent);
    one["per_mm2"] = number(c.per_mm2);
    if (!c.assessable) one["assessable"] = false;
  }
  return all;
}

std::size_t count_of(const SlideResult& result, std::span<const std::uint8_t> counted) {
  if (counted.empty()) return result.cells.size();
  return static_cast<std::size_t>(std::count(counted.begin(), counted.end(), std::uint8_t{1}));
}

// The blocks of a summary, of each region.
nlohmann::ordered_json regions_of(const SlideResult& result) {
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  const RegionResults& regions = *result.regions;
  for (std::size_t r = 0; r < regions.each.size(); ++r) {
    const RegionResult& region = regions.each[r];
    const std::vector<std::uint8_t> drawn = regions.cells.counted_in(r, {});
    const std::vector<std::uint8_t> counted = regions.cells.counted_in(r, result.assessable);
    nlohmann::ordered_json& one = all[regions.drawn.names[r]];
    one["cells"] = std::count(drawn.begin(), drawn.end(), std::uint8_t{1});
    one["cells_assessable"] = std::count(counted.begin(), counted.end(), std::uint8_t{1});
    one["tissue_mm2"] = number(region.tissue_mm2);
    one["cells_per_mm2"] = density_of(one["cells_assessable"], region.tissue_mm2);
    one["phenotypes"] = phenotypes_of(count_phenotypes(result, counted, region.tissue_mm2));
    if (!region.scores.empty()) one["scores"] = scores_of(region.scores);
    if (region.infiltration) one["infiltration"] = infiltration_of(*region.infiltration);
  }
  return all;
}

}  // namespace

std::size_t assessable_cell_count(const SlideResult& result) {
  return count_of(result, result.assessable);
}

std::size_t outside_cell_count(const SlideResult& result) {
  std::size_t outside = 0;
  if (result.regions)
    for (std::size_t i = 0; i < result.cells.size(); ++i) outside += result.regions->cells.of(i).empty() ? 1 : 0;
  return outside;
}

std::string region_names(const SlideResult& result, std::size_t cell) {
  std::string text;
  if (result.regions)
    for (const std::uint16_t r : result.regions->cells.of(cell))
      text += (text.empty() ? "" : ";") + result.regions->drawn.names[r];
  return text;
}

std::vector<PhenotypeCount> count_phenotypes(const SlideResult& result) {
  return count_phenotypes(result, result.assessable, result.tissue_mm2);
}

std::vector<PhenotypeCount> count_phenotypes(const SlideResult& result, std::span<const std::uint8_t> counted,
                                             double tissue_mm2) {
  std::vector<PhenotypeCount> counts;
  for (const PhenotypeInfo& p : result.phenotypes) counts.push_back({p.name, p.assessable});
  PhenotypeCount unclassified{"Unclassified"}, not_assessable{"Not assessable"};
  for (std::size_t i = 0; i < result.phenotype.size(); ++i) {
    if (!counted.empty() && counted[i] == 0) continue;
    const int p = result.phenotype[i];
    ++(p >= 0 ? counts[static_cast<std::size_t>(p)] : p == kNotAssessable ? not_assessable : unclassified).count;
  }
  for (const PhenotypeCount& extra : {unclassified, not_assessable})
    if (extra.count > 0) counts.push_back(extra);
  const std::size_t cells = result.phenotype.empty() ? 0 : count_of(result, counted);
  for (PhenotypeCount& c : counts) {
    const auto n = static_cast<double>(c.count);
    c.percent = cells == 0 ? kNan : 100 * n / static_cast<double>(cells);
    c.per_mm2 = tissue_mm2 > 0 ? n / tissue_mm2 : kNan;
  }
  return counts;
}

nlohmann::ordered_json summary_of(const SlideResult& result) {
  nlohmann::ordered_json json;
  json["slide"] = result.stem;
  json["panel"] = result.panel;
  const std::size_t counted = assessable_cell_count(result), outside = outside_cell_count(result);
  json["cells"] = result.cells.size();
  json["cells_assessable"] = counted;
  if (result.regions) json["cells_outside_regions"] = outside;
  json["tissue_mm2"] = number(result.tissue_mm2);
  json["tissue_definition"] = result.tissue_definition;
  json["cells_per_mm2"] = density_of(counted, result.tissue_mm2);
  if (result.quality) json["quality"] = quality_of(*result.quality, result.cells.size() - counted - outside);
  json["phenotypes"] = phenotypes_of(count_phenotypes(result));
  json["positivity"] = positivity_of(result);
  if (result.unmixing) json["unmixing"] = unmixing_of(*result.unmixing);
  if (result.stains) json["stains"] = stains_of(*result.stains);
  if (!result.scores.empty()) json["scores"] = scores_of(result.scores);
  if (result.infiltration) json["infiltration"] = infiltration_of(*result.infiltration);
  if (result.regions) json["regions"] = regions_of(result);
  json["warnings"] = result.warnings;
  return json;
}

std::string json_file(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace hexaplex
