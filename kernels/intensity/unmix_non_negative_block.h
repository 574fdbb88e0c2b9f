#pragma once

#include "kernels/intensity/unmix_non_negative_pixel.h"
#include "kernels/intensity/unmix_report_counters.h"
#include "kernels/runtime/atomics.h"
#include "kernels/runtime/for_each_block.h"
#include "kernels/runtime/unrolled.h"
#include "kernels/runtime/word_bits.h"

// Pivoting of many pixels at a time. Pixels need different numbers of rounds and go different ways through the tables:
// a thread a pixel would wait for the slowest of its warp and read 32 matrices at once. So a block takes what is still
// to be pivoted round by round, sorted by passive set: all threads work, and neighbours read the same matrix. What
// every pixel reads travels in the launch's parameters, and the last few pixels are pivoted to their end.

namespace hexaplex::detail {

/// Pixels that pivoting does not decide, in any order.
struct UndecidedPixels {
  std::uint64_t* count;
  std::uint32_t* index;  ///< y * width + x, room for all
};

/// Where the pivoting of one pixel stands, in a word.
struct PivotWord {
  /// kEnded: the pivoting has left no row negative; kGivenUp: it has not.
  enum Stage : std::uint32_t { kPivoting, kRemembered, kKnown, kEnded, kGivenUp };
  std::uint32_t bits;

  HX_HD PivotWord(PivotState s, int rounds, Stage stage)
      : bits(s.passive | static_cast<std::uint32_t>(s.fewest) << 16 | static_cast<std::uint32_t>(s.patience) << 20 |
             static_cast<std::uint32_t>(rounds) << 22 | stage << 28) {}
  HX_HD explicit PivotWord(std::uint32_t word) : bits(word) {}

  HX_HD PivotState state() const {
    return {passive(), static_cast<std::int32_t>(bits >> 16 & 15u), static_cast<std::int32_t>(bits >> 20 & 3u)};
  }
  HX_HD std::uint32_t passive() const { return bits & 0xffffu; }
  HX_HD int rounds() const { return static_cast<int>(bits >> 22 & 63u); }
  HX_HD Stage stage() const { return static_cast<Stage>(bits >> 28); }
  HX_HD bool goes_on() const { return stage() <= kRemembered; }
};
static_assert(kMaxRounds < 64 && kMaxTabledComponents + 1 < 16, "a PivotWord holds 6 and 4 bits");

/// A matrix of a model in the parameters of a launch, from where a device reads without loading.
template <int kLanes, int kColumns>
struct InParameters {
  alignas(16) double values[kColumns * kLanes];

  static InParameters of(const double* columns, int count) {
    InParameters out{};
    for (int i = 0; i < count * kLanes; ++i) out.values[i] = columns[i];
    return out;
  }
};

/// The bands of a slide there too, with what they weigh: of models with 8 lanes and few bands.
template <class T, int kLanes>
struct BandsInParameters {
  static constexpr int kMost = kLanes == 8 ? 12 : 0;
  InParameters<kLanes, kMost + 1> library;
  Plane<const T> planes[kMost + 1];

  static BandsInParameters of(const UnmixModel& m, std::span<const Plane<const T>> bands) {
    BandsInParameters out{};
    if (m.bands > kMost) return out;
    out.library = InParameters<kLanes, kMost + 1>::of(m.library.data(), m.bands);
    for (int b = 0; b < m.bands; ++b) out.planes[b] = bands[static_cast<std::size_t>(b)];
    return out;
  }
};

template <class T, int kLanes, int kRows>
struct PivotBlock {
  static constexpr int kThreads = 128;
  static constexpr int kBlocksAtOnce = kRows < 8 ? 7 : 6;  ///< in a multiprocessor: registers for all, without spills
  static constexpr int kPixels = 256;
  static constexpr int kBins = 256;  ///< the lowest bits of a passive set
  static constexpr int kFew = 48;    ///< so many pixels are no longer sorted
  static constexpr int kTallies = 8;
  using Pixel = TabledPixel<kLanes, kRows>;
  using Matrix = InParameters<kLanes, rows_of_lanes(kLanes)>;
  using Bands = BandsInParameters<T, kLanes>;

  /// What pixels add to the report.
  struct Tally {
    std::uint32_t pivots;
    double violation;
  };

  struct Shared {
    double c[Pixel::kRows][kPixels];  ///< A^T b
    float written[Pixel::kRows][kPixels];
    double scale[kPixels];
    std::uint32_t words[kPixels];
    std::uint16_t list[kPixels];  ///< pixels that go on, sorted by bin
    std::uint32_t bins[kBins];
    std::uint32_t listed[2];  ///< their number, in turns: one is read while the other is counted
    Tally tallies[kThreads];
  };

