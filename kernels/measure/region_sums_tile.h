#pragma once

#include "kernels/measure/fixed_split.h"
#include "kernels/measure/ordered_float.h"
#include "kernels/measure/region_tile.h"

namespace hexaplex::detail {

__extension__ using WideBits = unsigned __int128;

/// What DeviceChannelSums are made of. No carry has to be waited for: a table has fewer than 2^24 additions of squares
/// to one place, thirteen a tile, and 2^31 of anything.
HX_HD inline void add_sum(DeviceChannelSums& to, std::int64_t sum) {
  atomic_add(&to.sum_low, static_cast<std::uint64_t>(sum) & 0xffffffffu);
  atomic_add(&to.sum_high, static_cast<std::uint64_t>(sum >> 32));
}
HX_HD inline void add_squares(DeviceChannelSums& to, WideBits squares) {
  constexpr std::uint64_t kLow = (std::uint64_t{1} << DeviceChannelSums::kSquaresLowBits) - 1;
  atomic_add(&to.squares_low, static_cast<std::uint64_t>(squares) & kLow);
  atomic_add(&to.squares_high, static_cast<std::uint64_t>(squares >> DeviceChannelSums::kSquaresLowBits));
}

/// The whole number that two such words hold.
inline int128 joined(std::uint64_t high, std::uint64_t low, int low_bits) {
  return static_cast<int128>(static_cast<std::int64_t>(high)) * (std::int64_t{1} << low_bits) + low;
}

/// Sums of the pixels of a tile: the labels are read once for all channels, then the channels one after the other.
///
/// The order is cut into strips of pixels of one part, a thread each; neighbouring strips of a part make a group, whose
/// sums leave for device memory together. While the strips of a channel are summed, the next channel is on its way.
struct SumTile {
  static constexpr int kThreads = RegionTile::kThreads;
  static constexpr int kBlocksAtOnce = 4;  ///< in a multiprocessor
  static constexpr int kMostChannels = 16;
  static constexpr int kStrip = 10;  ///< pixels: a crowded tile then has a strip for nearly every thread
  static constexpr int kGroup = 16;  ///< strips
  static constexpr int kMostStrips = RegionTile::kPixels / kStrip + RegionTile::kEntries;
  static constexpr int kMostGroups = kMostStrips / kGroup + RegionTile::kEntries;

  struct Channel {
    const float* data;
    std::ptrdiff_t pitch;
    FixedSplit fixed;
  };

  /// What strips leave to their groups. A gap behind every group keeps lanes in banks of their own.
  template <class T>
  struct ByStrip {
    T values[kThreads + kThreads / kGroup];
    HX_HD T& operator[](int i) { return values[i + i / kGroup]; }
  };

  struct Shared {
    RegionTile::Shared tile;
    std::uint32_t begin[RegionTile::kEntries];        ///< of an entry's pixels in the order
    std::uint16_t order[RegionTile::kPixels];         ///< row * kWidth + column in the tile
    std::int64_t target[RegionTile::kEntries];        ///< in the table, without channels
    std::uint32_t first_strip[RegionTile::kEntries];  ///< of an entry
    std::uint32_t strips[kMostStrips];                ///< begin in the order << 16 | pixels
    std::uint32_t groups[kMostGroups];                ///< entry << 16 | first strip << 5 | strips
    std::uint32_t totals;                             ///< strips << 16 | pixels
    std::uint32_t group_count;
    float values[RegionTile::kPixels];  ///< of a channel
    ByStrip<std::int64_t> sum;
    ByStrip<std::uint64_t> squares_low;
    ByStrip<std::uint32_t> squares_high;
    ByStrip<float> min, max;
  };
  struct Ahead {
    float values[RegionTile::kColumn];  ///< of the next channel, on their way
  };

  RegionTile tile;
  Channel channels[kMostChannels];
  int channel_count;
  int first, all;  ///< of this launch's channels in the table, and the table's number
  OccurringParts parts;
  std::int64_t* counts;  ///< [row][part]; null: counted before
  DeviceChannelSums* sums;

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    PerThread<RegionTile::Column, kThreads> columns;
    PerThread<Ahead, kThreads> ahead;
    block.each_thread([&](int t) {
      if (t == 0) s.totals = s.group_count = 0;
    });
    tile.each_round(
        block, s.tile, columns, [&](int entry) { place(s, entry); },
        [&] {
          const int strips = static_cast<int>(s.totals >> 16);
          block.each_thread([&](int t) {
            put_in_order(s, columns[t], t);
            if (channel_count == 0) return;
            load(channels[0], s, t, columns[t].placed, ahead[t]);
            store(s, columns[t].placed, t, ahead[t]);
          });
          for (int c = 0; c < channel_count; ++c)
            for (int from = 0; from < strips; from += kThreads) {
              const bool goes_on = c + 1 < channel_count;
              block.each_thread([&](int t) {
                if (from == 0 && goes_on) load(channels[c + 1], s, t, columns[t].placed, ahead[t]);
                if (from + t < strips) sum_strip(channels[c].fixed, s, from, t);
              });
              block.each_thread([&](int t) {
                add_groups(s, c, from, t);
                if (from + kThreads >= strips && goes_on) store(s, columns[t].placed, t, ahead[t]);
              });
            }
          block.each_thread([&](int t) {
            if (t == 0) s.totals = s.group_count = 0;
          });
        });
  }

