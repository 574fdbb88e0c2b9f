#include "core/loss/distribution.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/compare/wording.h"
#include "core/report/svg.h"
#include "core/report/text.h"

namespace hexaplex {

namespace {

constexpr std::size_t kSteps = 40;
constexpr double kLeft = 56, kTop = 84, kWidth = 360, kHeight = 220, kGap = 40;

std::vector<double> percents(const BlockSample& sample, const std::vector<double>& edges) {
  const BlockCounts once = sample.once();
  std::vector<double> out;
  std::uint64_t below = 0;
  for (std::size_t i = 1; i < edges.size(); ++i) {
    const std::uint64_t next = i + 1 < edges.size() ? sample.count_below(once, edges[i]) : sample.size();
    out.push_back(100 * static_cast<double>(next - below) / static_cast<double>(sample.size()));
    below = next;
  }
  return out;
}

/// One sample's histogram.
class Panel {
 public:
  Panel(const LossStudy& study, const LossDistribution& d, bool after)
      : study_(study), d_(d), after_(after), left_(kLeft + (after ? kWidth + kGap : 0)) {
    for (const auto* values : {&d.before, &d.after})
      for (const double v : *values) most_ = std::max(most_, v);
    most_ = std::max(most_ * 1.05, 1.0);
  }

  std::string svg() const {
    const auto& values = after_ ? d_.after : d_.before;
    std::string out = ticks_y();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double x0 = x(d_.edges[i]), x1 = x(d_.edges[i + 1]), top = y(values[i]);
      out += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\" fill-opacity=\"0.75\"/>\n",
                         svg_px(x0), svg_px(top), svg_px(std::max(0.5, x1 - x0 - 0.5)), svg_px(kTop + kHeight - top),
                         plot_colour(after_ ? 1 : 2));
    }
    const BeforeAfter& m = study_.loss.above_control;
    const double control = after_ ? study_.loss.control_after : study_.loss.control_before;
    const double middle = control + *(after_ ? m.after : m.before).value;
    for (std::size_t k = 0; k < study_.bins.size(); ++k)
      out += marked(study_.bins[k], R"(stroke="#888" stroke-dasharray="2 3")", fmt::format("{}+", k + 1), 0);
    if (control != 0) out += marked(control, R"(stroke="#009e73" stroke-dasharray="6 3")", "control", 1);
    out += marked(middle, R"(stroke="#000" stroke-width="2")", "median " + rounded(middle, 3), 2);
    out += svg_line(left_, kTop + kHeight, left_ + kWidth, kTop + kHeight, R"(stroke="#222")") + ticks_x();
    const std::size_t cells = (after_ ? study_.after : study_.before).cells;
    return out + svg_text(left_, 24, R"(font-size="15" font-weight="bold")",
                          fmt::format("{}: {} cells", after_ ? "After" : "Before", cells));
  }

 private:
  double x(double value) const {
    const double low = d_.edges.front(), high = d_.edges.back();
    return left_ + kWidth * std::clamp((value - low) / (high - low), 0.0, 1.0);
  }
  double y(double percent) const { return kTop + kHeight * (1 - percent / most_); }

  // A line at a value, with its name above in one of three rows.
  std::string marked(double value, const std::string& style, const std::string& name, int row) const {
    if (value < d_.edges.front() || value > d_.edges.back()) return "";
    return svg_line(x(value), kTop - 4, x(value), kTop + kHeight, style) +
           svg_text(x(value), kTop - 8 - 14 * row, R"(text-anchor="middle" fill="#444")", name);
  }
  std::string ticks_x() const {
    std::string out;
    const TickStep tick = tick_step((d_.edges.back() - d_.edges.front()) / 5);
    for (long k = static_cast<long>(d_.edges.front() / tick.step);
         static_cast<double>(k) * tick.step <= d_.edges.back(); ++k) {
      const double value = static_cast<double>(k) * tick.step;
      if (value < d_.edges.front()) continue;
      out +=
          svg_text(x(value), kTop + kHeight + 18, R"(text-anchor="middle")", rounded(value, std::max(0, tick.digits)));
    }
    return out;
  }
  std::string ticks_y() const {
    std::string out;
    const TickStep tick = tick_step(most_ / 4);
    for (long k = 0; static_cast<double>(k) * tick.step <= most_; ++k) {
      const double value = static_cast<double>(k) * tick.step;
      out += svg_line(left_, y(value), left_ + kWidth, y(value), R"(stroke="#e3e3e3")");
      if (!after_)
        out +=
            svg_text(left_ - 6, y(value) + 4, R"(text-anchor="end")", rounded(value, std::max(0, tick.digits)) + " %");
    }
    return out;
  }

  const LossStudy& study_;
  const LossDistribution& d_;
  bool after_;
  double left_, most_ = 0;
};

}  // namespace

LossDistribution distribution_of(const LossStudy& study) {
  const BlockSample before(study.before.values), after(study.after.values);
  double low = 0, high = 0;
  for (const BlockSample* sample : {&before, &after}) {
    low = std::min(low, sample->quantile(sample->once(), 0, 1));
    high = std::max(high, sample->quantile(sample->once(), 199, 200));
  }
  if (!(high > low)) high = low + 1;
  LossDistribution d;
  for (std::size_t i = 0; i <= kSteps; ++i)
    d.edges.push_back(low + (high - low) * static_cast<double>(i) / static_cast<double>(kSteps));
  d.before = percents(before, d.edges);
  d.after = percents(after, d.edges);
  return d;
}

std::string distribution_csv(const LossDistribution& d) {
  std::string text = "from,to,percent_before,percent_after\n";
  for (std::size_t i = 0; i < d.before.size(); ++i) {
    append_number(text, d.edges[i]);
    text += ',';
    if (i + 1 < d.before.size()) append_number(text, d.edges[i + 1]);  // the last step is open
    for (const double percent : {d.before[i], d.after[i]}) {
      text += ',';
      append_number(text, percent);
    }
    text += '\n';
  }
  return text;
}

std::string distribution_plot(const LossStudy& study, const LossDistribution& d) {
  const std::string title = study.question.marker + ", percent of cells by " + study.column;
  return svg_head(kLeft + 2 * kWidth + kGap + 24, kTop + kHeight + 48, title) + Panel(study, d, false).svg() +
         Panel(study, d, true).svg() +
         svg_text(kLeft, kTop + kHeight + 38, R"(fill="#555")", study.column + "; the last step holds all above too") +
         "</svg>\n";
}

}  // namespace hexaplex
