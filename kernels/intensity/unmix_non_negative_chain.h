#pragma once

#include <vector>

#include "kernels/intensity/unmix_non_negative_block.h"
#include "kernels/intensity/unmix_report_counters.h"
#include "kernels/intensity/upload.h"

namespace hexaplex::detail {

/// Pixels that pivoting did not decide, by as many threads as there may be; each takes every `workers`-th.
template <class T, int kLanes>
struct SearchPixels {
  TabledModel model;
  const Plane<const T>* bands;
  const Plane<float>* components;
  ReportSlots report;
  UndecidedPixels undecided;
  std::int64_t workers;

  HX_HD void operator()(std::int64_t worker) const {
    const std::uint32_t width = static_cast<std::uint32_t>(bands[0].width());
    for (std::int64_t i = worker; i < static_cast<std::int64_t>(*undecided.count); i += workers) {
      const int x = static_cast<int>(undecided.index[i] % width), y = static_cast<int>(undecided.index[i] / width);
      TabledPixel<kLanes> pixel;
      pixel.correlate(model, bands, x, y);
      pixel.find_scale();
      report.see_violation(x, pixel.search_all_sets(model));
      for (int l = 0; l < TabledPixel<kLanes>::kRows; ++l)
        if (l < model.components && components[l].data != nullptr) components[l](x, y) = pixel.written[l];
    }
  }
};

/// A model's tables on a queue, in one piece.
template <class Q>
struct ModelOnQueue {
  WorkBuffer<double, Q> tables;
  TabledModel model;

  ModelOnQueue(const Q& q, const UnmixModel& m) {
    std::vector<double> all;
    std::vector<std::size_t> first;
    for (const auto* table : {&m.library, &m.gram, &m.pivots, &m.to_value}) {
      first.push_back(all.size());
      all.insert(all.end(), table->begin(), table->end());
      all.resize((all.size() + kAligned - 1) / kAligned * kAligned);
    }
    tables = upload(q, std::span<const double>(all));
    const double* const there = tables.data();
    model = {there + first[0], there + first[1], there + first[2], there + first[3],
             m.bands,          m.components,     m.offset_counts};
  }

 private:
  static constexpr std::size_t kAligned = 16;  // rows of a table are read 128 bytes at a time
};

template <int kLanes, int kRows, class Q, class T>
NonNegativeReport unmix_with_rows(const Q& q, const UnmixModel& m, std::span<const Plane<const T>> bands,
                                  std::span<const Plane<float>> components, Plane<const std::uint16_t> remembered,
                                  Plane<std::uint16_t> sets) {
  constexpr std::int64_t kMostWorkers = 1 << 16;
  const std::int64_t pixels = bands[0].extent.area();
  HX_EXPECT(pixels < 0xffffffff, "a plane on the device must have fewer than 2^32 - 1 pixels");
  const ModelOnQueue<Q> tables(q, m);
  const auto band_views = upload(q, bands);
  const auto component_views = upload(q, components);
  const ReportCounters<Q> counters(q);
  const WorkBuffer<std::uint32_t, Q> index(q, static_cast<std::size_t>(pixels));
  const UndecidedPixels undecided{counters.fallback_pixels(), index.data()};
  using Block = PivotBlock<T, kLanes, kRows>;
  const std::size_t every = first_passive_set(m.components).passive;
  for_each_block(
      q, (pixels + Block::kPixels - 1) / Block::kPixels,
      Block{tables.model, Block::Matrix::of(m.gram.data(), m.components),
            Block::Matrix::of(m.pivots.data() + every * m.pivot_stride(), m.components), Block::Bands::of(m, bands),
            band_views.data(), component_views.data(), remembered, sets, counters.slots(), undecided, bands[0].extent},
      "unmixing by pivots");
  const std::int64_t workers = pixels < kMostWorkers ? pixels : kMostWorkers;
  for_each_index(q, workers,
                 SearchPixels<T, kLanes>{tables.model, band_views.data(), component_views.data(), counters.slots(),
                                         undecided, workers},
                 "unmixing by all passive sets");
  NonNegativeReport report;
  report.pixels = pixels;
  counters.add_to(q, report);
  return report;
}

/// With no more rows than the model needs: each is an eighth of the work.
template <class Q, class T>
NonNegativeReport unmix_by_tables(const Q& q, const UnmixModel& m, std::span<const Plane<const T>> bands,
                                  std::span<const Plane<float>> components, Plane<const std::uint16_t> remembered,
                                  Plane<std::uint16_t> sets) {
  if (m.lanes > 8) return unmix_with_rows<16, kMaxTabledComponents>(q, m, bands, components, remembered, sets);
  if (m.components > 7) return unmix_with_rows<8, 8>(q, m, bands, components, remembered, sets);
  return unmix_with_rows<8, 7>(q, m, bands, components, remembered, sets);
}

/// Models with a table. Memory: 4 bytes a pixel, and the model's tables.
template <class Q, class T>
NonNegativeReport unmix_tabled_chain(const Q& q, const UnmixModel& m, std::span<const Plane<const T>> bands,
                                     std::span<const Plane<float>> components, Plane<std::uint16_t> sets) {
  return unmix_by_tables(q, m, bands, components, {}, sets);
}

/// The same memory.
template <class Q, class T>
void unmix_from_sets_chain(const Q& q, const UnmixModel& m, std::span<const Plane<const T>> bands,
                           Plane<const std::uint16_t> sets, std::span<const Plane<float>> components) {
  unmix_by_tables(q, m, bands, components, sets, {});
}

}  // namespace hexaplex::detail
