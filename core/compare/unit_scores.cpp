#include "core/compare/unit_scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/panel/suggest.h"

namespace hexaplex {

namespace {

constexpr double kBlocksAgree = 0.01;  // blocks at a border may be cut otherwise than the slide's total

const SlideScore* find_score(const StudySlide& slide, const std::string& name) {
  for (const SlideScore& score : slide.scores.scores)
    if (score.name == name) return &score;
  return nullptr;
}

std::string point_name(const Study& study, const UnitScore& unit) {
  std::string place = unit.organ;
  for (const std::string& time : {study.paired ? unit.arm : "", unit.timepoint})
    if (!time.empty()) place += (place.empty() ? "" : ", ") + time;
  return place.empty() ? unit.unit : unit.unit + " (" + place + ")";
}

// Slides of one point, on the way to its score.
struct PooledSlides {
  UnitScore unit;
  double sum = 0, weights = 0;
  bool complete = true;    // every slide has the score
  bool all_blocks = true;  // every slide brings blocks
};

void add_slide(const StudySlide& slide, const SlideScore& score, Pooling pooling, PooledSlides& pooled) {
  const double weight = pooling == Pooling::cells ? slide.scores.cells : slide.scores.tissue_mm2;
  pooled.sum += pooling == Pooling::sum ? *score.value : *score.value * weight;
  pooled.weights += weight;
  pooled.unit.value.score = *score.value;  // of a single slide, to the last bit
  if (!slide.scores.blocks) {
    pooled.all_blocks = false;
    return;
  }
  const std::vector<RatioBlock> blocks = ratio_blocks(*slide.scores.blocks, score.name);
  pooled.all_blocks = pooled.all_blocks && !blocks.empty();
  pooled.unit.value.blocks.insert(pooled.unit.value.blocks.end(), blocks.begin(), blocks.end());
}

bool blocks_give(const ResampledUnit& unit) {
  double numerator = 0, denominator = 0;
  for (const RatioBlock& block : unit.blocks) {
    numerator += block.numerator;
    denominator += block.denominator;
  }
  if (!(denominator > 0)) return false;
  const double gap = numerator / denominator - unit.score, most = kBlocksAgree * unit.score;
  return gap <= most && -gap <= most;
}

}  // namespace

std::vector<std::string> score_names(const Study& study, bool usual_only) {
  std::vector<std::string> names;
  for (const StudySlide& slide : study.slides)
    for (const SlideScore& score : slide.scores.scores)
      if (((score.usual && score.value) || !usual_only) &&
          std::find(names.begin(), names.end(), score.name) == names.end())
        names.push_back(score.name);
  return names;
}

ScoreOfUnits score_of_units(const Study& study, const std::string& name) {
  ScoreOfUnits all{name, Pooling::tissue, {}, {}};
  // A measure that happens to be a whole number in one slide is a measure still.
  bool known = false;
  for (const StudySlide& slide : study.slides)
    if (const SlideScore* score = find_score(slide, name); score != nullptr && score->value) {
      all.pooling = known && score->pooling != all.pooling ? Pooling::tissue : score->pooling;
      known = true;
    }
  std::vector<PooledSlides> points;
  for (const StudySlide& slide : study.slides) {
    const auto key = std::tie(slide.unit, slide.arm, slide.organ, slide.timepoint);
    auto point = std::find_if(points.begin(), points.end(), [&](const PooledSlides& p) {
      return std::tie(p.unit.unit, p.unit.arm, p.unit.organ, p.unit.timepoint) == key;
    });
    if (point == points.end()) {
      PooledSlides fresh;
      std::tie(fresh.unit.unit, fresh.unit.arm, fresh.unit.organ, fresh.unit.timepoint) = key;
      point = points.insert(points.end(), std::move(fresh));
    }
    ++point->unit.slides;
    point->unit.tissue_mm2 += slide.scores.tissue_mm2;
    const SlideScore* score = find_score(slide, name);
    if (score == nullptr || !score->value)
      point->complete = false;
    else
      add_slide(slide, *score, all.pooling, *point);
  }
  std::size_t disagreeing = 0;
  std::vector<std::string> without;
  for (PooledSlides& point : points) {
    UnitScore& unit = point.unit;
    const bool weighed = all.pooling == Pooling::sum || point.weights > 0;
    if (!point.complete || (unit.slides > 1 && !weighed)) {
      without.push_back(point_name(study, unit));
      continue;
    }
    if (unit.slides > 1) unit.value.score = all.pooling == Pooling::sum ? point.sum : point.sum / point.weights;
    const bool agree = point.all_blocks && blocks_give(unit.value);
    if (point.all_blocks && !agree) ++disagreeing;
    if (!agree) unit.value.blocks.clear();
    all.units.push_back(std::move(unit));
  }
  if (!without.empty()) all.notes.push_back(fmt::format("Left out, a slide has no such score: {}.", listed(without)));
  if (disagreeing > 0)
    all.notes.push_back(
        fmt::format("Blocks of {} of {} points do not add up to the score within 1 %; they were not drawn.",
                    disagreeing, all.units.size()));
  return all;
}

}  // namespace hexaplex