  TabledModel model;
  Matrix gram;   ///< its first `model.components` columns
  Matrix every;  ///< the pivot matrix of all components
  Bands few_bands;
  const Plane<const T>* bands;  ///< read where there are too many for few_bands
  const Plane<float>* components;
  Plane<const std::uint16_t> remembered;  ///< no data: every pixel is pivoted
  Plane<std::uint16_t> sets;              ///< no data: not wanted
  ReportSlots report;
  UndecidedPixels undecided;
  Extent extent;

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    const std::int64_t first = block.index * kPixels, left = extent.area() - first;
    const int count = left < kPixels ? static_cast<int>(left) : kPixels;
    block.each_thread([&](int t) {
      const Place origin = place(first);
      Counts next{};
      if (t < count) next = look(moved(origin, t));
      for (int k = t; k < count; k += kThreads) {
        const Counts counts = next;  // those of the pixel after this one are on their way
        if (k + kThreads < count) next = look(moved(origin, k + kThreads));
        begin(counts, moved(origin, k), k, s);
      }
    });
    sort(block, s, 0, count);
    for (int turn = 0; s.listed[turn] > 0; turn ^= 1) {
      const int listed = static_cast<int>(s.listed[turn]);
      const bool few = listed <= kFew;
      block.each_thread([&](int t) {
        for (int i = t; i < listed; i += kThreads) {
          const int k = s.list[i];
          Pixel pixel;
          for (int l = 0; l < Pixel::kRows; ++l) pixel.c[l] = s.c[l][k];
          pixel.scale = s.scale[k];
          do {
            pixel.solve(model, PivotWord(s.words[k]).passive());
            pivot(pixel, k, s);
          } while (few && PivotWord(s.words[k]).goes_on());
        }
      });
      if (few) break;
      sort(block, s, turn ^ 1, count);
    }
    block.each_thread([&](int t) {
      const Place origin = place(first);
      Tally tally{0, 0};
      for (int k = t; k < count; k += kThreads) store(first + k, moved(origin, k), k, s, tally);
      s.tallies[t] = tally;
    });
    gather<kTallies>(block, s);
    gather<1>(block, s);
    block.each_thread([&](int t) {
      if (t > 0) return;
      report.add_pivots(static_cast<int>(block.index), s.tallies[0].pivots);
      report.see_violation(static_cast<int>(block.index), s.tallies[0].violation);
    });
  }

 private:
  struct Place {
    int x, y;
  };
  HX_HD Place place(std::int64_t pixel) const {
    const auto i = static_cast<std::uint32_t>(pixel), width = static_cast<std::uint32_t>(extent.width);
    return {static_cast<int>(i % width), static_cast<int>(i / width)};
  }
  /// The k-th pixel from there on, k < kPixels: without a division in all but narrow images.
  HX_HD Place moved(Place from, int k) const {
    if (extent.width < kPixels) return place(std::int64_t{from.y} * extent.width + from.x + k);
    const int x = from.x + k;
    return x < extent.width ? Place{x, from.y} : Place{x - extent.width, from.y + 1};
  }

  /// What few_bands hold of a pixel.
  struct Counts {
    T of[Bands::kMost + 1];
  };
  HX_HD Counts look(Place at) const {
    Counts counts{};
    if (model.bands > Bands::kMost) return counts;
    unrolled<Bands::kMost>([&](int b) {
      if (b < model.bands) counts.of[b] = few_bands.planes[b](at.x, at.y);
    });
    return counts;
  }
  HX_HD void correlate(Pixel& pixel, const Counts& counts, Place at) const {
    if (model.bands > Bands::kMost) return pixel.correlate(model, bands, at.x, at.y);
    for (int l = 0; l < Pixel::kRows; ++l) pixel.c[l] = 0;
    unrolled<Bands::kMost>([&](int b) {
      if (b < model.bands)
        pixel.add_band(few_bands.library.values + b * kLanes, exact_double(counts.of[b]) - model.offset);
    });
  }

  /// The first round, but for pixels whose set is remembered.
  HX_HD void begin(const Counts& counts, Place at, int k, Shared& s) const {
    Pixel pixel;
    correlate(pixel, counts, at);
    pixel.find_scale();
    for (int l = 0; l < Pixel::kRows; ++l) s.c[l][k] = pixel.c[l];
    s.scale[k] = pixel.scale;
    PivotState state = first_passive_set(model.components);
    if (remembered.data != nullptr && remembered(at.x, at.y) != state.passive) {
      state.passive = remembered(at.x, at.y);
      s.words[k] = PivotWord(state, 0, PivotWord::kRemembered).bits;
      return;
    }
    s.words[k] = PivotWord(state, 0, PivotWord::kPivoting).bits;
    Pixel::multiply_rows(every.values, pixel.c, model.components, pixel.solution);
    pivot(pixel, k, s);
  }

