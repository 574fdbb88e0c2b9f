#pragma once

#include "kernels/intensity/logarithm_pixel.h"
#include "kernels/intensity/quantise_chain.h"

namespace hexaplex::detail {

template <class Q>
void take_logarithm_chain(const Q& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, double soft) {
  const WorkBuffer<std::uint16_t, Q> table(q, 65536);
  for_each_index(q, 65536, LogEntry{soft, table.data()}, "computing logarithms");
  look_up(q, src, dst, table.data());
}

}  // namespace hexaplex::detail
