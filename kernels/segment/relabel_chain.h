#pragma once

#include "kernels/runtime/atomics.h"
#include "kernels/runtime/work_buffer.h"

namespace hexaplex::detail {

// Label planes read, or replaced, pixel by pixel: a block takes a tile, a thread a column of it, several pixels at once
// so that several reads are on their way.

struct LabelTile {
  static constexpr int kThreads = 256;
  static constexpr int kWidth = 64, kHeight = 64;
  static constexpr int kRowsAtOnce = kThreads / kWidth;
  static constexpr int kBatch = 4;

  static BlockTiles over(Extent e) { return BlockTiles::over(e.width, e.height, kWidth, kHeight); }

  /// Calls f(x, rows, count) for thread t's pixels, up to kBatch in a column, `count` of which lie in the image.
  template <class F>
  HX_HD static void each_batch(Extent image, int left, int top, int t, F f) {
    const int x = left + t % kWidth;
    if (x >= image.width) return;
    for (int row = t / kWidth; row < kHeight; row += kBatch * kRowsAtOnce) {
      int rows[kBatch], count = 0;
      for (int k = 0; k < kBatch; ++k) {
        rows[k] = top + row + k * kRowsAtOnce;
        count += rows[k] < image.height ? 1 : 0;
      }
      if (count > 0) f(x, rows, count);
    }
  }
};

struct FindHighest {
  static constexpr int kThreads = LabelTile::kThreads;
  struct Shared {
    std::uint32_t highest;
  };
  Plane<const std::uint32_t> labels;
  BlockTiles tiles;
  std::uint32_t* highest;

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    const int left = tiles.left(block.index), top = tiles.top(block.index);
    block.each_thread([&](int t) {
      if (t == 0) s.highest = 0;
    });
    block.each_thread([&](int t) {
      std::uint32_t most = 0;
      LabelTile::each_batch(labels.extent, left, top, t, [&](int x, const int* rows, int count) {
        for (int k = 0; k < LabelTile::kBatch; ++k) {
          const std::uint32_t label = k < count ? labels(x, rows[k]) : 0;
          most = label > most ? label : most;
        }
      });
      atomic_max(&s.highest, most);
    });
    block.each_thread([&](int t) {
      if (t == 0) atomic_max(highest, s.highest);
    });
  }
};

template <class Q>
std::uint32_t highest_label_chain(const Q& q, Plane<const std::uint32_t> labels) {
  const WorkBuffer<std::uint32_t, Q> highest(q, 1);
  fill_bytes(q, highest.data(), 0, sizeof(std::uint32_t));
  const BlockTiles tiles = LabelTile::over(labels.extent);
  for_each_block(q, tiles.count(), FindHighest{labels, tiles, highest.data()}, "finding the highest label");
  return fetch(q, highest.data());
}

struct RenameTile {
  static constexpr int kThreads = LabelTile::kThreads;
  struct Shared {};
  Plane<std::uint32_t> labels;
  BlockTiles tiles;
  const std::uint32_t* name;

  HX_HD void operator()(const Block<kThreads>& block, Shared&) const {
    const int left = tiles.left(block.index), top = tiles.top(block.index);
    block.each_thread([&](int t) {
      LabelTile::each_batch(labels.extent, left, top, t, [&](int x, const int* rows, int count) {
        std::uint32_t label[LabelTile::kBatch];
        for (int k = 0; k < LabelTile::kBatch; ++k) label[k] = k < count ? labels(x, rows[k]) : 0;
        for (int k = 0; k < LabelTile::kBatch; ++k) label[k] = k < count ? name[label[k]] : 0;
        for (int k = 0; k < LabelTile::kBatch; ++k)
          if (k < count) labels(x, rows[k]) = label[k];
      });
    });
  }
};

template <class Q>
void rename_labels_chain(const Q& q, Plane<std::uint32_t> labels, const std::uint32_t* name) {
  const BlockTiles tiles = LabelTile::over(labels.extent);
  for_each_block(q, tiles.count(), RenameTile{labels, tiles, name}, "renaming labels");
}

}  // namespace hexaplex::detail
