#pragma once

#include <cstdint>

#include "kernels/intensity/quantise.h"
#include "kernels/runtime/exact_log.h"

// The arithmetic of log_table, once for every backend.

namespace hexaplex::detail {

/// The entry of a value. soft > 0.
HX_HD inline std::uint16_t log_entry(int value, double soft) {
  const double x = (log_of_positive(value / kLogReference + soft) + 3.0) * (1 << kLogFractionBits) + 0.5;
  return static_cast<std::uint16_t>(x < 0.0 ? 0.0 : x > 65535.0 ? 65535.0 : x);
}

struct LogEntry {
  double soft;
  std::uint16_t* table;
  HX_HD void operator()(std::int64_t value) const { table[value] = log_entry(static_cast<int>(value), soft); }
};

}  // namespace hexaplex::detail
