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

/// A table of up to four launches' parameters (14 KB) goes with them, and does not queue for the link behind the pixels
/// of other streams; a larger one is sent.
template <class T>
void send_table(const CpuQueue&, std::span<const T> table, T* there) {
  if (!table.empty()) std::memcpy(static_cast<void*>(there), table.data(), table.size_bytes());
}
template <class T>
void send_table(const CudaQueue& q, std::span<const T> table, T* there) {
  using Write = WriteTable<T>;
  if (table.size() > 4 * Write::kMost) return send(q, table.data(), there, table.size());
  for (std::size_t at = 0; at < table.size(); at += Write::kMost) {
    const std::size_t count = table.size() - at < Write::kMost ? table.size() - at : Write::kMost;
    Write write{};
    std::memcpy(static_cast<void*>(write.values), table.data() + at, count * sizeof(T));
    write.table = there + at;
    for_each_index(q, static_cast<std::int64_t>(count), write, "writing a table");
  }
}

/// A small table of the host (numbers, or the views of many planes) where the kernels of a queue can read it.
template <class Q, class T>
WorkBuffer<T, Q> upload(const Q& q, std::span<const T> table) {
  WorkBuffer<T, Q> out(q, table.size());
  send_table(q, table, out.data());
  return out;
}

}  // namespace hexaplex::detail
