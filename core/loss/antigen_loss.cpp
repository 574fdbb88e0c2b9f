#include "core/loss/antigen_loss.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/statistics/few_blocks.h"
#include "core/statistics/random_stream.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr std::uint64_t kSeed = 0x4c4f5353u;  // "LOSS"
constexpr std::size_t kDraws = 10000;
constexpr std::size_t kMostUnbounded = kDraws / 200;

// What one sample of cells gives, however its blocks are counted.
struct SampleMeasures {
  double positive = 0;      // share
  double h_share = 0;       // H-score over 300
  double median = 0;        // as measured
  double below_middle = 0;  // share below the median of the sample as it is: how much blocks differ
};

/// One sample: its measures for any draw.
class Side {
 public:
  Side(const BlockSample& sample, const std::array<double, 3>& bins)
      : sample_(sample), bins_(bins), middle_(sample.quantile(sample.once(), 1, 2)) {}

  SampleMeasures measure(const BlockCounts& counts) const {
    const auto all = static_cast<double>(sample_.count(counts));
    SampleMeasures m;
    double strength = 0;
    for (std::size_t k = 0; k < bins_.size(); ++k) {
      const double from_here = all - static_cast<double>(sample_.count_below(counts, bins_[k]));
      if (k == 0) m.positive = from_here / all;
      strength += from_here;
    }
    m.h_share = strength / (3 * all);
    m.median = sample_.quantile(counts, 1, 2);
    m.below_middle = static_cast<double>(sample_.count_below(counts, middle_)) / all;
    return m;
  }
  double low_share(const BlockCounts& counts, double limit) const {
    return static_cast<double>(sample_.count_below(counts, limit)) / static_cast<double>(sample_.count(counts));
  }
  double below_middle() const { return low_share(sample_.once(), middle_); }
  double low_limit(const BlockCounts& counts) const { return sample_.quantile(counts, 1, 20); }
  const BlockSample& sample() const { return sample_; }

  bool few() const { return sample_.effective_blocks() < static_cast<double>(kFewestBlocks); }
  std::size_t freedom() const { return static_cast<std::size_t>(sample_.effective_blocks()) - 1; }

 private:
  const BlockSample& sample_;
  const std::array<double, 3>& bins_;
  double middle_;
};

// Every draw, one vector for each number.
struct Draws {
  struct OfSide {
    std::vector<double> positive, h_share, median, below_middle;
    void add(const SampleMeasures& m, double control) {
      positive.push_back(m.positive);
      h_share.push_back(m.h_share);
      median.push_back(m.median - control);
      below_middle.push_back(m.below_middle);
    }
  };
  OfSide before, after;
  std::vector<double> median_difference, loss, low;
  std::size_t unbounded = 0;  // draws with nothing to lose
};

// 1 - after / before; `before` is above 0.
double loss_of(double before, double after) {
  return 1 - std::max(after, 0.0) / before;
}

double variance_of(const std::vector<double>& values) {
  double sum = 0, squares = 0;
  for (const double v : values) sum += v;
  const double mean = sum / static_cast<double>(values.size());
  for (const double v : values) squares += (v - mean) * (v - mean);
  return squares / static_cast<double>(values.size() - 1);
}

Draws draw_all(const Side& before, const Side& after, const ControlLevel& control) {
  RandomStream random(kSeed);
  Draws draws;
  BlockCounts of_before, of_after, of_control;
  const bool draw_control = control.cells && control.cells->effective_blocks() >= static_cast<double>(kFewestBlocks);
  for (std::size_t d = 0; d < kDraws; ++d) {
    before.sample().draw(random, before.sample().blocks() - 1, of_before);
    after.sample().draw(random, after.sample().blocks() - 1, of_after);
    double control_before = control.median_before, control_after = control.median_after;
    if (draw_control) {
      control.cells->draw(random, control.cells->blocks() - 1, of_control);
      control_before = control_after = control.cells->quantile(of_control, 1, 2);
    }
    draws.before.add(before.measure(of_before), control_before);
    draws.after.add(after.measure(of_after), control_after);
    const double first = draws.before.median.back(), second = draws.after.median.back();
    draws.median_difference.push_back(second - first);
    draws.low.push_back(after.low_share(of_after, before.low_limit(of_before) - control_before + control_after));
    if (first > 0)
      draws.loss.push_back(loss_of(first, second));
    else
      ++draws.unbounded;
  }
  return draws;
}

EffectInterval scaled(const EffectInterval& interval, double factor) {
  return {factor * interval.low, factor * interval.high};
}

std::string too_few(const char* where, const BlockSample& sample) {
  return fmt::format(
      "No interval: {} has {} block{} of tissue, by their cells worth {:.1f} of equal size, and {} are needed; give "
      "smaller blocks or more tissue.",
      where, sample.blocks(), sample.blocks() == 1 ? "" : "s", sample.effective_blocks(), kFewestBlocks);
}

// Measure of a share in both samples, times `scale`.
BeforeAfter compare_shares(double before, double after, double scale) {
  BeforeAfter out;
  out.before.value = scale * before;
  out.after.value = scale * after;
  out.difference.value = scale * (after - before);
  return out;
}