  /// Ends one round of a pixel that is solved for its passive set.
  HX_HD void pivot(Pixel& pixel, int k, Shared& s) const {
    const PivotWord word(s.words[k]);
    if (word.stage() == PivotWord::kRemembered) return write(pixel, word.state(), 0, PivotWord::kKnown, k, s);
    PivotState state = word.state();
    const int rounds = word.rounds() + 1;
    const std::uint32_t negative = pixel.negative_rows();
    if (negative == 0) return write(pixel, state, rounds, PivotWord::kEnded, k, s);
    if (rounds == kMaxRounds) return write(pixel, state, rounds, PivotWord::kGivenUp, k, s);
    next_passive_set(state, negative, count_bits(negative));
    s.words[k] = PivotWord(state, rounds, PivotWord::kPivoting).bits;
  }

  HX_HD void write(Pixel& pixel, PivotState state, int rounds, PivotWord::Stage stage, int k, Shared& s) const {
    pixel.write(model, state.passive);
    for (int l = 0; l < Pixel::kRows; ++l) s.written[l][k] = pixel.written[l];
    s.words[k] = PivotWord(state, rounds, stage).bits;
  }

  /// Leaves what every `to`-th tally comes to in the first `to` of them.
  template <int to>
  HX_HD static void gather(const Block<kThreads>& block, Shared& s) {
    constexpr int from = to == 1 ? kTallies : kThreads;
    block.each_thread([&](int t) {
      if (t >= to) return;
      Tally sum = s.tallies[t];
      for (int i = t + to; i < from; i += to) {
        sum.pivots += s.tallies[i].pivots;
        sum.violation = s.tallies[i].violation > sum.violation ? s.tallies[i].violation : sum.violation;
      }
      s.tallies[t] = sum;
    });
  }

  HX_HD static std::uint32_t bin(std::uint32_t word) { return PivotWord(word).passive() % kBins; }

  /// Lists the pixels that go on. Bins come in any order: a block's results do not depend on it.
  HX_HD static void sort(const Block<kThreads>& block, Shared& s, int turn, int count) {
    block.each_thread([&](int t) {
      for (int b = t; b < kBins; b += kThreads) s.bins[b] = 0;
      if (t == 0) s.listed[turn] = 0;
    });
    block.each_thread([&](int t) {
      for (int k = t; k < count; k += kThreads)
        if (PivotWord(s.words[k]).goes_on()) atomic_add(&s.bins[bin(s.words[k])], 1u);
    });
    block.each_thread([&](int t) {
      for (int b = t; b < kBins; b += kThreads)
        if (s.bins[b] > 0) s.bins[b] = atomic_add(&s.listed[turn], s.bins[b]);
    });
    block.each_thread([&](int t) {
      for (int k = t; k < count; k += kThreads)
        if (PivotWord(s.words[k]).goes_on())
          s.list[atomic_add(&s.bins[bin(s.words[k])], 1u)] = static_cast<std::uint16_t>(k);
    });
  }

  /// Checks a pixel and writes it, or hands it on.
  HX_HD void store(std::int64_t index, Place at, int k, const Shared& s, Tally& tally) const {
    const PivotWord word(s.words[k]);
    Pixel pixel;
    for (int l = 0; l < Pixel::kRows; ++l) pixel.written[l] = s.written[l][k];
    bool decided = true;
    if (word.stage() != PivotWord::kKnown) {
      for (int l = 0; l < Pixel::kRows; ++l) pixel.c[l] = s.c[l][k];
      pixel.scale = s.scale[k];
      const double worst = pixel.relative_violation(gram.values, model.components);
      decided = word.stage() == PivotWord::kEnded && !(worst > kRetryViolation);
      tally.pivots += static_cast<std::uint32_t>(word.rounds());
      if (decided) tally.violation = worst > tally.violation ? worst : tally.violation;
    }
    // An undecided pixel starts with every component again wherever its set is remembered.
    if (sets.data != nullptr)
      sets(at.x, at.y) =
          static_cast<std::uint16_t>(decided ? word.passive() : first_passive_set(model.components).passive);
    if (!decided) {
      undecided.index[atomic_add(undecided.count, std::uint64_t{1})] = static_cast<std::uint32_t>(index);
      return;
    }
    for (int l = 0; l < Pixel::kRows; ++l)
      if (l < model.components && components[l].data != nullptr) components[l](at.x, at.y) = pixel.written[l];
  }
};

}  // namespace hexaplex::detail
