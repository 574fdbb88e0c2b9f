#include "core/report/summary.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/phenotype/classify.h"

namespace hexaplex {

namespace {

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
  json["assessable_share"] =
      number(tissue > 0 ? mask.assessable_mm2() / tissue : std::numeric_limits<double>::quiet_NaN());
  json["area_mm2"] = nlohmann::ordered_json::object();
  for (int r = 0; r < kUnusableReasons; ++r)
    json["area_mm2"][std::string(name_of(static_cast<Unusable>(r)))] = number(areas[static_cast<std::size_t>(r)]);
  json["cells_excluded"] = excluded;
  return json;
}

}  // namespace

std::size_t assessable_cell_count(const SlideResult& result) {
  if (result.assessable.empty()) return result.cells.size();
  return static_cast<std::size_t>(std::count(result.assessable.begin(), result.assessable.end(), std::uint8_t{1}));
}

std::vector<PhenotypeCount> count_phenotypes(const SlideResult& result) {
  std::vector<PhenotypeCount> counts;
  for (const PhenotypeInfo& p : result.phenotypes) counts.push_back({p.name, p.assessable});
  PhenotypeCount unclassified{"Unclassified"}, not_assessable{"Not assessable"};
  for (std::size_t i = 0; i < result.phenotype.size(); ++i) {
    if (!result.assessable.empty() && result.assessable[i] == 0) continue;
    const int p = result.phenotype[i];
    ++(p >= 0 ? counts[static_cast<std::size_t>(p)] : p == kNotAssessable ? not_assessable : unclassified).count;
  }
  for (const PhenotypeCount& extra : {unclassified, not_assessable})
    if (extra.count > 0) counts.push_back(extra);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::size_t cells = result.phenotype.empty() ? 0 : assessable_cell_count(result);
  for (PhenotypeCount& c : counts) {
    const auto n = static_cast<double>(c.count);
    c.percent = cells == 0 ? nan : 100 * n / static_cast<double>(cells);
    c.per_mm2 = result.tissue_mm2 > 0 ? n / result.tissue_mm2 : nan;
  }
  return counts;
}

nlohmann::ordered_json summary_of(const SlideResult& result) {
  nlohmann::ordered_json json;
  json["slide"] = result.stem;
  json["panel"] = result.panel;
  const std::size_t counted = assessable_cell_count(result);
  json["cells"] = result.cells.size();
  json["cells_assessable"] = counted;
  json["tissue_mm2"] = number(result.tissue_mm2);
  json["tissue_definition"] = result.tissue_definition;
  json["cells_per_mm2"] = number(result.tissue_mm2 > 0 ? static_cast<double>(counted) / result.tissue_mm2
                                                       : std::numeric_limits<double>::quiet_NaN());
  if (result.quality) json["quality"] = quality_of(*result.quality, result.cells.size() - counted);
  json["phenotypes"] = nlohmann::ordered_json::object();
  for (const PhenotypeCount& c : count_phenotypes(result)) {
    nlohmann::ordered_json& one = json["phenotypes"][c.name];
    one["count"] = c.count;
    one["percent"] = number(c.percent);
    one["per_mm2"] = number(c.per_mm2);
    if (!c.assessable) one["assessable"] = false;
  }
  json["positivity"] = positivity_of(result);
  if (result.unmixing) json["unmixing"] = unmixing_of(*result.unmixing);
  json["warnings"] = result.warnings;
  return json;
}

std::string json_file(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace hexaplex
