#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/pixels.h"

namespace hexaplex::testing {

/// Values 0 .. count - 1: many equal neighbours where count is small.
inline HostPlane<std::uint16_t> levels(Extent e, unsigned count, unsigned seed) {
  HostPlane<std::uint16_t> out = random_plane<std::uint16_t>(e, seed);
  for (std::int64_t i = 0; i < e.area(); ++i) out.data()[i] = static_cast<std::uint16_t>(out.data()[i] % count);
  return out;
}

/// A square spiral of width one that rises towards its centre, or outwards, on a floor of 0.
inline HostPlane<std::uint16_t> spiral(int side, bool inwards) {
  HostPlane<std::uint16_t> out({side, side}, 0);
  std::vector<std::pair<int, int>> path;
  int left = 0, top = 0, right = side - 1, bottom = side - 1, x = 0, y = 0;
  path.emplace_back(x, y);
  const auto walk = [&](int tx, int ty) {
    while (x != tx || y != ty) {
      x += (tx > x) - (tx < x), y += (ty > y) - (ty < y);
      path.emplace_back(x, y);
    }
  };
  while (right - left >= 2 && bottom - top >= 2) {
    walk(right, top);
    walk(right, bottom);
    walk(left, bottom);
    walk(left, top += 2);
    right -= 2, bottom -= 2;
    if (left + 2 <= right) walk(left += 2, top);
  }
  for (std::size_t i = 0; i < path.size(); ++i)
    out(path[i].first, path[i].second) = static_cast<std::uint16_t>(1000 + (inwards ? i : path.size() - i));
  return out;
}

/// Landscapes that are hard on pointers, plateaus and blocks.
inline std::vector<std::pair<std::string, HostPlane<std::uint16_t>>> hard_landscapes() {
  std::vector<std::pair<std::string, HostPlane<std::uint16_t>>> out;
  const Extent e{71, 59};
  out.emplace_back("all equal", HostPlane<std::uint16_t>(e, 5));
  out.emplace_back("saturated", HostPlane<std::uint16_t>(e, 65535));
  out.emplace_back("zero", HostPlane<std::uint16_t>(e, 0));
  HostPlane<std::uint16_t> checks(e), giant(e), stairs(e), ridge(e, 10), snake(e, 0);
  for (int y = 0; y < e.height; ++y)
    for (int x = 0; x < e.width; ++x) {
      checks(x, y) = (x + y) % 2 == 0 ? 65535 : 0;
      giant(x, y) = static_cast<std::uint16_t>(60000 - 7 * ((x - 35) * (x - 35) + (y - 29) * (y - 29)));
      stairs(x, y) = static_cast<std::uint16_t>(100 + x / 9 + y / 13);
      if (y % 4 == 0 || (x == (y % 8 < 4 ? 70 : 0))) snake(x, y) = 9;  // a plateau of one long thread
    }
  for (int i = 0; i < 59; ++i) ridge(i, i) = 10000;
  out.emplace_back("checkerboard", std::move(checks));
  out.emplace_back("one giant basin", std::move(giant));
  out.emplace_back("stairs of plateaus", std::move(stairs));
  out.emplace_back("flat diagonal ridge", std::move(ridge));
  out.emplace_back("winding plateau", std::move(snake));
  out.emplace_back("spiral ridge inwards", spiral(63, true));
  out.emplace_back("spiral ridge outwards", spiral(63, false));
  return out;
}

}  // namespace hexaplex::testing
