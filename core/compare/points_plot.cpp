#include "core/compare/points_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "core/compare/wording.h"
#include "core/report/svg.h"
#include "core/report/text.h"
#include "core/statistics/effect.h"

namespace hexaplex {

namespace {

constexpr double kLeft = 78, kTop = 84, kPlotHeight = 260, kGap = 36, kRadius = 4.5, kCharacter = 7;

// Characters, not bytes: what takes room.
double width_of(const std::string& text) {
  return kCharacter * static_cast<double>(std::count_if(text.begin(), text.end(), [](char c) {
           return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
         }));
}

// Values to heights, with ticks at 1, 2 or 5 times a power of ten.
class ValueAxis {
 public:
  ValueAxis(double low, double high) {
    if (!(high > low)) high = low + (low == 0 ? 1 : low < 0 ? -low : low);
    const TickStep tick = tick_step((high - low) / 4);  // about five steps
    step_ = tick.step;
    digits_ = tick.digits;
    first_ = steps_below(low);
    last_ = first_;
    while (static_cast<double>(last_) * step_ < high) ++last_;
  }
  double y(double value) const {
    const double low = static_cast<double>(first_) * step_, high = static_cast<double>(last_) * step_;
    return kTop + kPlotHeight * (high - value) / (high - low);
  }
  std::string ticks(double right) const {
    std::string svg;
    for (long k = first_; k <= last_; ++k) {
      const double value = static_cast<double>(k) * step_;
      svg += svg_line(kLeft, y(value), right, y(value), R"(stroke="#e3e3e3")");
      svg += svg_text(kLeft - 8, y(value) + 4, R"(text-anchor="end")", rounded(value, std::max(0, digits_)));
    }
    return svg;
  }

 private:
  long steps_below(double low) const {
    long k = static_cast<long>(low / step_);
    while (static_cast<double>(k) * step_ > low) --k;
    return k;
  }
  double step_ = 1;
  int digits_ = 0;
  long first_ = 0, last_ = 1;
};

// A place along x: an organ, at one time point where groups are compared at several.
struct PlotSlot {
  std::string organ, timepoint;
  double left = 0, width = 0;
};

class Plot {
 public:
  Plot(const Study& study, const ScoreComparison& score)
      : study_(study), score_(score), wording_(wording_of(score.points.score)), axis_(axis_of()) {
    double x = kLeft;
    for (const std::string& organ : study.organs)
      for (const std::string& timepoint : study.timepoints) {
        const double columns = column_ * static_cast<double>(study.arms.size());
        const double needed = std::max({columns, width_of(organ), width_of(timepoint), width_of("p = 0.1234") + 8});
        slots_.push_back({organ, timepoint, x, needed + kGap});
        x += needed + kGap;
      }
    right_ = x;
  }

