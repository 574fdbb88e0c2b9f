#pragma once

#include <utility>

#include "kernels/runtime/host_device.h"

namespace hexaplex {

namespace detail {
template <int... i, class F>
[[gnu::always_inline]] HX_HD inline void call_each(std::integer_sequence<int, i...>, const F& f) {
  (f(i), ...);
}
}  // namespace detail

/// Calls f(0), f(1), .. f(n - 1), written out one after the other: arrays that f indexes by its argument, or by what
/// follows from it, stay in registers on a device.
template <int n, class F>
[[gnu::always_inline]] HX_HD inline void unrolled(const F& f) {
  detail::call_each(std::make_integer_sequence<int, n>{}, f);
}

}  // namespace hexaplex