 private:
  HX_HD void place(Shared& s, int entry) const {
    const std::uint32_t count = s.tile.count[entry];
    const std::uint32_t strips = (count + kStrip - 1) / kStrip;
    const std::uint32_t before = atomic_add(&s.totals, strips << 16 | count);
    const std::uint32_t first_strip = before >> 16, end = first_strip + strips;
    s.begin[entry] = before & 0xffffu;
    s.first_strip[entry] = first_strip;
    // Groups end at multiples of their length, so that none is of two batches of strips.
    std::uint32_t group = atomic_add(&s.group_count, (end - 1) / kGroup - first_strip / kGroup + 1);
    for (std::uint32_t i = first_strip; i < end;) {
      const std::uint32_t next = (i / kGroup + 1) * kGroup, length = (next < end ? next : end) - i;
      s.groups[group++] = static_cast<std::uint32_t>(entry) << 16 | i << 5 | length;
      i += length;
    }
    const std::int64_t target = tile.target(s.tile, entry, parts);
    s.target[entry] = target;
    if (counts != nullptr) atomic_add(&counts[target], static_cast<std::int64_t>(count));
  }

  HX_HD static void put_in_order(Shared& s, const RegionTile::Column& column, int t) {
    unrolled<RegionTile::kColumn>([&](int k) {
      if ((column.placed >> k & 1u) == 0) return;
      const std::uint32_t entry = column.place[k] >> 16, rank = column.place[k] & 0xffffu;
      const std::uint32_t begin = s.begin[entry] + rank;
      s.order[begin] = static_cast<std::uint16_t>(RegionTile::at(t, k));
      if (rank % kStrip != 0) return;
      const std::uint32_t left = s.tile.count[entry] - rank;
      s.strips[s.first_strip[entry] + rank / kStrip] = begin << 16 | (left < kStrip ? left : kStrip);
    });
  }

  HX_HD void load(const Channel& channel, const Shared& s, int t, std::uint32_t placed, Ahead& to) const {
    const Rect& core = tile.pixels.labels.core;
    const float* from = channel.data + (core.y + tile.y(s.tile, t)) * channel.pitch + core.x + tile.x(s.tile, t);
    unrolled<RegionTile::kColumn>(
        [&](int k) { to.values[k] = (placed >> k & 1u) != 0 ? from[k * channel.pitch] : 0.0f; });
  }

  HX_HD static void store(Shared& s, std::uint32_t placed, int t, const Ahead& from) {
    unrolled<RegionTile::kColumn>([&](int k) {
      if ((placed >> k & 1u) != 0) s.values[RegionTile::at(t, k)] = from.values[k];
    });
  }

  HX_HD static void sum_strip(const FixedSplit& fixed, Shared& s, int from, int t) {
    const std::uint32_t strip = s.strips[from + t];
    const int begin = static_cast<int>(strip >> 16), end = begin + static_cast<int>(strip & 0xffffu);
    std::int32_t sum_high = 0, sum_low = 0;
    std::uint64_t high_high = 0, low_low = 0;
    std::int64_t high_low = 0;
    float min = ChannelSums::kNothing, max = -ChannelSums::kNothing;
    for (int i = begin; i < end; ++i) {
      const float v = s.values[s.order[i]];
      const FixedSplit::Parts parts = fixed.split(v);
      sum_high += parts.high;
      sum_low += parts.low;
      high_high += static_cast<std::uint64_t>(static_cast<std::int64_t>(parts.high) * parts.high);
      high_low += static_cast<std::int64_t>(parts.high) * parts.low;
      low_low += static_cast<std::uint64_t>(static_cast<std::int64_t>(parts.low) * parts.low);
      min = v < min ? v : min;
      max = v > max ? v : max;
    }
    constexpr int kLow = FixedSplit::kLowBits;
    s.sum[t] = static_cast<std::int64_t>(sum_high) * (1 << kLow) + sum_low;
    const WideBits cross = static_cast<WideBits>(static_cast<__int128>(high_low)) << (kLow + 1);
    const WideBits squares = (static_cast<WideBits>(high_high) << (2 * kLow)) + cross + low_low;
    s.squares_low[t] = static_cast<std::uint64_t>(squares);
    s.squares_high[t] = static_cast<std::uint32_t>(squares >> 64);
    s.min[t] = min + 0.0f;  // never -0
    s.max[t] = max + 0.0f;
  }

  /// Every group has three workers, of warps of their own: sum, squares, extremes.
  HX_HD void add_groups(Shared& s, int c, int from, int t) const {
    const int groups = static_cast<int>(s.group_count), padded = (groups + 31) / 32 * 32;
    for (int i = t; i < 3 * padded; i += kThreads) {
      const int kind = (i >= padded ? 1 : 0) + (i >= 2 * padded ? 1 : 0), g = i - kind * padded;
      if (g >= groups) continue;
      const std::uint32_t group = s.groups[g];
      const int begin = static_cast<int>(group >> 5 & 0x7ffu) - from, end = begin + static_cast<int>(group & 0x1fu);
      if (begin < 0 || begin >= kThreads) continue;
      DeviceChannelSums& to = sums[s.target[group >> 16] * all + first + c];
      if (kind == 0) {
        std::int64_t sum = 0;
        for (int k = begin; k < end; ++k) sum += s.sum[k];
        add_sum(to, sum);
      } else if (kind == 1) {
        WideBits squares = 0;
        for (int k = begin; k < end; ++k) squares += static_cast<WideBits>(s.squares_high[k]) << 64 | s.squares_low[k];
        add_squares(to, squares);
      } else {
        float min = ChannelSums::kNothing, max = -ChannelSums::kNothing;
        for (int k = begin; k < end; ++k) {
          min = s.min[k] < min ? s.min[k] : min;
          max = s.max[k] > max ? s.max[k] : max;
        }
        raise(&to.min, ~ordered_key(min));
        raise(&to.max, ordered_key(max));
      }
    }
  }
};

}  // namespace hexaplex::detail
