#include "core/stains/colour_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>

#include "core/io/reader_pool.h"
#include "core/stains/slide_stains.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

constexpr int kBits = 5, kShift = 8 - kBits;
constexpr std::size_t kBins = std::size_t{1} << 3 * kBits;
constexpr int kWindow = 512;
constexpr std::int64_t kMostPixels = std::int64_t{1} << 27;

struct Sums {
  std::int64_t pixels = 0;
  std::array<std::int64_t, 3> values{};
};

// White: a colour is frequent from this share of all pixels on; how far its pixels spread; how far it may move from the
// colour it began with.
constexpr double kFrequent = 0.002, kSpread = 8, kMostMove = 12;
// Glare is brighter than glass: a little, and of few pixels.
constexpr double kNearlyBrightest = 0.96;

std::vector<Rect> windows_to_see(Extent slide) {
  const std::int64_t across = (slide.width + kWindow - 1) / kWindow, down = (slide.height + kWindow - 1) / kWindow;
  std::int64_t step = 1;
  while ((across / step + 1) * (down / step + 1) * kWindow * kWindow > kMostPixels && step < std::min(across, down))
    ++step;
  if (slide.area() <= kMostPixels) step = 1;
  std::vector<Rect> windows;
  for (std::int64_t row = step / 2; row < down; row += step)
    for (std::int64_t column = step / 2; column < across; column += step) {
      const int x = static_cast<int>(column) * kWindow, y = static_cast<int>(row) * kWindow;
      windows.push_back({x, y, std::min(kWindow, slide.width - x), std::min(kWindow, slide.height - y)});
    }
  return windows;
}

}  // namespace

std::vector<Colour> survey_colours(const CpuQueue& q, const SlideInfo& info, int z) {
  const std::vector<Rect> windows = windows_to_see(info.extent);
  ReaderPool readers(info);
  std::vector<Sums> all(kBins);
  std::mutex guard;
  for_each_band(q, static_cast<std::int64_t>(windows.size()), 8, [&](std::int64_t begin, std::int64_t end) {
    std::vector<Sums> own(kBins);
    for (std::int64_t i = begin; i < end; ++i) {
      const Rect& window = windows[static_cast<std::size_t>(i)];
      const ReaderPool::Lease slide(readers);
      const RgbWindow rgb(*slide, z, window);
      const auto bands = rgb.views();
      for (int y = 0; y < window.height; ++y)
        for (int x = 0; x < window.width; ++x) {
          const std::uint32_t r = bands[0](x, y), g = bands[1](x, y), b = bands[2](x, y);
          Sums& s = own[(r >> kShift) << 2 * kBits | (g >> kShift) << kBits | b >> kShift];
          ++s.pixels, s.values[0] += r, s.values[1] += g, s.values[2] += b;
        }
    }
    const std::lock_guard<std::mutex> lock(guard);
    for (std::size_t k = 0; k < kBins; ++k) {
      all[k].pixels += own[k].pixels;
      for (std::size_t c = 0; c < 3; ++c) all[k].values[c] += own[k].values[c];
    }
  });
  std::vector<Colour> colours;
  for (const Sums& s : all) {
    if (s.pixels == 0) continue;
    const auto n = static_cast<double>(s.pixels);
    colours.push_back({n,
                       {static_cast<double>(s.values[0]) / n, static_cast<double>(s.values[1]) / n,
                        static_cast<double>(s.values[2]) / n}});
  }
  return colours;
}

StainVector white_point(const std::vector<Colour>& colours) {
  double pixels = 0, most = 0;
  for (const Colour& c : colours) pixels += c.pixels, most = std::max(most, c.pixels);
  const double frequent = std::min(kFrequent * pixels, most);
  const auto light = [](const Colour& c) { return c.mean[0] + c.mean[1] + c.mean[2]; };
  double brightest = 0;
  for (const Colour& c : colours)
    if (c.pixels >= frequent) brightest = std::max(brightest, light(c));
  const Colour* glass = nullptr;
  for (const Colour& c : colours)
    if (c.pixels >= frequent && light(c) >= kNearlyBrightest * brightest &&
        (glass == nullptr || c.pixels > glass->pixels))
      glass = &c;
  const StainVector first = glass->mean;
  StainVector white = first;
  for (int pass = 0; pass < 5; ++pass) {
    double n = 0;
    StainVector sum{};
    for (const Colour& c : colours) {
      bool near = true;
      for (std::size_t b = 0; b < 3; ++b) near = near && std::abs(c.mean[b] - white[b]) <= kSpread;
      if (!near) continue;
      n += c.pixels;
      for (std::size_t b = 0; b < 3; ++b) sum[b] += c.pixels * c.mean[b];
    }
    for (std::size_t b = 0; b < 3 && n > 0; ++b)
      white[b] = std::clamp(sum[b] / n, first[b] - kMostMove, first[b] + kMostMove);
  }
  for (double& w : white) w = std::clamp(w, 1.0, 255.0);
  return white;
}

}  // namespace hexaplex
