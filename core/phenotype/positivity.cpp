#include "core/phenotype/positivity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

// Otsu's threshold on the sorted values themselves.
double otsu_of(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  double sum = 0, below = 0, best = -1, threshold = std::numeric_limits<double>::infinity();
  for (double x : v) sum += x;
  for (std::size_t i = 1; i < v.size(); ++i) {
    below += v[i - 1];
    if (v[i] == v[i - 1]) continue;
    const auto n0 = static_cast<double>(i), n1 = static_cast<double>(v.size() - i);
    const double difference = (sum - below) / n1 - below / n0;
    const double between = n0 * n1 * difference * difference;
    if (between > best) best = between, threshold = v[i];
  }
  return threshold;
}

const std::vector<double>& column(const CellTable& table, const std::string& marker, Compartment c, Statistic s) {
  const auto at = std::find(table.markers.begin(), table.markers.end(), marker);
  if (at == table.markers.end()) throw InvalidArgument("the cell table has no marker " + marker);
  return table.values(static_cast<std::size_t>(at - table.markers.begin()), c, s);
}

}  // namespace

Positivity decide_positivity(const Panel& panel, const CellTable& table, const PositivityContext& context) {
  Positivity out;
  for (const PanelChannel& channel : panel.channels) {
    const auto found = panel.positivity.find(channel.marker);
    const PositivityRule& rule = found != panel.positivity.end() ? found->second : panel.default_positivity;
    MarkerPositivity m;
    m.marker = channel.marker;
    m.compartment = rule.compartment.value_or(channel.compartment);
    m.statistic = rule.statistic;
    m.method = rule.method;
    const std::vector<double>& values = column(table, m.marker, m.compartment, m.statistic);
    std::vector<Truth> states(values.size(), Truth::no);
    if (const auto why = context.unassessable.find(m.marker); why != context.unassessable.end()) {
      m.assessable = false;
      std::fill(states.begin(), states.end(), Truth::unknown);
      m.sentence = fmt::format("{}: not assessable, {}", m.marker, why->second);
      out.warnings.push_back(m.sentence);
    } else {
      std::vector<double> known;
      for (double v : values)
        if (!std::isnan(v)) known.push_back(v);
      m.no_value = values.size() - known.size();
      if (rule.method == PositivityRule::Method::fixed) {
        m.threshold = rule.value;
      } else if (rule.method == PositivityRule::Method::otsu) {
        m.threshold = otsu_of(std::move(known));
      } else {
        throw ConfigError(panel.name, "the positivity method of " + m.marker + " is not available yet");
      }
      for (std::size_t i = 0; i < values.size(); ++i)
        if (values[i] >= m.threshold) states[i] = Truth::yes, ++m.positive;
      m.sentence = fmt::format("{}: {} of {} cells positive", m.marker, m.positive, values.size());
    }
    out.markers.push_back(std::move(m));
    out.states.push_back(std::move(states));
  }
  return out;
}

}  // namespace hexaplex
