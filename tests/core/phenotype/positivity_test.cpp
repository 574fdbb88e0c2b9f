#include "core/phenotype/positivity.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <random>

#include "core/panel/load_panel.h"
#include "core/phenotype/classify.h"
#include "kernels/runtime/error.h"

namespace hexaplex {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// A table whose mean and median in every compartment are the given values.
CellTable table_of(const std::vector<std::pair<std::string, std::vector<double>>>& columns) {
  CellTable table;
  for (const auto& [marker, values] : columns) table.markers.push_back(marker);
  table.resize(columns.empty() ? 0 : columns[0].second.size());
  for (std::size_t k = 0; k < columns.size(); ++k)
    for (Compartment c : kCompartments)
      for (Statistic s : kStatistics) table.values(k, c, s).assign(columns[k].second.begin(), columns[k].second.end());
  return table;
}

std::vector<double> steps(std::size_t n, double from, double to) {
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i)
    values.push_back(from + (to - from) * static_cast<double>(i) / static_cast<double>(n));
  return values;
}

std::vector<double> joined(std::vector<double> a, const std::vector<double>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Panel panel(const std::string& more,
            const std::string& channels = "{marker: N, compartment: nucleus}, {marker: A}, {marker: B}") {
  return parse_panel("channels: [" + channels + "]\n" + more, "p.yaml");
}

const std::string kRules = "phenotypes: [{name: T, when: A}, {name: L, when: B}, {name: Other, when: \"true\"}]";

std::vector<Truth> truths(const std::string& letters) {
  std::vector<Truth> result;
  for (char c : letters) result.push_back(c == 'y' ? Truth::yes : c == 'n' ? Truth::no : Truth::unknown);
  return result;
}

TEST(Positivity, FixedIsAtLeastTheValueAndNaNIsNegative) {
  const Panel p = panel("positivity: {A: {method: fixed, value: 5}}");
  const auto result =
      decide_positivity(p, table_of({{"B", {0, 0, 0, 0}}, {"A", {4.999, 5, kNaN, 9}}, {"N", {1, 1, 1, 1}}}));
  EXPECT_EQ(result.states[1], truths("nyny"));
  EXPECT_EQ(result.markers[1].positive, 2u);
  EXPECT_EQ(result.markers[1].no_value, 1u);
  EXPECT_EQ(result.markers[1].threshold, 5);
  EXPECT_THAT(result.markers[1].sentence,
              HasSubstr("A: 2 of 4 cells are positive (50.0 %), cell mean from 5 on (method fixed)"));
  EXPECT_THAT(result.markers[1].sentence, HasSubstr("1 without cell count as negative"));
}

TEST(Positivity, UsesTheCompartmentAndStatisticOfTheRule) {
  const Panel p = panel("positivity: {A: {method: fixed, value: 5, compartment: membrane, statistic: max}}");
  CellTable table = table_of({{"N", {1, 1}}, {"A", {0, 0}}, {"B", {0, 0}}});
  table.values(1, Compartment::membrane, Statistic::max) = {9, 1};
  EXPECT_EQ(decide_positivity(p, table).states[1], truths("yn"));
}

TEST(Positivity, QuantileAndControl) {
  const Panel p =
      panel("positivity: {A: {method: quantile, quantile: 0.75}, B: {method: control, slide: c.tif, quantile: 0.5}}");
  PositivityContext context;
  context.control["B"] = {1, 2, kNaN, 3, 4};
  const CellTable table = table_of({{"N", {1, 1, 1, 1}}, {"A", {4, 3, 2, 1}}, {"B", {2.9, 3, 0, 5}}});
  const auto result = decide_positivity(p, table, context);
  EXPECT_EQ(result.states[1], truths("ynnn"));
  EXPECT_EQ(result.states[2], truths("nyny"));
  EXPECT_THROW(decide_positivity(p, table), ConfigError);
  context.control["B"] = {kNaN};
  EXPECT_THROW(decide_positivity(p, table, context), ConfigError);
}

TEST(Positivity, AnAbsentMarkerHasNoPositives) {
  const Panel p = panel(kRules);
  const auto noise = steps(1000, 5, 11);
  const auto result = decide_positivity(
      p, table_of({{"N", noise}, {"A", noise}, {"B", joined(steps(980, 5, 11), steps(20, 90, 120))}}));
  EXPECT_FALSE(result.markers[1].present);
  EXPECT_EQ(result.markers[1].positive, 0u);
  EXPECT_TRUE(std::isinf(result.markers[1].threshold));
  EXPECT_THAT(result.markers[1].sentence, HasSubstr("A: no cell is positive"));
  EXPECT_TRUE(result.markers[2].present);
  EXPECT_EQ(result.markers[2].positive, 20u);
  EXPECT_THAT(result.markers[2].sentence, HasSubstr("B: 20 of 1000 cells are positive (2.0 %)"));
}

TEST(Positivity, ACounterstainIsNoAbsentMarker) {
  const CellTable table = table_of({{"N", steps(1000, 5, 11)}, {"A", steps(1000, 5, 11)}, {"B", steps(1000, 5, 11)}});
  const auto result = decide_positivity(panel(kRules), table).markers;
  EXPECT_TRUE(result[0].present) << "it stains every cell";
  EXPECT_EQ(result[0].positive, 0u);
  EXPECT_THAT(result[0].sentence, HasSubstr("N: the stain that nuclei are found on; no phenotype asks for it"));
  EXPECT_THAT(result[0].sentence, Not(HasSubstr("absent")));
  EXPECT_FALSE(result[1].present);
  EXPECT_THAT(result[1].sentence, HasSubstr("counts as absent"));
  // Where a phenotype asks for it, it is a marker like the others.
  const auto asked = decide_positivity(panel("phenotypes: [{name: T, when: \"A & !N\"}]"), table).markers;
  EXPECT_FALSE(asked[0].present);
  EXPECT_THAT(asked[0].sentence, HasSubstr("counts as absent"));
}

TEST(Positivity, ACounterstainWithTwoClassesIsCounted) {
  const auto values = joined(steps(500, 5, 6), steps(500, 90, 110));
  const auto result = decide_positivity(panel(kRules), table_of({{"N", values}, {"A", values}, {"B", values}})).markers;
  EXPECT_THAT(result[0].sentence, HasSubstr("N: 500 of 1000 cells are positive"));
}

TEST(Positivity, ExclusiveMarkersCompete) {
  // Carriers of A, carriers of B, cells of neither; 20 of each kind of carrier touch one of the other kind and show 30
  // of its marker beside 100 of their own.
  const auto high = steps(100, 90, 110), low = steps(800, 0.9, 1.1);
  const auto touching = joined(steps(20, 28, 32), steps(80, 0.9, 1.1));
  const CellTable table = table_of({{"N", std::vector<double>(1000, 1.0)},
                                    {"A", joined(joined(high, touching), low)},
                                    {"B", joined(joined(touching, high), low)}});
  const auto apart = decide_positivity(panel("exclusive: [A, B]"), table);
  EXPECT_EQ(apart.markers[1].positive, 100u);
  EXPECT_EQ(apart.markers[1].yielded, 20u);
  EXPECT_EQ(apart.markers[2].positive, 100u);
  for (std::size_t i = 0; i < 1000; ++i) {
    ASSERT_EQ(apart.states[1][i] == Truth::yes, i < 100) << i;
    ASSERT_EQ(apart.states[2][i] == Truth::yes, i >= 100 && i < 200) << i;
  }
  const auto both = decide_positivity(panel(""), table);
  EXPECT_EQ(both.markers[1].positive, 120u);
}

TEST(Positivity, SpilloverOfABrightMarkerIsNoClassOfAnAbsentOne) {
  // B is absent; the 300 carriers of A show 9 of it (an unmixing error), the others 1.
  const CellTable table = table_of({{"N", std::vector<double>(1000, 1.0)},
                                    {"A", joined(steps(300, 150, 250), steps(700, 0.9, 1.1))},
                                    {"B", joined(steps(300, 8, 10), steps(700, 0.8, 1.2))}});
  EXPECT_TRUE(decide_positivity(panel(""), table).markers[2].present) << "alone it looks like two classes";
  const auto result = decide_positivity(panel("exclusive: [A, B]"), table);
  EXPECT_EQ(result.markers[1].positive, 300u);
  EXPECT_FALSE(result.markers[2].present);
  EXPECT_EQ(result.markers[2].positive, 0u);
}

TEST(Positivity, UnassessableIsUnknownAndSaidSo) {
  const Panel p = panel(kRules + "\npositivity: {default: {method: fixed, value: 5}}");
  PositivityContext context;
  context.unassessable["B"] = "every pixel is saturated";
  const auto result = decide_positivity(p, table_of({{"N", {9, 9}}, {"A", {9, 0}}, {"B", {9, 9}}}), context);
  EXPECT_EQ(result.states[2], truths("uu"));
  EXPECT_THAT(result.warnings, ElementsAre("B is not assessable: every pixel is saturated"));
  EXPECT_THAT(classify(p, result), ElementsAre(0, kNotAssessable));
  EXPECT_THAT(assessable_phenotypes(p, result), ElementsAre(true, false, false));
}

TEST(Positivity, AMarkerWithoutAnyValueIsNotAssessable) {
  const auto result = decide_positivity(panel(""), table_of({{"N", {1, 2}}, {"A", {kNaN, kNaN}}, {"B", {1, 1}}}));
  EXPECT_FALSE(result.markers[1].assessable);
  EXPECT_THAT(result.warnings, ElementsAre("A is not assessable: no cell has any cell"));
}

TEST(Positivity, NoCellsAreNoError) {
  for (const char* rule :
       {"{method: otsu}", "{method: mixture}", "{method: quantile, quantile: 0.9}", "{method: fixed, value: 1}"}) {
    const auto result = decide_positivity(panel(std::string("positivity: {default: ") + rule + "}"),
                                          table_of({{"N", {}}, {"A", {}}, {"B", {}}}));
    EXPECT_EQ(result.markers[1].positive, 0u);
    EXPECT_TRUE(result.states[1].empty());
    EXPECT_TRUE(result.warnings.empty());
  }
}

TEST(Positivity, AllZerosArePositiveForNothing) {
  const auto result =
      decide_positivity(panel("exclusive: [A, B]"), table_of({{"N", {0, 0, 0}}, {"A", {0, 0, 0}}, {"B", {0, 0, 0}}}));
  EXPECT_EQ(result.states[1], truths("nnn"));
}

TEST(Positivity, RefusesWhatItCannotDo) {
  EXPECT_THROW(decide_positivity(panel("positivity: {A: {method: otsu, scope: cohort}}"),
                                 table_of({{"N", {1}}, {"A", {1}}, {"B", {1}}})),
               ConfigError);
  EXPECT_THROW(decide_positivity(panel(""), table_of({{"N", {1}}, {"A", {1}}})), InvalidArgument);
}

TEST(Positivity, DoesNotDependOnTheOrderOfTheCells) {
  const Panel p = panel("exclusive: [A, B]");
  std::mt19937_64 random(3);
  std::lognormal_distribution<double> dim(1, 0.6), bright(4.5, 0.6);
  std::vector<double> a, b;
  for (int i = 0; i < 2000; ++i)
    a.push_back(i % 5 == 0 ? bright(random) : dim(random)), b.push_back(i % 7 == 0 ? bright(random) : dim(random));
  const auto straight = decide_positivity(p, table_of({{"N", a}, {"A", a}, {"B", b}}));
  std::reverse(a.begin(), a.end());
  std::reverse(b.begin(), b.end());
  auto turned = decide_positivity(p, table_of({{"N", a}, {"A", a}, {"B", b}}));
  for (auto& states : turned.states) std::reverse(states.begin(), states.end());
  EXPECT_EQ(straight.states, turned.states);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_EQ(straight.markers[k].sentence, turned.markers[k].sentence);
}

TEST(Classify, FirstMatchWins) {
  const Panel p = panel(
      "phenotypes: [{name: AB, when: \"A & B\"}, {name: A, when: A}, {name: B, when: B}]\n"
      "positivity: {default: {method: fixed, value: 5}}");
  const auto result = decide_positivity(p, table_of({{"N", {0, 0, 0, 0}}, {"A", {9, 9, 0, 0}}, {"B", {9, 0, 9, 0}}}));
  const auto phenotypes = classify(p, result);
  EXPECT_THAT(phenotypes, ElementsAre(0, 1, 2, kUnclassified));
  EXPECT_EQ(phenotype_name(p, 0), "AB");
  EXPECT_EQ(phenotype_name(p, kUnclassified), "Unclassified");
  EXPECT_EQ(phenotype_name(p, kNotAssessable), "Not assessable");
  EXPECT_THROW(phenotype_name(p, 3), InvalidArgument);
  EXPECT_THAT(assessable_phenotypes(p, result), ElementsAre(true, true, true));
}

TEST(Positivity, CellsThatDoNotCountMoveNoThresholdAndAreUnknown) {
  const Panel p = panel(
      "phenotypes: [{name: A, when: A}, {name: Other, when: \"true\"}]\n"
      "positivity: {default: {method: quantile, quantile: 0.5}}");
  const std::vector<double> n{1, 2, 3, 4}, more{1, 2, 3, 4, 900, 1000};
  const auto want = decide_positivity(p, table_of({{"N", n}, {"A", n}, {"B", n}}));
  PositivityContext context;
  context.counted = {1, 1, 1, 1, 0, 0};
  const auto got = decide_positivity(p, table_of({{"N", more}, {"A", more}, {"B", more}}), context);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_EQ(got.markers[k].threshold, want.markers[k].threshold);
    EXPECT_EQ(got.markers[k].positive, want.markers[k].positive);
    EXPECT_EQ(got.markers[k].sentence, want.markers[k].sentence);
    EXPECT_EQ(got.states[k][5], Truth::unknown);
  }
  auto phenotypes = classify(p, want);
  phenotypes.insert(phenotypes.end(), 2, kNotAssessable);
  EXPECT_EQ(classify(p, got), phenotypes);
  EXPECT_THAT(assessable_phenotypes(p, got), ElementsAre(true, true));
  context.counted = {0, 0, 0, 0, 0, 0};  // nothing is left to decide on
  EXPECT_EQ(decide_positivity(p, table_of({{"N", more}, {"A", more}, {"B", more}}), context).markers[1].positive, 0u);
  context.counted = {1};
  EXPECT_THROW(decide_positivity(p, table_of({{"N", n}, {"A", n}, {"B", n}}), context), InvalidArgument);
}

TEST(Classify, WithoutRulesNothingIsClassified) {
  const Panel p = panel("positivity: {default: {method: fixed, value: 5}}");
  EXPECT_THAT(classify(p, decide_positivity(p, table_of({{"N", {0}}, {"A", {9}}, {"B", {9}}}))),
              ElementsAre(kUnclassified));
}

}  // namespace
}  // namespace hexaplex
