#pragma once

#include "kernels/measure/label_runs.h"
#include "kernels/measure/ordered_float.h"
#include "kernels/measure/region_medians.h"
#include "kernels/runtime/for_each_block.h"
#include "kernels/runtime/unrolled.h"

namespace hexaplex::detail {

/// Medians of the sets of one region and channel by radix selection: eight bits of the lower middle key at a time, of
/// all sets at once, then the next key above it. Bits that all keys of the region share are not looked at.
struct SelectMedians {
  static constexpr int kThreads = 128;
  static constexpr int kDigitBits = 8, kDigits = 1 << kDigitBits;
  static constexpr int kRuns = 16, kRun = kDigits / kRuns;  ///< digits are summed by runs first
  static_assert(kRuns * kMaxPixelSets <= kThreads);

  struct Shared {
    std::uint32_t count[kMaxPixelSets][kDigits];
    std::uint32_t runs[kMaxPixelSets][kRuns];
    std::uint32_t pixels[kMaxPixelSets];  ///< of a set
    std::uint32_t rank[kMaxPixelSets];    ///< of the lower middle key among those that share the bits known so far
    std::uint32_t key[kMaxPixelSets];     ///< the bits known so far, less the least key
    std::uint32_t equal[kMaxPixelSets];   ///< keys with the digit found last
    std::uint32_t above[kMaxPixelSets];   ///< the next greater key, less the least key
    std::uint32_t begin[kPartCount + 1];
    std::uint32_t not_least, greatest;  ///< of all keys of the region; the least with all bits inverted
  };

  const std::uint32_t* begin;  ///< [row][part]
  const std::uint32_t* keys;
  std::uint32_t set_masks;  ///< PixelSets, a byte for each part
  int sets;
  double* medians;  ///< [row][set]

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    block.each_thread([&](int t) {
      if (t <= kPartCount) s.begin[t] = begin[block.index * kPartCount + t];
      if (t == 0) s.not_least = s.greatest = 0;
    });
    block.each_thread([&](int t) {
      if (t < sets) start(s, t);
      std::uint32_t not_least = 0, greatest = 0;
      const std::uint32_t* own = keys + s.begin[0];
      const std::uint32_t count = s.begin[kPartCount] - s.begin[0];
      for (std::uint32_t i = static_cast<std::uint32_t>(t); i < count; i += kThreads) {
        const std::uint32_t key = own[i];
        not_least = ~key > not_least ? ~key : not_least;
        greatest = key > greatest ? key : greatest;
      }
      if (greatest == 0) return;  // of no key
      raise(&s.not_least, not_least);
      raise(&s.greatest, greatest);
    });
    const std::uint32_t least = ~s.not_least, spread = s.greatest - least;
    int bits = 0;
    while (bits < 32 && spread >> bits != 0) bits += kDigitBits;
    for (int shift = bits - kDigitBits; shift >= 0; shift -= kDigitBits) {
      block.each_thread([&](int t) {
        for (int i = t; i < sets * kDigits; i += kThreads) s.count[i / kDigits][i % kDigits] = 0;
      });
      block.each_thread([&](int t) {
        each_key(s, t, [&](std::uint32_t key, int set) {
          const std::uint32_t rest = (key - least) ^ s.key[set];
          // Shifted twice, for a shift by 32 is none.
          if (rest >> shift >> kDigitBits == 0) atomic_add(&s.count[set][rest >> shift], 1u);
        });
      });
      block.each_thread([&](int t) {
        if (t >= sets * kRuns) return;
        std::uint32_t sum = 0;
        for (int i = 0; i < kRun; ++i) sum += s.count[t / kRuns][t % kRuns * kRun + i];
        s.runs[t / kRuns][t % kRuns] = sum;
      });
      block.each_thread([&](int t) {
        if (t < sets) decide(s, t, shift);
      });
    }
    if (bits > 0)
      block.each_thread([&](int t) {
        std::uint32_t next[kMaxPixelSets];
        unrolled<kMaxPixelSets>([&](int set) { next[set] = 0; });
        each_key(s, t, [&](std::uint32_t key, int set) {
          const std::uint32_t inverted = key - least > s.key[set] ? ~(key - least) : 0;
          unrolled<kMaxPixelSets>([&](int i) {
            if (i == set && inverted > next[i]) next[i] = inverted;
          });
        });
        unrolled<kMaxPixelSets>([&](int set) {
          if (next[set] != 0) raise(&s.above[set], next[set]);
        });
      });
    block.each_thread([&](int t) {
      if (t < sets) medians[block.index * sets + t] = median(s, t, least);
    });
  }

 private:
  HX_HD unsigned sets_of(int part) const { return set_masks >> (8 * part) & 0xffu; }

  HX_HD void start(Shared& s, int set) const {
    std::uint32_t pixels = 0;
    for (int part = 0; part < kPartCount; ++part)
      if ((sets_of(part) >> set & 1u) != 0) pixels += s.begin[part + 1] - s.begin[part];
    s.pixels[set] = pixels;
    s.rank[set] = pixels == 0 ? 0 : (pixels - 1) / 2;
    s.key[set] = 0;
    s.equal[set] = pixels;
    s.above[set] = 0;
  }

  /// Calls f(key, set) for a thread's share of the keys, once for each of their sets.
  template <class F>
  HX_HD void each_key(const Shared& s, int t, F f) const {
    for (int part = 0; part < kPartCount; ++part) {
      const unsigned mask = sets_of(part);
      if (mask == 0) continue;
      const std::uint32_t* own = keys + s.begin[part];
      const std::uint32_t count = s.begin[part + 1] - s.begin[part];
      for (std::uint32_t i = static_cast<std::uint32_t>(t); i < count; i += kThreads) {
        const std::uint32_t key = own[i];
        for (int set = 0; set < sets; ++set)
          if ((mask >> set & 1u) != 0) f(key, set);
      }
    }
  }

  HX_HD static void decide(Shared& s, int set, int shift) {
    if (s.pixels[set] == 0) return;
    std::uint32_t rank = s.rank[set];
    int run = 0;
    while (rank >= s.runs[set][run]) rank -= s.runs[set][run++];
    int digit = run * kRun;
    while (rank >= s.count[set][digit]) rank -= s.count[set][digit++];
    s.rank[set] = rank;
    s.equal[set] = s.count[set][digit];
    s.key[set] |= static_cast<std::uint32_t>(digit) << shift;
  }

  HX_HD static double median(const Shared& s, int set, std::uint32_t least) {
    double middle = static_cast<double>(value_of_key(s.key[set] + least));
    if (s.pixels[set] == 0) {
      const std::uint64_t nan = 0x7ff8000000000000ull;
      memcpy(&middle, &nan, sizeof middle);
    } else if (s.pixels[set] % 2 == 0 && s.rank[set] + 1 >= s.equal[set]) {
      middle = (middle + static_cast<double>(value_of_key(~s.above[set] + least))) / 2;
    }
    return middle + 0.0;  // never -0
  }
};

}  // namespace hexaplex::detail
