#pragma once

#include <algorithm>

#include "kernels/measure/region_pixels_chain.h"
#include "kernels/measure/region_sums_tile.h"

namespace hexaplex::detail {

template <class Q>
DeviceRegionTable<Q> region_sums_chain(const Q& q, const DeviceRegions<Q>& regions, const ChannelPlanes& channels) {
  HX_EXPECT(channels.planes.size() == channels.fixed.size(), "one fixed point is needed for each plane");
  HX_EXPECT(channels.origin_x == regions.planes.origin_x && channels.origin_y == regions.planes.origin_y,
            "the channels and the labels show different windows");
  for (const Plane<const float>& plane : channels.planes)
    HX_EXPECT(plane.extent == regions.planes.outer.extent, "the channels and the labels differ in extent");
  DeviceRegionTable<Q> out;
  out.parts = OccurringParts::of(regions.planes);
  const std::size_t parts = regions.labels.size() * static_cast<std::size_t>(out.parts.count);
  out.channels = static_cast<int>(channels.planes.size());
  out.counts = WorkBuffer<std::int64_t, Q>(q, parts);
  out.sums = WorkBuffer<DeviceChannelSums, Q>(q, parts * channels.planes.size());
  if (parts == 0) return out;
  fill_bytes(q, out.counts.data(), 0, parts * sizeof(std::int64_t));
  fill_bytes(q, out.sums.data(), 0, out.sums.size() * sizeof(DeviceChannelSums));
  SumTile tile{};
  tile.tile = RegionTile::of(regions);
  tile.parts = out.parts;
  tile.counts = out.counts.data();
  tile.sums = out.sums.data();
  tile.all = out.channels;
  do {
    tile.channel_count = std::min(out.channels - tile.first, SumTile::kMostChannels);
    for (int c = 0; c < tile.channel_count; ++c) {
      const auto i = static_cast<std::size_t>(tile.first + c);
      tile.channels[c] = {channels.planes[i].data, channels.planes[i].pitch, FixedSplit::of(channels.fixed[i])};
    }
    for_each_block(q, tile.tile.tiles.count(), tile, "summing channels of regions");
    tile.counts = nullptr;
    tile.first += tile.channel_count;
  } while (tile.first < out.channels);
  return out;
}

inline ChannelSums channel_sums(const DeviceChannelSums& s) {
  if (s.max == 0) return {};
  return {joined(s.sum_high, s.sum_low, DeviceChannelSums::kSumLowBits),
          joined(s.squares_high, s.squares_low, DeviceChannelSums::kSquaresLowBits), value_of_key(~s.min),
          value_of_key(s.max)};
}

template <class Q>
RegionTable fetch_table_chain(const Q& q, const DeviceRegions<Q>& regions, const DeviceRegionTable<Q>& table) {
  RegionTable out;
  out.channels = table.channels;
  out.labels.resize(regions.labels.size());
  if (out.labels.empty()) return out;
  const std::uint32_t stray = fetch(q, regions.stray.data());
  HX_EXPECT(stray == 0, "a label is above the number of consecutive labels");
  HostVector<std::int64_t> counts(table.counts.size());
  HostVector<DeviceChannelSums> sums(table.sums.size());
  fetch(q, regions.labels.data(), out.labels.data(), out.labels.size());
  fetch(q, table.counts.data(), counts.data(), counts.size());
  fetch(q, table.sums.data(), sums.data(), sums.size());
  const auto channels = static_cast<std::size_t>(table.channels);
  out.counts.resize(out.labels.size() * kPartCount);
  out.sums.resize(out.counts.size() * channels);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::size_t occurring = static_cast<std::size_t>(table.parts.count), row = i / occurring;
    const std::size_t to = row * kPartCount + (i % occurring << table.parts.shift);
    out.counts[to] = counts[i];
    for (std::size_t c = 0; c < channels; ++c) out.sums[to * channels + c] = channel_sums(sums[i * channels + c]);
  }
  return out;
}

}  // namespace hexaplex::detail
