#include "core/phenotype/positivity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "core/phenotype/threshold.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/numerics.h"

namespace hexaplex {

namespace {
using Method = PositivityRule::Method;

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kTiny = 1e-9;  // stands for a background of 0 in logarithms

struct Column {
  const PositivityRule* rule = nullptr;
  const CellColumn* values = nullptr;
  const CellColumn* brightness = nullptr;  // what separation compares
  bool exclusive = false;
  double low_mean = 0, high_mean = 0;  // mean log(value + background) below and above the threshold
};

// In order of size, so that the sum does not depend on the order of the cells. 0 for none.
double mean_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  double sum = 0;
  for (double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

bool automatic(Method method) {
  return method == Method::otsu || method == Method::mixture;
}

class Decision {
 public:
  Decision(const Panel& panel, const CellTable& table, const PositivityContext& context)
      : panel_(panel), table_(table), context_(context), free_(table.size(), true) {
    HX_EXPECT(context.counted.empty() || context.counted.size() == table.size(),
              "one entry is needed for each cell of the table");
    for (std::size_t i = 0; i < table.size(); ++i)
      if (counts(i)) {
        ++cells_;
      } else {
        free_[i] = false;
      }
    for (const PanelChannel& channel : panel.channels) add(channel);
  }

  Positivity decide() {
    std::vector<std::size_t> contenders;
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      if (!marker(k).assessable) continue;
      if (columns_[k].exclusive && automatic(marker(k).method))
        contenders.push_back(k);
      else
        settle(k, classes_among(k, false));
    }
    compete(contenders);
    mark();
    for (std::size_t k = 0; k < columns_.size(); ++k) describe(k);
    result_.counted = context_.counted;
    return std::move(result_);
  }

 private:
  MarkerPositivity& marker(std::size_t k) { return result_.markers[k]; }

  [[noreturn]] void fail(const std::string& what) const {
    throw ConfigError(panel_.file.empty() ? panel_.name : panel_.file.string(), what);
  }

  void add(const PanelChannel& channel) {
    const auto found = std::find(table_.markers.begin(), table_.markers.end(), channel.marker);
    HX_EXPECT(found != table_.markers.end(), "the table lacks a channel of the panel");
    const auto column = static_cast<std::size_t>(found - table_.markers.begin());
    const PositivityRule& rule = panel_.positivity.at(channel.marker);
    if (rule.scope == PositivityRule::Scope::cohort)
      fail("positivity of " + channel.marker + " has scope: cohort, which this command cannot do; take the scope out");

    MarkerPositivity m;
    m.marker = channel.marker;
    m.compartment = rule.compartment.value_or(channel.compartment);
    m.statistic = rule.statistic;
    m.method = rule.method;
    Column c;
    c.rule = &rule;
    c.values = &table_.values(column, m.compartment, m.statistic);
    // Medians of unmixed pixels are often 0, means are not; sums and deviations are on a scale of their own.
    const bool own = m.statistic == Statistic::sum || m.statistic == Statistic::std;
    c.brightness = &table_.values(column, m.compartment, own ? m.statistic : Statistic::mean);
    c.exclusive = std::count(panel_.exclusive.begin(), panel_.exclusive.end(), channel.marker) > 0;
    for (std::size_t i = 0; i < table_.size(); ++i) m.no_value += counts(i) && std::isnan((*c.values)[i]) ? 1 : 0;
    if (const auto why = context_.unassessable.find(channel.marker); why != context_.unassessable.end()) {
      m.assessable = false;
      m.sentence = why->second;
    } else if (m.no_value == cells_ && m.no_value > 0) {
      m.assessable = false;
      m.sentence = fmt::format("no cell has any {}", hexaplex::name_of(m.compartment));
    } else {
      m.background = background_level(counted_values(*c.brightness, *c.values));
    }
    columns_.push_back(c);
    result_.markers.push_back(std::move(m));
  }

  static std::vector<double> present_values(std::span<const double> values, std::span<const double> given) {
    std::vector<double> result;
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!std::isnan(given[i])) result.push_back(values[i]);
    return result;
  }

