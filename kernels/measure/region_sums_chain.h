#pragma once

#include "kernels/measure/ordered_float.h"
#include "kernels/measure/region_pixels_chain.h"

namespace hexaplex::detail {

__extension__ using WideBits = unsigned __int128;

/// Adds a number of 128 bits, in two's complement, to two words. Every wrap of the low word carries once, so the words
/// hold the sum whatever the order of the additions.
HX_HD inline void add_wide(std::uint64_t* low, std::uint64_t* high, WideBits value) {
  const auto add_low = static_cast<std::uint64_t>(value);
  auto add_high = static_cast<std::uint64_t>(value >> 64);
  if (add_low != 0 && atomic_add(low, add_low) + add_low < add_low) ++add_high;
  if (add_high != 0) atomic_add(high, add_high);
}

struct CountPixels {
  RegionPixels pixels;
  std::int64_t* counts;
  HX_HD void operator()(int x, int y) const {
    for (int side = 0; side < 2; ++side) {
      const RegionPixels::Place at = pixels.place(x, y, side);
      if (at.row >= 0) atomic_add(&counts[at.row * kPartCount + at.part], std::int64_t{1});
    }
  }
};

struct EmptySums {
  DeviceChannelSums* sums;
  HX_HD void operator()(std::int64_t i) const {
    sums[i] = {0, 0, 0, 0, ordered_key(ChannelSums::kNothing), ordered_key(-ChannelSums::kNothing)};
  }
};

struct SumChannel {
  RegionPixels pixels;
  Plane<const float> plane;
  double scale;
  std::int64_t channel, channels;
  DeviceChannelSums* sums;

  HX_HD void operator()(int x, int y) const {
    for (int side = 0; side < 2; ++side) {
      const RegionPixels::Place at = pixels.place(x, y, side);
      if (at.row < 0) continue;
      const float v = plane(pixels.labels.core.x + x, pixels.labels.core.y + y);
      const auto fixed = static_cast<std::int64_t>(to_fixed(v + 0.0f, scale));
      const auto magnitude = static_cast<std::uint64_t>(fixed < 0 ? -fixed : fixed);
      const WideBits sign = fixed < 0 ? ~WideBits{0} << 64 : WideBits{0};
      DeviceChannelSums& s = sums[(at.row * kPartCount + at.part) * channels + channel];
      add_wide(&s.sum_low, &s.sum_high, sign | static_cast<std::uint64_t>(fixed));
      add_wide(&s.squares_low, &s.squares_high, static_cast<WideBits>(magnitude) * magnitude);
      const std::uint32_t key = ordered_key(v);
      atomic_min(&s.min, key);
      atomic_max(&s.max, key);
    }
  }
};

template <class Q>
DeviceRegionTable<Q> region_sums_chain(const Q& q, const DeviceRegions<Q>& regions, const ChannelPlanes& channels) {
  HX_EXPECT(channels.planes.size() == channels.fixed.size(), "one fixed point is needed for each plane");
  HX_EXPECT(channels.origin_x == regions.planes.origin_x && channels.origin_y == regions.planes.origin_y,
            "the channels and the labels show different windows");
  for (const Plane<const float>& plane : channels.planes)
    HX_EXPECT(plane.extent == regions.planes.outer.extent, "the channels and the labels differ in extent");
  const std::size_t parts = regions.labels.size() * kPartCount;
  DeviceRegionTable<Q> out;
  out.channels = static_cast<int>(channels.planes.size());
  out.counts = WorkBuffer<std::int64_t, Q>(q, parts);
  out.sums = WorkBuffer<DeviceChannelSums, Q>(q, parts * channels.planes.size());
  if (parts == 0) return out;
  const RegionPixels pixels = pixels_of(regions);
  const Extent core = regions.planes.core.extent();
  fill_bytes(q, out.counts.data(), 0, parts * sizeof(std::int64_t));
  for_each_pixel(q, core, CountPixels{pixels, out.counts.data()}, "counting pixels of regions");
  for_each_index(q, static_cast<std::int64_t>(out.sums.size()), EmptySums{out.sums.data()}, "emptying sums");
  for (int c = 0; c < out.channels; ++c) {
    const auto i = static_cast<std::size_t>(c);
    for_each_pixel(q, core,
                   SumChannel{pixels, channels.planes[i], channels.fixed[i].scale, c, out.channels, out.sums.data()},
                   "summing channels of regions");
  }
  return out;
}

template <class Q>
RegionTable fetch_table_chain(const Q& q, const DeviceRegions<Q>& regions, const DeviceRegionTable<Q>& table) {
  RegionTable out;
  out.channels = table.channels;
  out.labels.resize(regions.labels.size());
  out.counts.resize(table.counts.size());
  HostVector<DeviceChannelSums> sums(table.sums.size());
  fetch(q, regions.labels.data(), out.labels.data(), out.labels.size());
  fetch(q, table.counts.data(), out.counts.data(), out.counts.size());
  fetch(q, table.sums.data(), sums.data(), sums.size());
  out.sums.resize(sums.size());
  const auto join = [](std::uint64_t high, std::uint64_t low) {
    return static_cast<int128>(static_cast<WideBits>(high) << 64 | low);
  };
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const DeviceChannelSums& s = sums[i];
    out.sums[i] = {join(s.sum_high, s.sum_low), join(s.squares_high, s.squares_low), value_of_key(s.min),
                   value_of_key(s.max)};
  }
  return out;
}

}  // namespace hexaplex::detail
