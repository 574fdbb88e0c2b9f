#include "kernels/measure/region_medians.h"

#include <algorithm>
#include <limits>

#include "kernels/runtime/error.h"
#include "kernels/runtime/host_device.h"

namespace hexaplex {

namespace {

// Steps of equal width: few values share one, and the counts stay in the nearest cache.
std::size_t step_count(std::size_t values) {
  std::size_t steps = 64;
  while (steps < 4096 && steps * 8 < values) steps *= 2;
  return steps;
}

HX_CLONES void find_steps(const float* values, std::size_t count, double low, double scale, std::int32_t last,
                          std::uint16_t* step) {
  for (std::size_t i = 0; i < count; ++i) {
    // Rounding is monotone, so a greater value never has a lower step.
    const auto s = static_cast<std::int32_t>((static_cast<double>(values[i]) - low) * scale);
    step[i] = static_cast<std::uint16_t>(s < last ? s : last);
  }
}

}  // namespace

void MedianFinder::set_region(std::span<const PixelRun> runs, const PixelSets& sets) {
  sets_of_pixel_.clear();
  count_.fill(0);
  for (const PixelRun& r : runs) {
    const std::uint8_t mask = sets[r.part];
    sets_of_pixel_.insert(sets_of_pixel_.end(), static_cast<std::size_t>(r.end - r.begin), mask);
    for (int s = 0; s < kMaxPixelSets; ++s)
      if (mask >> s & 1) count_[static_cast<std::size_t>(s)] += r.end - r.begin;
  }
}

void MedianFinder::find(std::span<const float> values, std::span<double> medians) {
  HX_EXPECT(values.size() == sets_of_pixel_.size() && medians.size() <= kMaxPixelSets,
            "one value is needed for each pixel of the region");
  const std::size_t n = values.size(), sets = medians.size();
  std::fill(medians.begin(), medians.end(), std::numeric_limits<double>::quiet_NaN());
  if (n == 0) return;
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  const double low = *least, high = *greatest;
  if (low == high) {
    for (std::size_t s = 0; s < sets; ++s)
      if (count_[s] > 0) medians[s] = low + 0.0;
    return;
  }
  const std::size_t steps = step_count(n);
  step_.resize(n);
  find_steps(values.data(), n, low, static_cast<double>(steps) / (high - low), static_cast<std::int32_t>(steps) - 1,
             step_.data());
  // Counted by the pixel's mask, of which few occur; a mask's counts then go to each of its sets.
  std::array<std::int16_t, 256> row_of_mask;
  row_of_mask.fill(-1);
  std::array<std::uint8_t, 256> mask_of_row;
  std::int16_t rows = 0;
  in_step_.clear();
  for (std::size_t i = 0; i < n; ++i) {
    std::int16_t& row = row_of_mask[sets_of_pixel_[i]];
    if (row < 0) {
      mask_of_row[static_cast<std::size_t>(rows)] = sets_of_pixel_[i];
      row = rows++;
      in_step_.resize(static_cast<std::size_t>(rows) * steps, 0u);
    }
    ++in_step_[static_cast<std::size_t>(row) * steps + step_[i]];
  }
  wanted_.assign(steps, 0);
  struct Place {
    std::size_t lower = 0, upper = 0;  // steps of the two middle values
    std::int64_t before = 0;           // values below step `lower`
  };
  std::array<Place, kMaxPixelSets> places;
  for (std::size_t s = 0; s < sets; ++s) {
    near_[s].clear();
    if (count_[s] == 0) continue;
    const std::int64_t lower_rank = (count_[s] - 1) / 2, upper_rank = count_[s] / 2;
    std::int64_t seen = 0;
    bool has_lower = false;
    for (std::size_t step = 0; step < steps; ++step) {
      std::int64_t here = 0;
      for (std::int16_t row = 0; row < rows; ++row)
        if (mask_of_row[static_cast<std::size_t>(row)] >> s & 1)
          here += in_step_[static_cast<std::size_t>(row) * steps + step];
      if (!has_lower && seen + here > lower_rank) {
        places[s].lower = step;
        places[s].before = seen;
        has_lower = true;
      }
      if (seen + here > upper_rank) {
        places[s].upper = step;
        break;
      }
      seen += here;
    }
    wanted_[places[s].lower] |= static_cast<std::uint8_t>(1u << s);
    wanted_[places[s].upper] |= static_cast<std::uint8_t>(1u << s);
  }
  for (std::size_t i = 0; i < n; ++i)
    if (const unsigned hit = wanted_[step_[i]] & sets_of_pixel_[i])
      for (std::size_t s = 0; s < sets; ++s)
        if (hit >> s & 1) near_[s].push_back(values[i]);
  for (std::size_t s = 0; s < sets; ++s) {
    if (count_[s] == 0) continue;
    // Whatever lies between the two steps is empty, so `near_` holds the ranks from `before` on without a gap.
    auto& near = near_[s];
    const auto upper = near.begin() + (count_[s] / 2 - places[s].before);
    std::nth_element(near.begin(), upper, near.end());
    double middle = *upper;
    if (count_[s] % 2 == 0) middle = (static_cast<double>(*std::max_element(near.begin(), upper)) + middle) / 2;
    medians[s] = middle + 0.0;  // never -0
  }
}

}  // namespace hexaplex
