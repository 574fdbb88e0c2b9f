#pragma once

#include <cstdint>

#include "kernels/runtime/plane.h"

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

struct QuantisePixel {
  Plane<const float> src;
  Plane<std::uint16_t> dst;
  float scale;
  HX_HD void operator()(int x, int y) const { dst(x, y) = static_cast<std::uint16_t>(quantised(src(x, y), scale)); }
};

struct AddQuantisedPixel {
  Plane<const float> src;
  Plane<std::uint16_t> dst;
  float scale;
  HX_HD void operator()(int x, int y) const { dst(x, y) = saturating_sum(quantised(src(x, y), scale), dst(x, y)); }
};

struct AddSaturatingPixel {
  Plane<const std::uint16_t> src;
  Plane<std::uint16_t> dst;
  HX_HD void operator()(int x, int y) const { dst(x, y) = saturating_sum(src(x, y), dst(x, y)); }
};

struct ApplyTablePixel {
  Plane<const std::uint16_t> src;
  Plane<std::uint16_t> dst;
  const std::uint16_t* table;
  HX_HD void operator()(int x, int y) const { dst(x, y) = table[src(x, y)]; }
};

}  // namespace hexaplex::detail
