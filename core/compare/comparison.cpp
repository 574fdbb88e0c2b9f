#include "core/compare/comparison.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/statistics/effect.h"
#include "core/statistics/false_discovery.h"

namespace hexaplex {

namespace {

std::vector<double> scores_of(const ComparedArm& arm) {
  std::vector<double> scores;
  for (const UnitScore& unit : arm.units) scores.push_back(unit.value.score);
  return scores;
}

std::vector<ResampledUnit> values_of(const ComparedArm& arm) {
  std::vector<ResampledUnit> values;
  for (const UnitScore& unit : arm.units) values.push_back(unit.value);
  return values;
}

bool all_have_blocks(const ComparedArm& arm) {
  return std::all_of(arm.units.begin(), arm.units.end(), [](const UnitScore& u) { return u.value.blocks.size() >= 2; });
}

bool holds(const std::vector<UnitScore>& units, const std::string& name) {
  return std::any_of(units.begin(), units.end(), [&](const UnitScore& u) { return u.unit == name; });
}

// Keeps the units that both sides have, in the reference's order; names the others.
void keep_pairs(Comparison& c) {
  ComparedArm reference{c.reference.name, {}, 0}, other{c.other.name, {}, 0};
  for (const UnitScore& unit : c.reference.units) {
    const auto partner = std::find_if(c.other.units.begin(), c.other.units.end(),
                                      [&](const UnitScore& u) { return u.unit == unit.unit; });
    if (partner == c.other.units.end()) {
      c.left_out.push_back(unit.unit);
      continue;
    }
    reference.units.push_back(unit);
    other.units.push_back(*partner);
  }
  for (const UnitScore& unit : c.other.units)
    if (!holds(reference.units, unit.unit)) c.left_out.push_back(unit.unit);
  c.reference = std::move(reference);
  c.other = std::move(other);
}

Comparison gather(const Study& study, const ScoreOfUnits& points, const std::string& arm, const std::string& timepoint,
                  const std::string& organ) {
  Comparison c;
  c.organ = organ, c.timepoint = timepoint;
  c.reference.name = study.arms.front(), c.other.name = arm;
  for (const UnitScore& unit : points.units)
    for (ComparedArm* side : {&c.reference, &c.other})
      if (unit.arm == side->name && unit.organ == organ && unit.timepoint == timepoint) side->units.push_back(unit);
  if (study.paired) {
    keep_pairs(c);
    return c;
  }
  for (const StudySlide& slide : study.slides) {  // animals of the two groups that are not among the points here
    const bool of_pair = slide.arm == c.reference.name || slide.arm == c.other.name;
    const bool there = holds(c.reference.units, slide.unit) || holds(c.other.units, slide.unit);
    const bool named = std::find(c.left_out.begin(), c.left_out.end(), slide.unit) != c.left_out.end();
    if (of_pair && slide.timepoint == timepoint && !there && !named) c.left_out.push_back(slide.unit);
  }
  return c;
}

void compare_groups(Comparison& c) {
  const std::vector<double> a = scores_of(c.reference), b = scores_of(c.other);
  c.difference = c.other.median - c.reference.median;
  c.hodges_lehmann = hodges_lehmann_shift(a, b);
  c.rank_biserial = cliffs_delta(a, b);
  c.permutation = permutation_test(a, b);
  c.ranks = mann_whitney_test(a, b);
  c.smallest_p = smallest_p_of_groups(a.size(), b.size());
}

void compare_pairs(Comparison& c) {
  const std::vector<double> first = scores_of(c.reference), second = scores_of(c.other);
  std::vector<double> differences;
  for (std::size_t i = 0; i < first.size(); ++i) differences.push_back(second[i] - first[i]);
  c.difference = median(differences);
  c.rank_biserial = paired_rank_biserial(differences);
  c.permutation = sign_flip_test(differences);
  c.ranks = signed_rank_test(differences);
  c.smallest_p = smallest_p_of_pairs(differences.size());
}

void compute(bool paired, Comparison& c) {
  for (ComparedArm* side : {&c.reference, &c.other}) side->median = median(scores_of(*side));
  paired ? compare_pairs(c) : compare_groups(c);
  ResamplingPlan plan;
  plan.blocks = c.blocks_drawn = all_have_blocks(c.reference) && all_have_blocks(c.other);
  const auto a = values_of(c.reference), b = values_of(c.other);
  c.interval = paired ? median_difference_interval(a, b, plan) : difference_of_medians_interval(a, b, plan);
}

std::string place_of(const Comparison& c) {
  std::string place = c.other.name + " against " + c.reference.name;
  if (!c.organ.empty()) place = c.organ + ", " + place;
  return c.timepoint.empty() ? place : place + ", " + c.timepoint;
}

void adjust(std::vector<Comparison>& family) {
  std::vector<double> p;
  for (const Comparison& c : family) p.push_back(c.permutation.p);
  const std::vector<double> q = benjamini_hochberg(p);
  for (std::size_t i = 0; i < family.size(); ++i) {
    family[i].q = q[i];
    family[i].family = family.size();
  }
}

}  // namespace

ScoreComparison compare_score(const Study& study, const std::string& score) {
  ScoreComparison all;
  all.points = score_of_units(study, score);
  all.notes = all.points.notes;
  for (std::size_t arm = 1; arm < study.arms.size(); ++arm)
    for (const std::string& timepoint : study.timepoints) {
      std::vector<Comparison> family;
      for (const std::string& organ : study.organs) {
        Comparison c = gather(study, all.points, study.arms[arm], timepoint, organ);
        if (c.reference.units.empty() || c.other.units.empty()) {
          all.notes.push_back(fmt::format("{}: not compared, a side has no {}.", place_of(c), study.unit));
          continue;
        }
        compute(study.paired, c);
        family.push_back(std::move(c));
      }
      adjust(family);
      for (Comparison& c : family) all.comparisons.push_back(std::move(c));
    }
  return all;
}

}  // namespace hexaplex
