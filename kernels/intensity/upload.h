#pragma once

#include <cstring>
#include <span>

#include "kernels/runtime/work_buffer.h"

namespace hexaplex::detail {

/// A piece of a table that travels in the parameters of a launch.
template <class T>
struct WriteTable {
  static constexpr std::size_t kMost = 3584 / sizeof(T);
  T values[kMost];
  T* table;
  HX_HD void operator()(std::int64_t i) const { table[i] = values[i]; }
};

/// A small table of the host (numbers, or the views of many planes) where the kernels of a queue can read it. One of up
/// to four launches' parameters (14 KB) goes without waiting; a larger one is copied, which waits.
template <class Q, class T>
WorkBuffer<T, Q> upload(const Q& q, std::span<const T> table) {
  WorkBuffer<T, Q> out(q, table.size());
  using Write = WriteTable<T>;
  if (std::is_same_v<Q, CpuQueue> || table.size() > 4 * Write::kMost) {
    fetch(q, table.data(), out.data(), table.size());
    return out;
  }
  for (std::size_t at = 0; at < table.size(); at += Write::kMost) {
    const std::size_t count = table.size() - at < Write::kMost ? table.size() - at : Write::kMost;
    Write write{};
    std::memcpy(static_cast<void*>(write.values), table.data() + at, count * sizeof(T));
    write.table = out.data() + at;
    for_each_index(q, static_cast<std::int64_t>(count), write, "writing a table");
  }
  return out;
}

}  // namespace hexaplex::detail
