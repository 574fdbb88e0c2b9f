#pragma once

#include "kernels/intensity/unmix_non_negative_pixel.h"
#include "kernels/intensity/unmix_report_counters.h"
#include "kernels/intensity/upload.h"

namespace hexaplex::detail {

/// Pixels that pivoting does not decide, in any order.
struct UndecidedPixels {
  std::uint32_t* count;
  std::uint32_t* index;  ///< y * width + x, room for all
};

template <class T, int kLanes>
struct PivotPixel {
  TabledModel model;
  const Plane<const T>* bands;
  const Plane<float>* components;
  Plane<const std::uint16_t> remembered;  ///< no data: every pixel is pivoted
  Plane<std::uint16_t> sets;              ///< no data: not wanted
  ReportSlots report;
  UndecidedPixels undecided;

  HX_HD void operator()(int x, int y) const {
    const std::uint32_t every = first_passive_set(model.components).passive;
    TabledPixel<kLanes> pixel;
    pixel.correlate(model, bands, x, y);
    if (remembered.data != nullptr && remembered(x, y) != every) {
      const std::uint32_t passive = remembered(x, y);
      pixel.solve(model, passive);
      pixel.write(model, passive);
      pixel.store(model, components, x, y);
      return;
    }
    std::uint32_t passive = every;
    int rounds = 0;
    const bool ended = pixel.pivot(model, passive, rounds);
    pixel.write(model, passive);
    const double worst = pixel.relative_violation(model);
    const bool decided = ended && !(worst > kRetryViolation);
    report.add_pivots(x, static_cast<std::uint64_t>(rounds));
    // An undecided pixel starts with every component again wherever its set is remembered.
    if (sets.data != nullptr) sets(x, y) = static_cast<std::uint16_t>(decided ? passive : every);
    if (decided) {
      report.see_violation(x, worst);
      pixel.store(model, components, x, y);
    } else {
      undecided.index[atomic_add(undecided.count, 1u)] =
          static_cast<std::uint32_t>(static_cast<std::int64_t>(y) * bands[0].width() + x);
    }
  }
};

template <class T, int kLanes>
struct SearchPixel {
  TabledModel model;
  const Plane<const T>* bands;
  const Plane<float>* components;
  ReportSlots report;
  const std::uint32_t* index;

  HX_HD void operator()(std::int64_t i) const {
    const std::uint32_t width = static_cast<std::uint32_t>(bands[0].width());
    const int x = static_cast<int>(index[i] % width), y = static_cast<int>(index[i] / width);
    TabledPixel<kLanes> pixel;
    pixel.correlate(model, bands, x, y);
    report.see_violation(x, pixel.search_all_sets(model));
    pixel.store(model, components, x, y);
  }
};

template <int kLanes, class Q, class T>
NonNegativeReport unmix_by_tables(const Q& q, const UnmixModel& m, std::span<const Plane<const T>> bands,
                                  std::span<const Plane<float>> components, Plane<const std::uint16_t> remembered,
                                  Plane<std::uint16_t> sets) {
  const Extent extent = bands[0].extent;
  HX_EXPECT(extent.area() < 0xffffffff, "a plane on the device must have fewer than 2^32 - 1 pixels");
  const auto library = upload(q, std::span<const double>(m.library));
  const auto gram = upload(q, std::span<const double>(m.gram));
  const auto pivots = upload(q, std::span<const double>(m.pivots));
  const auto pivot_values = upload(q, std::span<const double>(m.pivot_values));
  const TabledModel model{library.data(), gram.data(),  pivots.data(),  pivot_values.data(),
                          m.bands,        m.components, m.offset_counts};
  const auto band_views = upload(q, bands);
  const auto component_views = upload(q, components);
  const ReportCounters<Q> counters(q);
  const WorkBuffer<std::uint32_t, Q> count(q, 1), index(q, static_cast<std::size_t>(extent.area()));
  fill_bytes(q, count.data(), 0, sizeof(std::uint32_t));
  for_each_pixel(q, extent,
                 PivotPixel<T, kLanes>{model,
                                       band_views.data(),
                                       component_views.data(),
                                       remembered,
                                       sets,
                                       counters.slots(),
                                       {count.data(), index.data()}},
                 "unmixing by pivots");
  NonNegativeReport report;
  report.pixels = extent.area();
  report.fallback_pixels = fetch(q, count.data());
  for_each_index(
      q, report.fallback_pixels,
      SearchPixel<T, kLanes>{model, band_views.data(), component_views.data(), counters.slots(), index.data()},
      "unmixing by all passive sets");
  counters.add_to(q, report);
  return report;
}

/// Models with a table. Memory: 4 bytes a pixel, and the model's tables.
template <class Q, class T>
NonNegativeReport unmix_tabled_chain(const Q& q, const UnmixModel& m, std::span<const Plane<const T>> bands,
                                     std::span<const Plane<float>> components, Plane<std::uint16_t> sets) {
  return m.lanes == 8 ? unmix_by_tables<8>(q, m, bands, components, {}, sets)
                      : unmix_by_tables<16>(q, m, bands, components, {}, sets);
}

/// The same memory.
template <class Q, class T>
void unmix_from_sets_chain(const Q& q, const UnmixModel& m, std::span<const Plane<const T>> bands,
                           Plane<const std::uint16_t> sets, std::span<const Plane<float>> components) {
  if (m.lanes == 8) {
    unmix_by_tables<8>(q, m, bands, components, sets, {});
  } else {
    unmix_by_tables<16>(q, m, bands, components, sets, {});
  }
}

}  // namespace hexaplex::detail
