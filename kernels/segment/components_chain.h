#pragma once

#include <cstdint>

#include "kernels/runtime/atomics.h"
#include "kernels/runtime/word_bits.h"

namespace hexaplex::detail {

// Connected components on a device: a block joins the runs of its tile in shared memory, tiles are joined across their
// borders in device memory, and areas are summed in the tile before they leave it.
//
// Both are union-find for any number of threads at once. A root only ever comes to hang under a lower node, so every
// component ends under its least node, whatever the order of arrival.
// Sources: the link by compare-and-swap of R. J. Anderson and H. Woll, STOC 1991; tiles first, then their borders, of
// D. P. Playne and K. Hawick, IEEE TPDS 29 (2018) 1217-1230; runs as bits of words, of A. Hennequin, L. Lacassagne,
// L. Cabaret and Q. Meunier, DASIP 2018.

/// Marks what belongs to no component.
inline constexpr std::uint32_t kNoParent = 0xffffffffu;

/// The root of i. Shortens the path on its way: any ancestor may stand in a node's place, the lower the nearer to the
/// root. A minimum, so that a thread that comes late with what it once read lengthens no path: a node that was put
/// right under its root must stay there. `kNames` are the bits that name a parent; others are a root's own business,
/// and come up only when there are no more links.
template <std::uint32_t kNames = 0xffffffffu>
HX_HD inline std::uint32_t find_root(std::uint32_t* parent, std::uint32_t i) {
  std::uint32_t above = atomic_read(parent + i) & kNames;
  while (above != i) {
    const std::uint32_t next = atomic_read(parent + above) & kNames;
    if (next != above) atomic_min(parent + i, next);  // i is no root, and never will be one again
    i = above;
    above = next;
  }
  return i;
}

HX_HD inline void unite(std::uint32_t* parent, std::uint32_t a, std::uint32_t b) {
  for (;;) {
    a = find_root(parent, a);
    b = find_root(parent, b);
    if (a == b) return;
    const std::uint32_t low = a < b ? a : b, high = a < b ? b : a;
    if (atomic_exchange_if(parent + high, high, low) == high) return;  // else another thread was first
  }
}

/// The pixels of a tile in words of 32, from left to right and then from top to bottom, and a union-find over the runs
/// within the words. A thread owns a word; the methods are its share of a phase, in this order, unless they say
/// otherwise. `kGap`: between two runs of a word lies at least one pixel that belongs to neither.
template <int kAcross, int kRows, bool kGap>
struct RunForest {
  static constexpr int kWords = kAcross * kRows;
  static constexpr int kWidth = 32 * kAcross, kHeight = kRows;
  /// A run's node is named after its first pixel, so that nodes rise in raster order. Words lie an odd number apart:
  /// the same place in 32 words is in 32 banks.
  static constexpr int kNodesOfWord = kGap ? 16 : 32;
  static constexpr int kStride = kNodesOfWord + 1;
  static constexpr int kNodes = kWords * kStride;
  /// Of a node: the bits that name its parent. Above them a root keeps its area.
  static constexpr std::uint32_t kNames = 0xffff;
  static constexpr int kAreaShift = 16;
  static_assert(kNodes <= 0xffff && kWords * 32 <= 0x7fff);

  std::uint32_t belongs[kWords];  ///< pixels of components
  std::uint32_t left[kWords];     ///< of these, those joined to the pixel on their left, in the word before too
  std::uint32_t above[kWords];    ///< those joined to the pixel above them; none in the first row
  std::uint32_t tree[kNodes];

  HX_HD std::uint32_t heads(int word) const { return belongs[word] & ~(left[word] & ~1u); }
  HX_HD static std::uint32_t node(int word, int head) {
    return static_cast<std::uint32_t>(word * kStride + (kGap ? head >> 1 : head));
  }
  /// The run that holds a pixel.
  HX_HD std::uint32_t run_at(int word, int bit) const { return node(word, highest_bit(heads(word) & bits_up_to(bit))); }

  /// Calls f(node, begin, end) for every run of a word.
  template <class F>
  HX_HD void each_run(int word, F f) const {
    const std::uint32_t head = heads(word), stops = ~belongs[word] | head;
    for (std::uint32_t rest = head; rest != 0; rest &= rest - 1) {
      const int begin = lowest_bit(rest);
      const std::uint32_t after = stops & ~bits_up_to(begin);
      f(node(word, begin), begin, after != 0 ? lowest_bit(after) : 32);
    }
  }

  /// `left` and `above` of a mask, where equal neighbours are joined. Needs `belongs` of all words.
  HX_HD void link_mask(int word) {
    const std::uint32_t own = belongs[word];
    const std::uint32_t before = word % kAcross > 0 ? belongs[word - 1] >> 31 : 0;
    left[word] = own & (own << 1 | before);
    above[word] = word >= kAcross ? own & belongs[word - kAcross] : 0;
  }

  /// Makes every run a tree of its own.
  HX_HD void plant(int word) {
    each_run(word, [&](std::uint32_t n, int, int) { tree[n] = n; });
  }

  /// Joins runs. Where several pixels of a run touch the same run, the first of them does.
  HX_HD void join(int word) {
    const std::uint32_t up = above[word];
    for (std::uint32_t rest = up & (~(up << 1) | heads(word)); rest != 0; rest &= rest - 1) {
      const int bit = lowest_bit(rest);
      unite(tree, run_at(word, bit), run_at(word - kAcross, bit));
    }
    if ((left[word] & 1) != 0) unite(tree, node(word, 0), run_at(word - 1, 31));
  }

  /// Puts every run right under its root, and counts its pixels there.
  HX_HD void count(int word) {
    each_run(word, [&](std::uint32_t n, int begin, int end) {
      const std::uint32_t root = find_root<kNames>(tree, n);
      if (root != n) atomic_min(tree + n, root);
      atomic_add(tree + root, static_cast<std::uint32_t>(end - begin) << kAreaShift);
    });
  }
};

/// Least whole number of pixels that is not below a size: areas are whole, so this decides alike.
inline std::uint32_t least_area(double smallest_px) {
  if (!(smallest_px > 0)) return 0;
  if (smallest_px >= 4294967295.0) return 0xffffffffu;
  const auto floor = static_cast<std::uint32_t>(smallest_px);
  return floor + (smallest_px > floor ? 1 : 0);
}

}  // namespace hexaplex::detail
