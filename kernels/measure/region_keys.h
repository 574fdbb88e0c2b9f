#pragma once

#include <algorithm>
#include <span>

#include "kernels/measure/region_tile.h"
#include "kernels/runtime/scan.h"
#include "kernels/runtime/work_buffer.h"

namespace hexaplex::detail {

inline constexpr OccurringParts kAllParts{kPartCount, 0};

/// Counts the pixels of every part of every region.
struct CountParts {
  static constexpr int kThreads = RegionTile::kThreads;
  static constexpr int kBlocksAtOnce = 4;
  using Shared = RegionTile::Shared;
  RegionTile tile;
  std::uint32_t* count;  ///< [row][part]

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    PerThread<RegionTile::Column, kThreads> columns;
    tile.each_round(
        block, s, columns, [&](int entry) { atomic_add(&count[tile.target(s, entry, kAllParts)], s.count[entry]); },
        [] {});
  }
};

/// Writes the keys of some channels, those of a part of a region side by side in the order of arrival.
struct ScatterKeys {
  static constexpr int kThreads = RegionTile::kThreads;
  static constexpr int kBlocksAtOnce = 4;
  static constexpr int kMostChannels = 4;
  struct Shared {
    RegionTile::Shared tile;
    std::uint32_t begin[RegionTile::kEntries];  ///< of an entry's keys
  };
  struct Channel {
    const float* data;
    std::ptrdiff_t pitch;
    std::uint32_t* keys;
  };
  RegionTile tile;
  const std::uint32_t* begin;  ///< [row][part]
  std::uint32_t* used;         ///< [row][part]: keys that have come
  Channel channels[kMostChannels];
  int channel_count;

  HX_HD void operator()(const Block<kThreads>& block, Shared& s) const {
    PerThread<RegionTile::Column, kThreads> columns;
    tile.each_round(
        block, s.tile, columns,
        [&](int entry) {
          const std::int64_t target = tile.target(s.tile, entry, kAllParts);
          s.begin[entry] = begin[target] + atomic_add(&used[target], s.tile.count[entry]);
        },
        [&] {
          block.each_thread([&](int t) {
            for (int c = 0; c < channel_count; ++c) write(channels[c], s, columns[t], t);
          });
        });
  }

 private:
  HX_HD void write(const Channel& channel, const Shared& s, const RegionTile::Column& column, int t) const {
    const Rect& core = tile.pixels.labels.core;
    const float* from = channel.data + (core.y + tile.y(s.tile, t)) * channel.pitch + core.x + tile.x(s.tile, t);
    float values[RegionTile::kColumn];
    unrolled<RegionTile::kColumn>(
        [&](int k) { values[k] = (column.placed >> k & 1u) != 0 ? from[k * channel.pitch] : 0.0f; });
    unrolled<RegionTile::kColumn>([&](int k) {
      if ((column.placed >> k & 1u) == 0) return;
      channel.keys[s.begin[column.place[k] >> 16] + (column.place[k] & 0xffffu)] = ordered_key(values[k]);
    });
  }
};

/// Where the keys of every part of every region lie: a place for each pixel that counts there.
template <class Q>
struct KeyPlaces {
  RegionTile tile;
  WorkBuffer<std::uint32_t, Q> begin;  ///< [row][part], and the end of the last
  std::size_t keys = 0;                ///< places, or more

  KeyPlaces(const Q& q, const DeviceRegions<Q>& regions)
      : tile(RegionTile::of(regions)), begin(q, regions.labels.size() * kPartCount + 1) {
    fill_bytes(q, begin.data(), 0, begin.size() * sizeof(std::uint32_t));
    for_each_block(q, tile.tiles.count(), CountParts{tile, begin.data()}, "counting pixels of regions");
    exclusive_scan(q, begin.data(), static_cast<std::int64_t>(begin.size()));
    // A pixel counts in two regions where there are two planes; how often it does is not worth a wait.
    keys = static_cast<std::size_t>(regions.planes.core.area()) * (regions.planes.inner.extent.empty() ? 1 : 2);
  }

  /// How many channels are scattered at once: as many as half a gigabyte holds, and never none.
  std::size_t at_once(std::size_t channels) const {
    constexpr std::size_t kBytes = std::size_t{1} << 29;
    const std::size_t fit = std::max<std::size_t>(1, kBytes / (keys * sizeof(std::uint32_t)));
    return std::min({channels, fit, std::size_t{ScatterKeys::kMostChannels}});
  }

  /// Keys of planes[i] go to keys[i * this->keys ..].
  void scatter(const Q& q, std::span<const Plane<const float>> planes, std::uint32_t* to) const {
    const WorkBuffer<std::uint32_t, Q> used(q, begin.size());
    fill_bytes(q, used.data(), 0, used.size() * sizeof(std::uint32_t));
    ScatterKeys scatter{tile, begin.data(), used.data(), {}, static_cast<int>(planes.size())};
    for (std::size_t i = 0; i < planes.size(); ++i)
      scatter.channels[i] = {planes[i].data, planes[i].pitch, to + i * keys};
    for_each_block(q, tile.tiles.count(), scatter, "sorting values by region");
  }
};

}  // namespace hexaplex::detail
