#include "tests/support/core/painted_stains.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <random>
#include <tuple>

#include "core/stains/vectors.h"

namespace hexaplex::test {

BuiltTiff rgb_tiff(Extent extent, const std::vector<Rgb8>& pixels, int bits) {
  const auto width = static_cast<std::uint32_t>(extent.width), height = static_cast<std::uint32_t>(extent.height);
  std::vector<std::uint64_t> samples;
  for (const Rgb8& p : pixels)
    for (const std::uint8_t v : {p.r, p.g, p.b}) samples.push_back(v);
  BuiltPage page = grey_page(width * 3, height, samples, bits);
  page.set(256, width).set(277, 3, 3).set(262, 2, 3);
  const auto depth = static_cast<std::uint64_t>(bits);
  page.tags[258] = {3, {depth, depth, depth}, {}};
  return build_tiff({page});
}

std::vector<Colour> colours_of(const std::vector<Rgb8>& pixels) {
  struct Sums {
    std::int64_t n = 0, r = 0, g = 0, b = 0;
  };
  std::map<std::tuple<int, int, int>, Sums> bins;
  for (const Rgb8& p : pixels) {
    Sums& s = bins[{p.r / 8, p.g / 8, p.b / 8}];
    ++s.n, s.r += p.r, s.g += p.g, s.b += p.b;
  }
  std::vector<Colour> out;
  for (const auto& [bin, s] : bins) {
    const auto n = static_cast<double>(s.n);
    out.push_back({n, {static_cast<double>(s.r) / n, static_cast<double>(s.g) / n, static_cast<double>(s.b) / n}});
  }
  return out;
}

std::vector<Rgb8> painted_pixels(const PaintedSection& section, std::size_t count) {
  std::mt19937 random(section.seed);
  const auto between = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(random()) / 4294967296.0;
  };
  // Near enough to a normal distribution.
  const auto noise = [&](double sigma) { return sigma * (between(-3, 3) + between(-3, 3) + between(-3, 3)) / 3; };
  const auto value = [&](double od) {
    return static_cast<std::uint8_t>(std::clamp(kPaintedWhite * std::pow(10, -od) + noise(1) + 0.5, 0.0, 255.0));
  };
  std::vector<Rgb8> out;
  while (out.size() < count) {
    const double what = between(0, 1);
    double amounts[3] = {std::max(0.0, 0.05 + noise(0.01)), 0, 0};
    if (what < 0.25) {  // glass
      amounts[0] = 0;
    } else if (what < 0.45) {  // nuclei
      amounts[0] = std::max(0.15, 0.5 + noise(0.15));
      amounts[1] = between(0, section.stains.size() == 3 ? 0.1 : 0.03);
    } else if (section.stains.size() == 3 && what < 0.6) {  // fibres
      amounts[1] = between(0, 0.03), amounts[2] = 0.35 + noise(0.08);
    } else if (section.stains.size() == 3 || what < 0.7) {
      amounts[1] = section.stains.size() == 3 ? between(0.1, 0.4) : between(0.1, 0.9);
    } else {
      amounts[1] = between(0, 0.02);
    }
    if (!section.second_is_there) amounts[1] = 0;
    StainVector od{};
    for (std::size_t s = 0; s < section.stains.size(); ++s) od = od + amounts[s] * unit(section.stains[s]);
    out.push_back({value(od[0]), value(od[1]), value(od[2])});
  }
  return out;
}

StainVector turned(const StainVector& v, double degrees, double around) {
  const double angle = degrees * std::numbers::pi / 180, way = around * std::numbers::pi / 180;
  const StainVector from = unit(v), a = unit(cross(from, {0, 0, 1})), b = cross(from, a);
  return unit(std::cos(angle) * from + std::sin(angle) * (std::cos(way) * a + std::sin(way) * b));
}

double degrees_between(const StainVector& a, const StainVector& b) {
  return std::acos(std::min(1.0, dot(unit(a), unit(b)))) * 180 / std::numbers::pi;
}

}  // namespace hexaplex::test
