#include "core/loss/loss_study.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/panel/suggest.h"
#include "core/run/verify.h"
#include "core/score/score.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace fs = std::filesystem;

namespace {

std::string cells_text(const LossQuestion& question) {
  return question.phenotypes.empty() ? "cell" : "cell of " + listed(question.phenotypes);
}

// Adds the cells of a slide, in blocks of its own, in order of rows and columns. Returns: how many blocks.
std::size_t add_cells(const std::vector<ScoredCell>& cells, LossSample& sample) {
  std::map<std::pair<std::int32_t, std::int32_t>, std::uint32_t> blocks;
  for (const ScoredCell& cell : cells) blocks[{cell.block_y, cell.block_x}] = 0;
  const auto slide = static_cast<std::int32_t>(sample.slides.size());
  for (auto& [place, block] : blocks) {
    block = static_cast<std::uint32_t>(sample.places.size());
    sample.places.push_back({slide, place.second, place.first});
  }
  for (const ScoredCell& cell : cells) sample.values.push_back({cell.value, blocks.at({cell.block_y, cell.block_x})});
  return blocks.size();
}

LossSlide figures_of(ScoredSlide slide, std::size_t blocks) {
  LossSlide out;
  const fs::path folder = fs::absolute(slide.folder).lexically_normal();
  out.name = (folder.has_filename() ? folder : folder.parent_path()).filename().string();
  out.cells = slide.cells.size();
  out.blocks = blocks;
  if (!slide.cells.empty()) {
    std::vector<double> values;
    for (const ScoredCell& cell : slide.cells) values.push_back(cell.value);
    ScoreRule rule;
    rule.bins = slide.bins;
    const MarkerScore score = score_marker(values, {}, rule);
    out.percent_positive = score.percent_positive;
    out.median = score.median;
  }
  slide.cells = {};
  out.result = std::move(slide);
  return out;
}

LossSample read_sample(const std::vector<fs::path>& folders, const LossQuestion& question) {
  LossSample sample;
  for (const fs::path& folder : folders) {
    const std::vector<fs::path> results = find_results(folder);
    if (results.empty())
      throw InputError(folder.string(),
                       "holds no finished result (no run.json); give the folder DIR/S of hexaplex run, or DIR for all "
                       "in it; where a run was stopped, run it again");
    for (const fs::path& result : results) {
      ScoredSlide slide = read_scored_slide(result, question);
      const std::size_t blocks = add_cells(slide.cells, sample);
      sample.slides.push_back(figures_of(std::move(slide), blocks));
    }
  }
  sample.cells = sample.values.size();
  if (sample.cells == 0)
    throw InputError(
        folders.empty() ? "" : folders.front().string(),
        fmt::format(
            "holds no {} that counts (assessable, with a value of {}); see its report, or ask for other --cells",
            cells_text(question), question.marker));
  sample.likeness = likeness_of_neighbours(sample.values, sample.places);
  return sample;
}

// All slides, each once, and comparable with the first.
void check_slides(const LossStudy& study) {
  std::map<std::string, std::string> seen;
  const ScoredSlide& first = study.before.slides.front().result;
  for (const LossSample* sample : {&study.before, &study.after, study.control ? &*study.control : nullptr}) {
    if (sample == nullptr) continue;
    for (const LossSlide& slide : sample->slides) {
      const ScoredSlide& result = slide.result;
      const auto [other, is_new] = seen.emplace(result.slide_sha256, result.folder.string());
      if (!is_new)
        throw InputError(result.folder.string(),
                         fmt::format("is of the same slide as {}; a slide counts once, on one side", other->second));
      check_comparable(first, result, study.question.marker);
    }
  }
}

// The control that a panel names, the same on all slides of a side.
std::optional<double> named_control(const LossSample& sample) {
  const ScoredSlide& first = sample.slides.front().result;
  for (const LossSlide& slide : sample.slides)
    if (slide.result.control_median != first.control_median)
      throw InputError(slide.result.folder.string(),
                       fmt::format("was scored against another control than {}; give --control for all, or run the "
                                   "slides of a side with one control",
                                   first.folder.string()));
  return first.control_median;
}

ControlLevel control_level(LossStudy& study) {
  ControlLevel level;
  if (study.control) {
    level.cells.emplace(std::move(study.control->values));
    level.median_before = level.median_after = level.cells->quantile(level.cells->once(), 1, 2);
    const bool drawn = level.cells->effective_blocks() >= static_cast<double>(kFewestBlocks);
    study.control_why = fmt::format("Values count above {:.4g}, the median of the control {} ({} cells).",
                                    level.median_before, study.control->slides.front().name, study.control->cells);
    if (!drawn)
      study.notes.push_back(
          fmt::format("The control has {} blocks of tissue, too few to be drawn: its median is taken as known, and "
                      "intervals are shorter than they should be.",
                      level.cells->blocks()));
    return level;
  }
  const std::optional<double> before = named_control(study.before), after = named_control(study.after);
  if (before.has_value() != after.has_value())
    throw InputError((before ? study.after : study.before).slides.front().result.folder.string(),
                     "was scored without a control, and the other side with one; give --control, or run it with the "
                     "panel that names one");
  if (before) {
    level.median_before = *before;
    level.median_after = *after;
    study.control_why =
        *before == *after
            ? fmt::format("Values count above {:.4g}, the median of the control that the panel names.", *before)
            : fmt::format(
                  "Values count above {:.4g} before and {:.4g} after, the medians of the controls that the "
                  "panels name.",
                  *before, *after);
    study.notes.emplace_back("The control's median is taken as known; --control RESULT draws its blocks too.");
    return level;
  }
  study.control_why = "Values count above 0: no control was given.";
  study.notes.emplace_back(
      "Without a control, what tissue takes up without the antigen counts as antigen, and a loss seems smaller than it "
      "is; give --control RESULT, a slide without the antigen.");
  return level;
}

void add_notes(LossStudy& study) {
  if (chosen_by_marker(study.before.slides.front().result, study.question))
    study.notes.push_back(
        fmt::format("The cells were chosen by a rule that asks for {0} itself: cells that lost {0} are not among them, "
                    "and the loss is understated. Choose cells by what they keep.",
                    study.question.marker));
  for (const LossSample* sample : {&study.before, &study.after})
    if (sample->likeness.alike())
      study.notes.push_back(fmt::format(
          "Neighbouring blocks {} are alike (Moran's I {:.2f}): patches of like cells are larger than blocks of {:g} "
          "mm, and intervals are too short. Give a larger --block-mm.",
          sample == &study.before ? "before" : "after", sample->likeness.morans_i, study.question.block_mm));
  for (const LossSample* sample : {&study.before, &study.after})
    for (const LossSlide& slide : sample->slides) {
      if (slide.cells == 0)
        study.notes.push_back(fmt::format("{} has no {} that counts.", slide.name, cells_text(study.question)));
    }
  const LossSlide& first = study.before.slides.front();
  std::vector<std::string> otherwise;
  for (const LossSample* sample : {&study.before, &study.after, study.control ? &*study.control : nullptr}) {
    if (sample == nullptr) continue;
    for (const LossSlide& slide : sample->slides)
      if (stains_differ(first.result, slide.result)) otherwise.push_back(slide.name);
  }
  if (!otherwise.empty())
    study.notes.push_back(fmt::format(
        "The colour taken for the stain of {} lies more than 5 degrees from that of {} on: {}. A faint "
        "stain is hard to "
        "tell from the counterstain, and its amount then comes out wrong. Name a strong slide in the panel, "
        "stains: {{reference: SLIDE}}, and run all slides again.",
        study.question.marker, first.name, listed(otherwise)));
  if (study.loss.low_percent_before < 2.5)
    study.notes.push_back(fmt::format(
        "Many cells before share their lowest values, and {:.1f} % of them, not 5 %, are below the limit of "
        "antigen-low cells.",
        study.loss.low_percent_before));
}

}  // namespace

LossStudy study_loss(const std::vector<fs::path>& before, const std::vector<fs::path>& after,
                     const std::optional<fs::path>& control, const LossQuestion& question) {
  LossStudy study;
  study.question = question;
  study.before = read_sample(before, question);
  study.after = read_sample(after, question);
  if (control) study.control = read_sample({*control}, question);
  check_slides(study);
  study.column = study.before.slides.front().result.column;
  study.bins = study.before.slides.front().result.bins;
  const ControlLevel level = control_level(study);
  study.loss = measure_loss(BlockSample(study.before.values), BlockSample(study.after.values), study.bins, level);
  add_notes(study);
  return study;
}

}  // namespace hexaplex
