#pragma once

#include <vector>

#include "kernels/intensity/unmix.h"
#include "kernels/intensity/unmix_non_negative_pixel.h"
#include "kernels/runtime/atomics.h"
#include "kernels/runtime/work_buffer.h"

namespace hexaplex::detail {

/// What pixels add to a NonNegativeReport, in the queue's memory. Neighbours count in different slots, so that they do
/// not wait for each other.
struct ReportSlots {
  static constexpr int kSlots = 1024;
  std::uint64_t* pivots;     ///< [kSlots]
  std::uint64_t* violation;  ///< [kSlots]: ordered bits of the largest

  HX_HD void add_pivots(int slot, std::uint64_t count) const { atomic_add(&pivots[slot % kSlots], count); }
  HX_HD void see_violation(int slot, double v) const {
    if (v > 0) see_violation_bits(slot, ordered_bits(v));
  }
  HX_HD void see_violation_bits(int slot, std::uint64_t bits) const { atomic_max(&violation[slot % kSlots], bits); }
};

template <class Q>
class ReportCounters {
 public:
  explicit ReportCounters(const Q& q) : values_(q, 2 * ReportSlots::kSlots + 1) {
    fill_bytes(q, values_.data(), 0, values_.size() * sizeof(std::uint64_t));
  }
  ReportSlots slots() const { return {values_.data(), values_.data() + ReportSlots::kSlots}; }
  /// Pixels that another way had to be taken for.
  std::uint64_t* fallback_pixels() const { return values_.data() + 2 * ReportSlots::kSlots; }

  /// Waits.
  void add_to(const Q& q, NonNegativeReport& report) const {
    std::vector<std::uint64_t> found(values_.size());
    fetch(q, values_.data(), found.data(), found.size());
    for (int i = 0; i < ReportSlots::kSlots; ++i) {
      report.pivots += static_cast<std::int64_t>(found[i]);
      const double violation = of_ordered_bits(found[ReportSlots::kSlots + i]);
      report.max_violation = report.max_violation < violation ? violation : report.max_violation;
    }
    report.fallback_pixels += static_cast<std::int64_t>(found[2 * ReportSlots::kSlots]);
  }

 private:
  WorkBuffer<std::uint64_t, Q> values_;
};

}  // namespace hexaplex::detail