/// Fills in the intervals of both samples, or why there are none.
class Intervals {
 public:
  Intervals(const Side& before, const Side& after, const ControlLevel& control)
      : before_(before), after_(after), few_before_(before.few()), few_after_(after.few()) {
    if (few_before_) note_before_ = too_few("the sample before", before.sample());
    if (few_after_) note_after_ = too_few("the sample after", after.sample());
    // Draws of one block less than one have no cells.
    if (before.sample().blocks() > 1 && after.sample().blocks() > 1) draws_ = draw_all(before, after, control);
  }

  void shares(BeforeAfter& of, std::vector<double> Draws::OfSide::*values, double scale) const {
    const double p = *of.before.value / scale, q = *of.after.value / scale;
    std::optional<EffectInterval> first, second;
    if (!few_before_) first = share(p, draws_.before, values, before_);
    if (!few_after_) second = share(q, draws_.after, values, after_);
    set(of.before, first, scale, note_before_);
    set(of.after, second, scale, note_after_);
    if (first && second)
      of.difference.interval = scaled(difference_interval(p, *first, q, *second), scale);
    else
      of.difference.note = pair_note();
  }

  void medians(BeforeAfter& of) const {
    set(of.before, few_before_ ? std::nullopt : expanded(draws_.before.median, before_.freedom()), 1, note_before_);
    set(of.after, few_after_ ? std::nullopt : expanded(draws_.after.median, after_.freedom()), 1, note_after_);
    set(of.difference, few() ? std::nullopt : expanded(draws_.median_difference, freedom()), 1, pair_note());
  }

  void low(Estimate& of) const {
    const double share = *of.value / 100;
    if (few())
      of.note = pair_note();
    else
      of.interval =
          scaled(share_interval(share, variance_of(draws_.low), size_at_median(draws_.after, after_), freedom()), 100);
  }

  void loss(Estimate& of) const {
    if (few()) {
      of.note = pair_note();
    } else if (draws_.unbounded >= kMostUnbounded) {
      of.note = fmt::format(
          "No interval: in {} of {} draws nothing of the sample before lies above control; a loss of so little has no "
          "bounds.",
          draws_.unbounded, kDraws);
    } else {
      of.interval = scaled(*expanded(draws_.loss, freedom()), 100);
    }
  }

 private:
  static std::optional<EffectInterval> expanded(const std::vector<double>& draws, std::size_t freedom) {
    return expanded_percentile(draws, freedom);
  }
  // Independent cells that would have the error of the share below the median, which is neither 0 nor 1 where values
  // differ: for shares that are.
  static double size_at_median(const Draws::OfSide& draws, const Side& side) {
    const double share = side.below_middle(), variance = variance_of(draws.below_middle);
    return variance > 0 ? share * (1 - share) / variance : 1;
  }
  static EffectInterval share(double found, const Draws::OfSide& draws, std::vector<double> Draws::OfSide::*values,
                              const Side& side) {
    return share_interval(found, variance_of(draws.*values), size_at_median(draws, side), side.freedom());
  }
  static void set(Estimate& of, const std::optional<EffectInterval>& interval, double scale, const std::string& note) {
    if (interval)
      of.interval = scaled(*interval, scale);
    else
      of.note = note;
  }
  bool few() const { return few_before_ || few_after_; }
  std::size_t freedom() const { return std::min(before_.freedom(), after_.freedom()); }
  std::string pair_note() const { return few_before_ ? note_before_ : note_after_; }

  const Side &before_, &after_;
  bool few_before_, few_after_;
  std::string note_before_, note_after_;
  Draws draws_;
};

}  // namespace

AntigenLoss measure_loss(const BlockSample& before, const BlockSample& after, const std::array<double, 3>& bins,
                         const ControlLevel& control) {
  HX_EXPECT(bins[0] < bins[1] && bins[1] < bins[2], "the bins of a score must ascend");
  const Side first(before, bins), second(after, bins);
  const Intervals intervals(first, second, control);
  const SampleMeasures b = first.measure(before.once()), a = second.measure(after.once());
  AntigenLoss out;
  out.blocks_before = before.blocks();
  out.blocks_after = after.blocks();
  out.effective_blocks_before = before.effective_blocks();
  out.effective_blocks_after = after.effective_blocks();
  out.control_before = control.median_before;
  out.control_after = control.median_after;

  out.percent_positive = compare_shares(b.positive, a.positive, 100);
  intervals.shares(out.percent_positive, &Draws::OfSide::positive, 100);
  out.h_score = compare_shares(b.h_share, a.h_share, 300);
  intervals.shares(out.h_score, &Draws::OfSide::h_share, 300);

  const double above_before = b.median - control.median_before, above_after = a.median - control.median_after;
  out.above_control.before.value = above_before;
  out.above_control.after.value = above_after;
  out.above_control.difference.value = above_after - above_before;
  intervals.medians(out.above_control);

  const double limit = first.low_limit(before.once());
  out.low_percent_before = 100 * first.low_share(before.once(), limit);
  out.low_percent_after.value =
      100 * second.low_share(after.once(), limit - control.median_before + control.median_after);
  intervals.low(out.low_percent_after);

  if (above_before > 0) {
    out.loss_percent.value = 100 * loss_of(above_before, above_after);
    intervals.loss(out.loss_percent);
  } else {
    out.loss_percent.note = "No loss: the cells before are not above control, so there is nothing to lose.";
  }
  return out;
}

}  // namespace hexaplex
