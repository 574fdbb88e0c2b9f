#pragma once

#include "kernels/intensity/quantise.h"
#include "kernels/intensity/quantise_pixel.h"
#include "kernels/intensity/upload.h"

namespace hexaplex::detail {

template <class Q>
void quantise_chain(const Q& q, Plane<const float> src, Plane<std::uint16_t> dst, float scale) {
  for_each_pixel(q, src.extent, QuantisePixel{src, dst, scale}, "quantising");
}

template <class Q>
void add_quantised_chain(const Q& q, Plane<const float> src, Plane<std::uint16_t> dst, float scale) {
  for_each_pixel(q, src.extent, AddQuantisedPixel{src, dst, scale}, "adding a quantised plane");
}

template <class Q>
void add_saturating_chain(const Q& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst) {
  for_each_pixel(q, src.extent, AddSaturatingPixel{src, dst}, "adding with saturation");
}

/// @param table  in the queue's memory
template <class Q>
void look_up(const Q& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, const std::uint16_t* table) {
  for_each_pixel(q, src.extent, ApplyTablePixel{src, dst, table}, "looking up a table");
}

/// Memory: 128 KiB for the table.
template <class Q>
void apply_table_chain(const Q& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, const Table16& table) {
  const auto on_queue = upload(q, std::span<const std::uint16_t>(table));
  look_up(q, src, dst, on_queue.data());
}

}  // namespace hexaplex::detail
