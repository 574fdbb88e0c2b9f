#include "core/compare/comparison_tables.h"

#include <optional>

#include "core/compare/wording.h"
#include "core/panel/suggest.h"
#include "core/report/text.h"

namespace hexaplex {

namespace {

using Json = nlohmann::ordered_json;

// One line of a table.
class CsvLine {
 public:
  CsvLine& text(const std::string& value) {
    next();
    line_ += csv_field(value);
    return *this;
  }
  CsvLine& number(double value) {
    next();
    append_number(line_, value);
    return *this;
  }
  CsvLine& number(std::size_t value) {
    next();
    append_number(line_, static_cast<std::uint64_t>(value));
    return *this;
  }
  CsvLine& maybe(std::optional<double> value) {
    next();
    if (value) append_number(line_, *value);
    return *this;
  }
  std::string end() const { return line_ + "\n"; }

 private:
  void next() {
    if (!first_) line_ += ',';
    first_ = false;
  }
  std::string line_;
  bool first_ = true;
};

const char* drawn_of(const Comparison& c) {
  return !c.interval ? "" : c.blocks_drawn ? "units and blocks" : "units";
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : "; ") + name;
  return text;
}

std::optional<double> low_of(const Comparison& c) {
  return c.interval ? std::optional(c.interval->low) : std::nullopt;
}

std::optional<double> high_of(const Comparison& c) {
  return c.interval ? std::optional(c.interval->high) : std::nullopt;
}

Json significance_json(const Significance& s, const char* test) {
  return {{"test", test}, {"p", s.p}, {"exact", s.exact}};
}

Json arm_json(const ComparedArm& arm, const std::string& unit) {
  Json json{{"name", arm.name}, {"n", arm.units.size()}, {"median", arm.median}};
  json["points"] = Json::array();
  for (const UnitScore& u : arm.units) json["points"].push_back({{unit, u.unit}, {"value", u.value.score}});
  return json;
}

Json one_comparison(const Study& study, const std::string& score, const Comparison& c) {
  Json json;
  if (!c.organ.empty()) json["organ"] = c.organ;
  if (!c.timepoint.empty()) json["timepoint"] = c.timepoint;
  json["reference"] = arm_json(c.reference, study.unit);
  json["compared"] = arm_json(c.other, study.unit);
  json[study.paired ? "median_of_differences" : "difference_of_medians"] = c.difference;
  json["interval_95"] = c.interval ? Json{c.interval->low, c.interval->high} : Json(nullptr);
  json["interval_draws"] = drawn_of(c);
  if (!study.paired) json["hodges_lehmann"] = c.hodges_lehmann;
  json[study.paired ? "paired_rank_biserial" : "cliffs_delta"] = c.rank_biserial;
  json["permutation"] =
      significance_json(c.permutation, study.paired ? "signs of the differences" : "difference of means");
  json["ranks"] = significance_json(c.ranks, study.paired ? "Wilcoxon signed-rank" : "Mann-Whitney");
  json["smallest_p"] = c.smallest_p;
  json["q"] = c.q;
  json["tests_adjusted_over"] = c.family;
  json["left_out"] = c.left_out;
  json["sentence"] = sentence_of(study, score, c);
  return json;
}

}  // namespace

std::string comparison_csv(const Study& study, const std::vector<ScoreComparison>& scores) {
  std::string text =
      "score,organ,timepoint,reference,compared,unit,design,n_reference,n_compared,median_reference,median_compared,"
      "difference,low_95,high_95,interval_draws,hodges_lehmann,rank_biserial,p_permutation,p_ranks,exact,smallest_p,q,"
      "tests_adjusted_over,left_out,sentence\n";
  for (const ScoreComparison& score : scores)
    for (const Comparison& c : score.comparisons) {
      CsvLine line;
      line.text(score.points.score).text(c.organ).text(c.timepoint).text(c.reference.name).text(c.other.name);
      line.text(study.unit).text(study.paired ? "pairs" : "groups");
      line.number(c.reference.units.size()).number(c.other.units.size());
      line.number(c.reference.median).number(c.other.median).number(c.difference);
      line.maybe(low_of(c)).maybe(high_of(c)).text(drawn_of(c));
      line.maybe(study.paired ? std::nullopt : std::optional(c.hodges_lehmann)).number(c.rank_biserial);
      line.number(c.permutation.p).number(c.ranks.p).text(c.permutation.exact && c.ranks.exact ? "yes" : "no");
      line.number(c.smallest_p).number(c.q).number(c.family).text(joined(c.left_out));
      line.text(sentence_of(study, score.points.score, c));
      text += line.end();
    }
  return text;
}

std::string animals_csv(const Study& study, const std::vector<ScoreComparison>& scores) {
  std::string text = "score," + study.unit + "," + study.arm + ",organ" + (study.paired ? "" : ",timepoint") +
                     ",value,slides,tissue_mm2,blocks,pooled_by\n";
  for (const ScoreComparison& score : scores)
    for (const UnitScore& unit : score.points.units) {
      CsvLine line;
      line.text(score.points.score).text(unit.unit).text(unit.arm).text(unit.organ);
      if (!study.paired) line.text(unit.timepoint);
      line.number(unit.value.score).number(unit.slides).number(unit.tissue_mm2).number(unit.value.blocks.size());
      line.text(unit.slides > 1 ? std::string(name_of(score.points.pooling)) : "");
      text += line.end();
    }
  return text;
}

Json comparison_json(const Study& study, const std::vector<ScoreComparison>& scores) {
  Json json;
  json["unit"] = study.unit;
  json["design"] = study.paired ? "pairs" : "groups";
  json["compares"] = study.arm;
  json["reference"] = study.arms.front();
  json["remarks"] = remarks_of(study);
  json["scores"] = Json::array();
  for (const ScoreComparison& score : scores) {
    Json one;
    one["score"] = score.points.score;
    one["pooling"] = name_of(score.points.pooling);
    one["notes"] = score.notes;
    one["comparisons"] = Json::array();
    for (const Comparison& c : score.comparisons)
      one["comparisons"].push_back(one_comparison(study, score.points.score, c));
    json["scores"].push_back(std::move(one));
  }
  return json;
}

}  // namespace hexaplex
