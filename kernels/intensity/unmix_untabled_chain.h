#pragma once

#include "kernels/intensity/unmix_active_set.h"
#include "kernels/intensity/unmix_report_counters.h"
#include "kernels/intensity/upload.h"

namespace hexaplex::detail {

/// One pixel of a model too large for a table. Its factors lie in the thread's local memory: such libraries are rare,
/// and a thread works long on a pixel.
template <class T>
struct UntabledPixel {
  const double* library;
  const double* gram;
  const double* to_value;
  int band_count, component_count, lanes;
  double offset;
  const Plane<const T>* bands;
  const Plane<float>* components;
  ReportSlots report;
  std::uint64_t* fallback_pixels;

  HX_HD void operator()(int x, int y) const {
    double c[kActiveSetLimit] = {};
    for (int b = 0; b < band_count; ++b) {
      const double counts = static_cast<double>(bands[b](x, y)) - offset;
      const double* row = library + static_cast<std::int64_t>(b) * lanes;
      for (int i = 0; i < component_count; ++i) c[i] += row[i] * counts;
    }
    double scale = 0;
    for (int i = 0; i < component_count; ++i) {
      const double magnitude = c[i] < 0 ? -c[i] : c[i];
      scale = scale < magnitude ? magnitude : scale;
    }
    const PixelProblem problem{gram, c, to_value, component_count, lanes, kFeasibility * scale};
    float written[kActiveSetLimit] = {};  // GCC cannot see that what is read was written
    std::int64_t pivots = 0;
    const UntabledResult found = solve_untabled(problem, scale, written, pivots);
    for (int i = 0; i < component_count; ++i)
      if (components[i].data != nullptr) components[i](x, y) = written[i];
    report.add_pivots(x, static_cast<std::uint64_t>(pivots));
    report.see_violation(x, found.violation);
    if (found.fell_back) atomic_add(fallback_pixels, std::uint64_t{1});
  }
};

template <class Q, class T>
NonNegativeReport unmix_untabled_chain(const Q& q, const UnmixModel& m, std::span<const Plane<const T>> bands,
                                       std::span<const Plane<float>> components) {
  const auto library = upload(q, std::span<const double>(m.library));
  const auto gram = upload(q, std::span<const double>(m.gram));
  const auto to_value = upload(q, std::span<const double>(m.to_value));
  const auto band_views = upload(q, bands);
  const auto component_views = upload(q, components);
  const ReportCounters<Q> counters(q);
  for_each_pixel(
      q, bands[0].extent,
      UntabledPixel<T>{library.data(), gram.data(), to_value.data(), m.bands, m.components, m.lanes, m.offset_counts,
                       band_views.data(), component_views.data(), counters.slots(), counters.fallback_pixels()},
      "unmixing by active sets");
  NonNegativeReport report;
  report.pixels = bands[0].extent.area();
  counters.add_to(q, report);
  return report;
}

}  // namespace hexaplex::detail
