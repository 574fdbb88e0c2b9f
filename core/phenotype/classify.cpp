#include "core/phenotype/classify.h"

#include <algorithm>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

std::vector<Rule> rules_of(const Panel& panel) {
  const std::vector<std::string> names = rule_names(panel);
  std::vector<Rule> rules;
  for (const PhenotypeRule& phenotype : panel.phenotypes) rules.emplace_back(phenotype.when, names);
  return rules;
}

struct Walk {
  std::vector<int> phenotypes;
  std::size_t first_hang;  // the earliest rule that a cell's answer hung on an unknown marker
};

Walk walk(const Panel& panel, const Positivity& positivity) {
  HX_EXPECT(positivity.states.size() == panel.channels.size() + panel.classes.size(),
            "positivity and panel differ in channels or classes");
  const std::vector<Rule> rules = rules_of(panel);
  const std::size_t cells = positivity.states.empty() ? 0 : positivity.states[0].size();
  Walk result{std::vector<int>(cells, kUnclassified), rules.size()};
  std::vector<Truth> states(positivity.states.size());
  for (std::size_t cell = 0; cell < cells; ++cell) {
    if (!positivity.counted.empty() && positivity.counted[cell] == 0) {
      result.phenotypes[cell] = kNotAssessable;
      continue;
    }
    for (std::size_t k = 0; k < states.size(); ++k) states[k] = positivity.states[k][cell];
    for (std::size_t r = 0; r < rules.size(); ++r) {
      const Truth answer = rules[r].evaluate(states);
      if (answer == Truth::no) continue;
      if (answer == Truth::unknown) result.first_hang = std::min(result.first_hang, r);
      result.phenotypes[cell] = answer == Truth::yes ? static_cast<int>(r) : kNotAssessable;
      break;
    }
  }
  return result;
}
}  // namespace

std::vector<int> classify(const Panel& panel, const Positivity& positivity) {
  return walk(panel, positivity).phenotypes;
}

std::string phenotype_name(const Panel& panel, int phenotype) {
  if (phenotype == kUnclassified) return "Unclassified";
  if (phenotype == kNotAssessable) return "Not assessable";
  HX_EXPECT(phenotype >= 0 && phenotype < static_cast<int>(panel.phenotypes.size()), "there is no such phenotype");
  return panel.phenotypes[static_cast<std::size_t>(phenotype)].name;
}

std::vector<bool> assessable_phenotypes(const Panel& panel, const Positivity& positivity) {
  const std::vector<Rule> rules = rules_of(panel);
  const std::size_t first_hang = walk(panel, positivity).first_hang;
  std::vector<bool> assessable(rules.size(), true);
  for (std::size_t r = 0; r < rules.size(); ++r) {
    if (r >= first_hang) assessable[r] = false;
    for (int marker : rules[r].markers())
      if (marker < static_cast<int>(positivity.markers.size()) &&
          !positivity.markers[static_cast<std::size_t>(marker)].assessable)
        assessable[r] = false;
  }
  return assessable;
}

}  // namespace hexaplex