  bool counts(std::size_t cell) const { return context_.counted.empty() || context_.counted[cell] != 0; }

  std::vector<double> counted_values(std::span<const double> values, std::span<const double> given) const {
    std::vector<double> result;
    for (std::size_t i = 0; i < values.size(); ++i)
      if (counts(i) && !std::isnan(given[i])) result.push_back(values[i]);
    return result;
  }

  // The classes of an automatic method; among the cells that carry no exclusive marker yet, or among all.
  std::optional<TwoClasses> classes_among(std::size_t k, bool free_only) {
    const Column& c = columns_[k];
    if (!automatic(marker(k).method) || marker(k).background <= 0) return std::nullopt;
    std::vector<double> values, brightness;
    for (std::size_t i = 0; i < table_.size(); ++i) {
      if (!counts(i) || std::isnan((*c.values)[i]) || (free_only && !free_[i])) continue;
      values.push_back((*c.values)[i]);
      brightness.push_back((*c.brightness)[i]);
    }
    const ClassInput input{values, brightness, marker(k).background,
                           c.rule->min_separation.value_or(kDefaultMinSeparation)};
    return marker(k).method == Method::otsu ? find_otsu_classes(input) : find_mixture_classes(input);
  }

  void settle(std::size_t k, const std::optional<TwoClasses>& classes) {
    MarkerPositivity& m = marker(k);
    const Column& c = columns_[k];
    switch (m.method) {
      case Method::otsu:
      case Method::mixture:
        m.present = classes.has_value();
        m.threshold = classes ? classes->threshold : kNever;
        m.separation = classes ? classes->separation : 0;
        break;
      case Method::fixed:
        m.threshold = c.rule->value;
        break;
      case Method::quantile:
        m.threshold = cells_ == 0 ? kNever : quantile_threshold(counted_values(*c.values, *c.values), c.rule->quantile);
        break;
      case Method::control: {
        const auto control = context_.control.find(m.marker);
        if (control == context_.control.end())
          fail("positivity of " + m.marker + " needs the cells of its control slide, and there are none");
        const std::vector<double> values = present_values(control->second, control->second);
        if (values.empty())
          fail("the control slide of " + m.marker + " has no cell with a value; choose another slide");
        m.threshold = quantile_threshold(values, c.rule->quantile);
        break;
      }
    }
    if (!c.exclusive) return;
    find_class_means(k);
    for (std::size_t i = 0; i < table_.size(); ++i)
      if ((*c.values)[i] >= m.threshold) free_[i] = false;
  }

  double log_value(std::size_t k, double value) {
    return exact_log(std::max(value, 0.0) + std::max(marker(k).background, kTiny));
  }

  // Among the cells that the threshold was found on, so that what spills over from clearer markers stays out.
  void find_class_means(std::size_t k) {
    std::vector<double> low, high;
    for (std::size_t i = 0; i < table_.size(); ++i) {
      const double value = (*columns_[k].values)[i];
      if (free_[i] && !std::isnan(value)) (value >= marker(k).threshold ? high : low).push_back(log_value(k, value));
    }
    columns_[k].low_mean = mean_of(std::move(low));
    columns_[k].high_mean = mean_of(std::move(high));
  }

  // 0 at the mean of the cells without any exclusive marker, 1 at that of its carriers.
  double standing(std::size_t k, double value) {
    const double gap = columns_[k].high_mean - columns_[k].low_mean;
    return gap > 0 ? (log_value(k, value) - columns_[k].low_mean) / gap : 1;
  }

  // Most distant classes first, each among the cells that are left.
  void compete(std::vector<std::size_t> contenders) {
    while (!contenders.empty()) {
      std::size_t best = contenders.size();
      std::optional<TwoClasses> best_classes;
      for (std::size_t i = 0; i < contenders.size(); ++i) {
        const auto classes = classes_among(contenders[i], true);
        if (classes && (!best_classes || classes->distance > best_classes->distance)) best = i, best_classes = classes;
      }
      if (!best_classes) break;
      settle(contenders[best], best_classes);
      contenders.erase(contenders.begin() + static_cast<std::ptrdiff_t>(best));
    }
    for (std::size_t k : contenders) settle(k, std::nullopt);
  }