  std::string svg() const {
    double legend = kLeft;
    for (const std::string& arm : study_.arms) legend += width_of(arm) + 40;
    const double width = std::max({right_, legend, 24 + 1.2 * width_of(title())}) + 16;
    const double height = kTop + kPlotHeight + 16 * (label_lines() + 1.5);
    std::string out = svg_head(width, height, wording_.title);
    out += svg_text(12, 24, R"(font-size="15" font-weight="bold")", title());
    out += legend_line() + axis_.ticks(right_);
    if (!wording_.unit.empty())
      out += svg_text(kLeft - 8, kTop - 12, R"(text-anchor="end" fill="#555")", wording_.unit);
    for (const PlotSlot& slot : slots_) out += slot_svg(slot);
    out += svg_line(kLeft, kTop + kPlotHeight, right_, kTop + kPlotHeight, R"(stroke="#222")");
    return out + "</svg>\n";
  }

 private:
  std::string title() const { return wording_.title + ", one point for each " + study_.unit; }

  ValueAxis axis_of() const {
    double low = 0, high = 0;
    for (const UnitScore& unit : score_.points.units) {
      low = std::min(low, unit.value.score * wording_.scale);
      high = std::max(high, unit.value.score * wording_.scale);
    }
    return {low, high};
  }

  double y_of(const UnitScore& unit) const { return axis_.y(unit.value.score * wording_.scale); }

  std::string mark(double x, double y, std::size_t arm, const std::string& tip) const {
    const char* colour = plot_colour(arm);
    return fmt::format(
        "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\" stroke=\"{}\" "
        "stroke-width=\"1.5\"><title>{}</title></circle>\n",
        svg_px(x), svg_px(y), svg_px(kRadius), arm == 0 ? "#ffffff" : colour, colour, markup_text(tip));
  }

  std::string legend_line() const {
    std::string svg;
    double x = kLeft + 6;
    for (std::size_t arm = 0; arm < study_.arms.size(); ++arm) {
      svg += mark(x, 46, arm, study_.arms[arm]);
      svg += svg_text(x + 12, 50, "", study_.arms[arm]);
      x += width_of(study_.arms[arm]) + 40;
    }
    return svg;
  }

  double column_x(const PlotSlot& slot, std::size_t arm) const {
    const double columns = column_ * static_cast<double>(study_.arms.size());
    return slot.left + (slot.width - columns) / 2 + column_ * (static_cast<double>(arm) + 0.5);
  }

  std::vector<const UnitScore*> units_of(const PlotSlot& slot, const std::string& arm) const {
    std::vector<const UnitScore*> units;
    for (const UnitScore& unit : score_.points.units)
      if (unit.arm == arm && unit.organ == slot.organ && unit.timepoint == slot.timepoint) units.push_back(&unit);
    return units;
  }

  // Points of about one height step aside, so that each is seen.
  std::map<const UnitScore*, double> places_of(const std::vector<const UnitScore*>& units, double middle) const {
    std::map<const UnitScore*, double> placed;
    constexpr int kMostSteps = 5;  // beyond, points cover each other
    for (const UnitScore* unit : units)
      for (int step = 0; step <= 2 * kMostSteps; ++step) {
        const double aside = (step % 2 == 1 ? 1 : -1) * ((step + 1) / 2) * kRadius;
        const bool free = std::none_of(placed.begin(), placed.end(), [&](const auto& other) {
          const double dx = other.second - middle - aside, dy = y_of(*other.first) - y_of(*unit);
          return dx * dx + dy * dy < 4 * kRadius * kRadius;
        });
        if (!free && step < 2 * kMostSteps) continue;
        placed[unit] = middle + aside;
        break;
      }
    return placed;
  }

  std::string slot_svg(const PlotSlot& slot) const {
    std::string lines, marks;
    std::vector<std::pair<const UnitScore*, double>> before;  // of the arm to the left
    for (std::size_t arm = 0; arm < study_.arms.size(); ++arm) {
      const auto units = units_of(slot, study_.arms[arm]);
      const double middle = column_x(slot, arm);
      const auto places = places_of(units, middle);
      std::vector<double> values;
      std::vector<std::pair<const UnitScore*, double>> here;
      for (const UnitScore* unit : units) {
        const double x = places.at(unit);
        values.push_back(unit->value.score * wording_.scale);
        const std::array<double, 1> shown{values.back()};
        marks += mark(x, y_of(*unit), arm, unit->unit + ": " + rounded(values.back(), digits_for(shown)));
        here.emplace_back(unit, x);
        if (!study_.paired) continue;
        for (const auto& [other, other_x] : before)
          if (other->unit == unit->unit)
            lines += svg_line(other_x, y_of(*other), x, y_of(*unit), R"(stroke="#999999")");
      }
      before = std::move(here);
      if (values.empty()) continue;
      const double y = axis_.y(median(values));
      marks +=
          svg_line(middle - 20, y, middle + 20, y, fmt::format(R"(stroke="{}" stroke-width="2.5")", plot_colour(arm)));
    }
    return lines + marks + labels(slot);
  }

  // Below each slot: organ and time point where the cohort tells them, p and q where there is one of each.
  double label_lines() const {
    double lines = study_.arms.size() > 2 ? 0 : 2;
    for (const auto* names : {&study_.organs, &study_.timepoints}) lines += names->front().empty() ? 0 : 1;
    return lines;
  }

  std::string labels(const PlotSlot& slot) const {
    const double x = slot.left + slot.width / 2;
    double y = kTop + kPlotHeight + 20;
    std::string svg;
    for (const std::string& label : {slot.organ, slot.timepoint}) {
      if (label.empty()) continue;
      svg += svg_text(x, y, R"(text-anchor="middle" font-weight="bold")", label);
      y += 16;
    }
    if (study_.arms.size() > 2) return svg;  // several p: in the table
    for (const Comparison& c : score_.comparisons) {
      if (c.organ != slot.organ || c.timepoint != slot.timepoint) continue;
      svg += svg_text(x, y, R"(text-anchor="middle" fill="#444")", "p = " + p_text(c.permutation.p));
      if (c.family > 1) svg += svg_text(x, y + 16, R"(text-anchor="middle" fill="#444")", "q = " + p_text(c.q));
    }
    return svg;
  }

  const Study& study_;
  const ScoreComparison& score_;
  ScoreWording wording_;
  ValueAxis axis_;
  std::vector<PlotSlot> slots_;
  double right_ = 0;
  double column_ = study_.paired ? 96 : 56;  // lines between time points take room
};

}  // namespace

std::string points_plot(const Study& study, const ScoreComparison& score) {
  return Plot(study, score).svg();
}

}  // namespace hexaplex
