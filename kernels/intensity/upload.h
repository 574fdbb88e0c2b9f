#pragma once

#include <span>

#include "kernels/runtime/work_buffer.h"

namespace hexaplex::detail {

/// A small table of the host (numbers, or the views of many planes) where the kernels of a queue can read it. Waits.
template <class Q, class T>
WorkBuffer<T, Q> upload(const Q& q, std::span<const T> table) {
  WorkBuffer<T, Q> out(q, table.size());
  fetch(q, table.data(), out.data(), table.size());
  return out;
}

}  // namespace hexaplex::detail