  void mark() {
    result_.states.assign(columns_.size(), std::vector<Truth>(table_.size(), Truth::no));
    for (std::size_t i = 0; i < table_.size(); ++i) {
      std::size_t winner = columns_.size();
      double most = 0;
      for (std::size_t k = 0; k < columns_.size(); ++k) {
        MarkerPositivity& m = marker(k);
        Truth& state = result_.states[k][i];
        const double value = (*columns_[k].values)[i];
        if (!m.assessable || !counts(i)) {
          state = Truth::unknown;
        } else if (value >= m.threshold) {
          if (!columns_[k].exclusive) {
            state = Truth::yes;
            ++m.positive;
            continue;
          }
          ++m.yielded;  // until it wins
          const double score = standing(k, value);
          if (winner == columns_.size() || score > most) winner = k, most = score;
        }
      }
      if (winner < columns_.size()) {
        result_.states[winner][i] = Truth::yes;
        ++marker(winner).positive;
        --marker(winner).yielded;
      }
    }
  }

  // Nuclei are found on it, and it answers no question: that it does not divide the cells says nothing about it.
  bool is_counterstain(const std::string& name) const {
    if (name != panel_.segmentation.nuclear) return false;
    const std::vector<std::string> names = rule_names(panel_);
    return std::none_of(panel_.phenotypes.begin(), panel_.phenotypes.end(), [&](const PhenotypeRule& phenotype) {
      const Rule rule(phenotype.when, names);
      return std::any_of(rule.markers().begin(), rule.markers().end(),
                         [&](int k) { return names[static_cast<std::size_t>(k)] == name; });
    });
  }

  void describe(std::size_t k) {
    MarkerPositivity& m = marker(k);
    if (!m.assessable) {
      m.sentence = fmt::format("{} is not assessable: {}", m.marker, m.sentence);
      result_.warnings.push_back(m.sentence);
      return;
    }
    const std::string what = fmt::format("{} {}", hexaplex::name_of(m.compartment), hexaplex::name_of(m.statistic));
    if (!m.present && is_counterstain(m.marker)) {
      m.present = true;
      m.sentence = fmt::format(
          "{}: the stain that nuclei are found on; no phenotype asks for it, and its {} values fall into no two "
          "classes "
          "(method {}), so no cell is called positive",
          m.marker, what, name_of(m.method));
    } else if (!m.present) {
      m.sentence = fmt::format(
          "{}: no cell is positive; its {} values fall into no two classes of which one is {:.4g} "
          "times as bright (method {}), so it counts as absent",
          m.marker, what, columns_[k].rule->min_separation.value_or(kDefaultMinSeparation), name_of(m.method));
    } else {
      const double cells = static_cast<double>(std::max<std::size_t>(cells_, 1));
      m.sentence =
          fmt::format("{}: {} of {} cells are positive ({:.1f} %), {} from {:.4g} on (method {}", m.marker, m.positive,
                      cells_, 100.0 * static_cast<double>(m.positive) / cells, what, m.threshold, name_of(m.method));
      if (m.separation > 0 && m.separation < kNever)
        m.sentence += fmt::format("; positive cells are {:.2g} times as bright", m.separation);
      m.sentence += ")";
      if (m.yielded > 0) m.sentence += fmt::format("; {} more carry another exclusive marker more strongly", m.yielded);
    }
    if (m.no_value > 0)
      m.sentence += fmt::format("; {} without {} count as negative", m.no_value, hexaplex::name_of(m.compartment));
  }

  const Panel& panel_;
  const CellTable& table_;
  const PositivityContext& context_;
  std::vector<Column> columns_;
  std::size_t cells_ = 0;   // that count
  std::vector<bool> free_;  // cells that count and carry no exclusive marker yet
  Positivity result_;
};
}  // namespace

Positivity decide_positivity(const Panel& panel, const CellTable& table, const PositivityContext& context) {
  return Decision(panel, table, context).decide();
}

}  // namespace hexaplex
