#include "core/unmixing/crosstalk.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "core/unmixing/library.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

constexpr std::int64_t kBrightPixels = 3200;
constexpr std::int64_t kSkippedOneIn = 10000;
constexpr double kLeastSupport = 0.5;
constexpr double kLeastEvenness = 0.6;

struct Ranked {
  std::uint32_t key;
  std::int64_t index;  // raster position
};

/// An integer that orders like the float.
std::uint32_t ordered_key(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

template <class F>
void for_each_key(Plane<const float> plane, F f) {
  for (int y = 0; y < plane.height(); ++y) {
    const float* row = plane.row(y);
    for (int x = 0; x < plane.width(); ++x) f(ordered_key(row[x]), static_cast<std::int64_t>(y) * plane.width() + x);
  }
}

/// Takes bins from the top until `rank` pixels are in them; gives the last bin, and lowers `rank` by what lies above
/// it.
std::uint32_t bin_of_rank(const std::vector<std::int64_t>& bins, std::int64_t& rank) {
  std::size_t bin = bins.size() - 1;
  while (rank > bins[bin]) rank -= bins[bin--];
  return static_cast<std::uint32_t>(bin);
}

/// Key of the pixel at `rank` (from 1, brightest first), and how many of the pixels with this key are within the rank:
/// the upper 16 bits from one histogram, the lower from a second.
std::pair<std::uint32_t, std::int64_t> key_of_rank(Plane<const float> plane, std::int64_t rank) {
  std::vector<std::int64_t> bins(1 << 16);
  for_each_key(plane, [&](std::uint32_t key, std::int64_t) { ++bins[key >> 16]; });
  const std::uint32_t upper = bin_of_rank(bins, rank);
  std::fill(bins.begin(), bins.end(), 0);
  for_each_key(plane, [&](std::uint32_t key, std::int64_t) {
    if (key >> 16 == upper) ++bins[key & 0xffff];
  });
  const std::uint32_t lower = bin_of_rank(bins, rank);
  return {upper << 16 | lower, rank};
}

/// Raster positions, ascending, of the bright pixels of a plane.
std::vector<std::int64_t> bright_pixels(Plane<const float> plane) {
  const std::int64_t all = plane.extent.area();
  const std::int64_t skipped = (all + kSkippedOneIn - 1) / kSkippedOneIn;
  const std::int64_t taken = std::min(kBrightPixels, all - skipped);
  if (taken <= 0) return {};
  const auto [least, ties] = key_of_rank(plane, skipped + taken);
  std::vector<Ranked> brightest;
  for_each_key(plane, [&, least = least, ties = ties](std::uint32_t key, std::int64_t index) mutable {
    if (key > least || (key == least && ties-- > 0)) brightest.push_back({key, index});
  });
  std::sort(brightest.begin(), brightest.end(),
            [](const Ranked& a, const Ranked& b) { return a.key != b.key ? a.key > b.key : a.index < b.index; });
  std::vector<std::int64_t> positions;
  for (std::int64_t i = skipped; i < skipped + taken; ++i) positions.push_back(brightest[i].index);
  std::sort(positions.begin(), positions.end());
  return positions;
}

double sum_at(Plane<const float> plane, const std::vector<std::int64_t>& positions) {
  double sum = 0;
  for (const std::int64_t i : positions)
    sum += plane(static_cast<int>(i % plane.width()), static_cast<int>(i / plane.width()));
  return sum;
}

double least_at(Plane<const float> plane, const std::vector<std::int64_t>& positions) {
  float least = std::numeric_limits<float>::infinity();
  for (const std::int64_t i : positions)
    least = std::min(least, plane(static_cast<int>(i % plane.width()), static_cast<int>(i / plane.width())));
  return least;
}

/// Mean of the (up to eight) neighbours of a pixel; the pixel itself where it has none.
double neighbour_mean(Plane<const float> plane, int x, int y) {
  double sum = 0;
  int count = 0;
  for (int v = std::max(0, y - 1); v <= std::min(plane.height() - 1, y + 1); ++v)
    for (int u = std::max(0, x - 1); u <= std::min(plane.width() - 1, x + 1); ++u) {
      if (u == x && v == y) continue;
      sum += plane(u, v);
      ++count;
    }
  return count > 0 ? sum / count : plane(x, y);
}

double neighbour_sum(Plane<const float> plane, const std::vector<std::int64_t>& positions) {
  double sum = 0;
  for (const std::int64_t i : positions)
    sum += neighbour_mean(plane, static_cast<int>(i % plane.width()), static_cast<int>(i / plane.width()));
  return sum;
}

}  // namespace

CrosstalkTable crosstalk_table(const CpuQueue& q, std::span<const std::string> names,
                               std::span<const Plane<const float>> planes) {
  HX_EXPECT(names.size() == planes.size(), "one name per component is needed");
  for (const auto& p : planes) HX_EXPECT(p.extent == planes[0].extent, "the components differ in extent");
  const std::size_t n = planes.size();
  const double none = std::numeric_limits<double>::quiet_NaN();
  CrosstalkTable table{{names.begin(), names.end()},
                       std::vector<double>(n * n, none),
                       std::vector<std::int64_t>(n),
                       std::vector<double>(n, none),
                       std::vector<double>(n, none)};
  for_each_task(q, static_cast<std::int64_t>(n), [&](std::int64_t primary) {
    const std::vector<std::int64_t> positions = bright_pixels(planes[primary]);
    const double own = sum_at(planes[primary], positions);
    table.pixels[primary] = static_cast<std::int64_t>(positions.size());
    if (!(own > 0)) return;
    table.evenness[primary] = least_at(planes[primary], positions) * static_cast<double>(positions.size()) / own;
    table.support[primary] = neighbour_sum(planes[primary], positions) / own;
    for (std::size_t other = 0; other < n; ++other)
      table.ratio[primary * n + other] = sum_at(planes[other], positions) / own;
  });
  return table;
}

bool CrosstalkTable::assessable(int primary) const {
  return components[primary] != kAutofluorescence && support[primary] >= kLeastSupport &&
         evenness[primary] >= kLeastEvenness;
}

const char* crosstalk_grade(double ratio) {
  if (ratio < 0.02) return "good for expression";
  if (ratio < 0.05) return "good for phenotyping";
  return ratio <= 0.10 ? "fair" : "poor";
}

}  // namespace hexaplex
