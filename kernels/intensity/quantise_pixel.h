#pragma once

#include <cstdint>

#include "kernels/runtime/host_device.h"

// The arithmetic of quantise.h, once for every backend.

namespace hexaplex::detail {

/// round(src * scale), clamped to 0..65535.
[[gnu::always_inline]] HX_HD inline std::int32_t quantised(float src, float scale) {
  float v = src * scale + 0.5f;
  v = v > 0.0f ? v : 0.0f;
  v = v < 65535.0f ? v : 65535.0f;
  return static_cast<std::int32_t>(v);
}

/// min(65535, a + b).
[[gnu::always_inline]] HX_HD inline std::uint16_t saturating_sum(std::int32_t a, std::int32_t b) {
  const std::int32_t sum = a + b;
  return static_cast<std::uint16_t>(sum < 65535 ? sum : 65535);
}

}  // namespace hexaplex::detail
