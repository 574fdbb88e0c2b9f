#include "core/phenotype/classify.h"

#include <algorithm>

namespace hexaplex {

namespace {

std::vector<Rule> compile_rules(const Panel& panel) {
  std::vector<std::string> markers;
  for (const PanelChannel& c : panel.channels) markers.push_back(c.marker);
  std::vector<Rule> rules;
  for (const PhenotypeRule& p : panel.phenotypes) rules.emplace_back(p.when, markers);
  return rules;
}

std::vector<Truth> states_of(const Positivity& positivity, std::size_t cell) {
  std::vector<Truth> states;
  for (const auto& marker : positivity.states) states.push_back(marker[cell]);
  return states;
}

std::size_t cell_count(const Positivity& positivity) {
  return positivity.states.empty() ? 0 : positivity.states[0].size();
}

}  // namespace

std::vector<int> classify(const Panel& panel, const Positivity& positivity) {
  const std::vector<Rule> rules = compile_rules(panel);
  std::vector<int> out(cell_count(positivity), kUnclassified);
  for (std::size_t cell = 0; cell < out.size(); ++cell) {
    const std::vector<Truth> states = states_of(positivity, cell);
    for (std::size_t r = 0; r < rules.size(); ++r) {
      const Truth truth = rules[r].evaluate(states);
      if (truth == Truth::no) continue;
      // An earlier rule that may hold hides what comes after it.
      out[cell] = truth == Truth::yes ? static_cast<int>(r) : kNotAssessable;
      break;
    }
  }
  return out;
}

std::string phenotype_name(const Panel& panel, int phenotype) {
  if (phenotype == kUnclassified) return "Unclassified";
  if (phenotype == kNotAssessable) return "Not assessable";
  return panel.phenotypes[static_cast<std::size_t>(phenotype)].name;
}

std::vector<bool> assessable_phenotypes(const Panel& panel, const Positivity& positivity) {
  const std::vector<Rule> rules = compile_rules(panel);
  std::vector<bool> out(rules.size(), true);
  for (std::size_t cell = 0; cell < cell_count(positivity); ++cell) {
    const std::vector<Truth> states = states_of(positivity, cell);
    bool hidden = false;  // an earlier rule may hold
    for (std::size_t r = 0; r < rules.size(); ++r) {
      const Truth truth = rules[r].evaluate(states);
      if (truth == Truth::unknown || (hidden && truth == Truth::yes)) out[r] = false;
      if (truth == Truth::yes) break;
      hidden |= truth == Truth::unknown;
    }
  }
  return out;
}

}  // namespace hexaplex
