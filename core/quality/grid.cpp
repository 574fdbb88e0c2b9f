#include "core/quality/grid.h"

#include <algorithm>

namespace hexaplex {

namespace {

struct Step {
  int x, y;
};

std::vector<Step> disc(double radius) {
  std::vector<Step> steps;
  const int reach = static_cast<int>(radius);
  for (int y = -reach; y <= reach; ++y)
    for (int x = -reach; x <= reach; ++x)
      if (x * x + y * y <= radius * radius) steps.push_back({x, y});
  return steps;
}

// 1 where some square within the disc holds `value`.
SquareMask spread(const SquareMask& mask, double radius, std::uint8_t value) {
  const std::vector<Step> steps = disc(radius);
  SquareMask out(mask.extent(), std::uint8_t{0});
  for (int y = 0; y < mask.height(); ++y)
    for (int x = 0; x < mask.width(); ++x) {
      if (mask(x, y) != value) continue;
      for (const Step& s : steps) {
        const int u = x + s.x, v = y + s.y;
        if (u >= 0 && v >= 0 && u < mask.width() && v < mask.height()) out(u, v) = 1;
      }
    }
  return out;
}

}  // namespace

HostPlane<float> mean_of_neighbours(const HostPlane<float>& values, const SquareMask& counted) {
  HostPlane<float> out(values.extent(), 0.0f);
  for (int y = 0; y < values.height(); ++y)
    for (int x = 0; x < values.width(); ++x) {
      double sum = 0;
      int n = 0;
      for (int v = std::max(0, y - 1); v <= std::min(values.height() - 1, y + 1); ++v)
        for (int u = std::max(0, x - 1); u <= std::min(values.width() - 1, x + 1); ++u)
          if (counted(u, v) != 0) sum += static_cast<double>(values(u, v)), ++n;
      if (n > 0) out(x, y) = static_cast<float>(sum / n);
    }
  return out;
}

SquareMask dilated(const SquareMask& mask, double radius) {
  return spread(mask, radius, 1);
}

SquareMask eroded(const SquareMask& mask, double radius) {
  SquareMask out = spread(mask, radius, 0);
  for (std::int64_t i = 0; i < out.extent().area(); ++i) out.data()[i] ^= 1;
  return out;
}

void drop_parts(SquareMask& mask, bool eight, const std::function<bool(std::int64_t squares)>& keep) {
  SquareMask seen(mask.extent(), std::uint8_t{0});
  std::vector<Step> part;
  for (int y = 0; y < mask.height(); ++y)
    for (int x = 0; x < mask.width(); ++x) {
      if (mask(x, y) == 0 || seen(x, y) != 0) continue;
      part.assign(1, {x, y});
      seen(x, y) = 1;
      for (std::size_t next = 0; next < part.size(); ++next)
        for (int dy = -1; dy <= 1; ++dy)
          for (int dx = -1; dx <= 1; ++dx) {
            const int u = part[next].x + dx, v = part[next].y + dy;
            if ((!eight && dx != 0 && dy != 0) || u < 0 || v < 0 || u >= mask.width() || v >= mask.height()) continue;
            if (mask(u, v) == 0 || seen(u, v) != 0) continue;
            seen(u, v) = 1;
            part.push_back({u, v});
          }
      if (!keep(static_cast<std::int64_t>(part.size())))
        for (const Step& s : part) mask(s.x, s.y) = 0;
    }
}

std::int64_t count_set(const SquareMask& mask) {
  return std::count(mask.data(), mask.data() + mask.extent().area(), std::uint8_t{1});
}

double quantile_of(std::vector<float>& values, double part) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return static_cast<double>(*at);
}

}  // namespace hexaplex
