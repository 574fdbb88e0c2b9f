#include "kernels/measure/region_stats.h"

#include <algorithm>
#include <limits>
#include <string>

#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

// Eight channels at a time, one vector lane each: runs of cells are short, so lanes along x would stay empty.
constexpr int kLanes = 8;
using Double8 = double __attribute__((vector_size(8 * sizeof(double))));
using Float8 = float __attribute__((vector_size(8 * sizeof(float))));
using Int8 = int __attribute__((vector_size(8 * sizeof(int))));

// A square has 72 bits, so the value is split as high * 2^18 + low and the three products are summed apart. All sums
// are whole numbers below 2^53 as long as no more than kMostPixels go into one accumulator: exact in a double.
constexpr double kSplit = 262144.0;
constexpr std::int64_t kMostPixels = 1 << 16;

struct alignas(64) LaneSums {
  Double8 sum, high_high, high_low, low_low;
  Float8 min, max;
};

struct LaneInput {
  const float* data[kLanes];
  std::ptrdiff_t pitch[kLanes];
  int origin_x, origin_y;
  double scale[kLanes];
};

constexpr std::size_t kAhead = 6;  // runs

HX_CLONES void add_runs(const PixelRun* runs, std::size_t count, const LaneInput& in, LaneSums* parts) {
  constexpr double kRound = 6755399441055744.0;
  Double8 scale;
  for (int c = 0; c < kLanes; ++c) scale[c] = in.scale[c];
  for (std::size_t r = 0; r < count; ++r) {
    const PixelRun run = runs[r];
    if (r + kAhead < count) {
      // Rows of a region lie far apart, where the hardware does not look ahead.
      const PixelRun& soon = runs[r + kAhead];
      for (int c = 0; c < kLanes; ++c) {
        const float* row = in.data[c] + (soon.y - in.origin_y) * in.pitch[c] - in.origin_x;
        __builtin_prefetch(row + soon.begin);
        __builtin_prefetch(row + soon.end - 1);
      }
    }
    const float* row[kLanes];
    for (int c = 0; c < kLanes; ++c) row[c] = in.data[c] + (run.y - in.origin_y) * in.pitch[c];
    LaneSums s = parts[run.part];
    for (std::ptrdiff_t x = run.begin - in.origin_x; x < run.end - in.origin_x; ++x) {
      Float8 v = {row[0][x], row[1][x], row[2][x], row[3][x], row[4][x], row[5][x], row[6][x], row[7][x]};
      v = v + 0.0f;  // -0 becomes 0: otherwise which of the two is the minimum would hang on the order
      // to_fixed of fixed_point.h, eight times
      const Double8 fixed = (__builtin_convertvector(v, Double8) * scale + kRound) - kRound;
      const Double8 high = (fixed * (1.0 / kSplit) + kRound) - kRound;
      const Double8 low = fixed - high * kSplit;
      s.sum = s.sum + fixed;
      s.high_high = s.high_high + high * high;
      s.high_low = s.high_low + high * low;
      s.low_low = s.low_low + low * low;
      s.min = v < s.min ? v : s.min;
      s.max = v > s.max ? v : s.max;
    }
    parts[run.part] = s;
  }
}

void reset(LaneSums& s) {
  s.sum = s.high_high = s.high_low = s.low_low = Double8{};
  for (int c = 0; c < kLanes; ++c) s.min[c] = ChannelSums::kNothing, s.max[c] = -ChannelSums::kNothing;
}

// Adds what the accumulators hold to the sums, for the parts that were used, and empties them.
void drain(LaneSums* parts, unsigned used, std::span<ChannelSums> sums, int channels, int first, int lanes) {
  const auto whole = [](double v) { return int128{static_cast<std::int64_t>(v)}; };  // below 2^53
  for (int part = 0; part < kPartCount; ++part) {
    if ((used >> part & 1) == 0) continue;
    LaneSums& s = parts[part];
    for (int c = 0; c < lanes; ++c) {
      ChannelSums add;
      add.sum = whole(s.sum[c]);
      add.sum_squares = (whole(s.high_high[c]) << 36) + (whole(s.high_low[c]) * (1 << 19)) + whole(s.low_low[c]);
      add.min = s.min[c];
      add.max = s.max[c];
      sums[static_cast<std::size_t>(part) * channels + first + c].add(add);
    }
    reset(s);
  }
}

void add_lanes(std::span<const PixelRun> runs, const ChannelPlanes& channels, int first, std::span<ChannelSums> sums) {
  const int count = static_cast<int>(channels.planes.size()), lanes = std::min(kLanes, count - first);
  LaneInput in;
  in.origin_x = channels.origin_x;
  in.origin_y = channels.origin_y;
  for (int c = 0; c < kLanes; ++c) {
    const int channel = first + std::min(c, lanes - 1);  // lanes left over repeat the last channel
    const Plane<const float>& plane = channels.planes[static_cast<std::size_t>(channel)];
    in.pitch[c] = plane.pitch;
    in.data[c] = plane.data;
    in.scale[c] = channels.fixed[static_cast<std::size_t>(channel)].scale;
  }
  LaneSums parts[kPartCount];
  for (LaneSums& s : parts) reset(s);
  std::int64_t pixels = 0;
  std::size_t begin = 0;
  unsigned used = 0;
  for (std::size_t r = 0; r < runs.size(); ++r) {
    used |= 1u << runs[r].part;
    const std::int64_t length = runs[r].end - runs[r].begin;
    if (pixels + length <= kMostPixels) {
      pixels += length;
      continue;
    }
    add_runs(runs.data() + begin, r - begin, in, parts);
    drain(parts, used, sums, count, first, lanes);
    begin = r;
    pixels = length;
    if (length <= kMostPixels) continue;
    for (PixelRun piece = runs[r]; piece.begin < runs[r].end; piece.begin = piece.end) {
      piece.end = static_cast<int>(std::min<std::int64_t>(runs[r].end, piece.begin + kMostPixels));
      add_runs(&piece, 1, in, parts);
      drain(parts, used, sums, count, first, lanes);
    }
    begin = r + 1;
    pixels = 0;
  }
  add_runs(runs.data() + begin, runs.size() - begin, in, parts);
  drain(parts, used, sums, count, first, lanes);
}

HX_CLONES std::uint32_t largest_bits(const float* row, std::ptrdiff_t count, std::uint32_t largest) {
  for (std::ptrdiff_t x = 0; x < count; ++x) {
    std::uint32_t bits;
    __builtin_memcpy(&bits, row + x, sizeof bits);
    bits &= 0x7fffffffu;
    largest = bits > largest ? bits : largest;
  }
  return largest;
}

}  // namespace

void add_region_sums(std::span<const PixelRun> runs, const ChannelPlanes& channels, std::span<std::int64_t> counts,
                     std::span<ChannelSums> sums) {
  for (const PixelRun& r : runs) counts[r.part] += r.end - r.begin;
  for (int first = 0; first < static_cast<int>(channels.planes.size()); first += kLanes)
    add_lanes(runs, channels, first, sums);
}

RegionTable region_sums(const CpuQueue& q, const RegionRuns& regions, const ChannelPlanes& channels) {
  HX_EXPECT(channels.planes.size() == channels.fixed.size(), "one fixed point is needed for each plane");
  RegionTable out;
  out.labels.assign(regions.labels.begin(), regions.labels.end());
  out.channels = static_cast<int>(channels.planes.size());
  out.counts.resize(regions.size() * kPartCount);
  out.sums.resize(regions.size() * kPartCount * channels.planes.size());
  const std::size_t row = kPartCount * channels.planes.size();
  for_each_band(q, static_cast<std::int64_t>(regions.size()), 64, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
      add_region_sums(regions.of(i), channels, std::span(out.counts).subspan(i * kPartCount, kPartCount),
                      std::span(out.sums).subspan(i * row, row));
  });
  return out;
}

void RegionTable::merge(const RegionTable& other) {
  if (labels.empty()) {
    *this = other;
    return;
  }
  HX_EXPECT(channels == other.channels || other.labels.empty(), "tables of different channels cannot be merged");
  RegionTable out;
  out.channels = channels;
  std::set_union(labels.begin(), labels.end(), other.labels.begin(), other.labels.end(),
                 std::back_inserter(out.labels));
  out.counts.resize(out.labels.size() * kPartCount);
  out.sums.resize(out.labels.size() * kPartCount * static_cast<std::size_t>(channels));
  const std::size_t row = static_cast<std::size_t>(kPartCount) * channels;
  for (const RegionTable* from : {static_cast<const RegionTable*>(this), &other}) {
    std::size_t to = 0;
    for (std::size_t i = 0; i < from->labels.size(); ++i) {
      while (out.labels[to] != from->labels[i]) ++to;
      for (int p = 0; p < kPartCount; ++p) out.counts[to * kPartCount + p] += from->counts[i * kPartCount + p];
      for (std::size_t k = 0; k < row; ++k) out.sums[to * row + k].add(from->sums[i * row + k]);
    }
  }
  *this = std::move(out);
}

void detail::throw_not_finite(int x, int y) {
  throw InvalidArgument("the value at pixel (" + std::to_string(x) + ", " + std::to_string(y) + ") is not finite");
}

float largest_magnitude(const Queue& q, Plane<const float> plane) {
  if (plane.extent.empty()) return 0;
  return std::visit([&](const auto& queue) { return detail::largest_magnitude(queue, plane); }, q);
}

std::vector<float> largest_magnitudes(const Queue& q, std::span<const Plane<const float>> planes) {
  return std::visit([&](const auto& queue) { return detail::largest_magnitudes(queue, planes); }, q);
}

std::vector<float> detail::largest_magnitudes(const CpuQueue& q, std::span<const Plane<const float>> planes) {
  std::vector<float> out;
  for (const Plane<const float>& plane : planes) out.push_back(hexaplex::largest_magnitude(q, plane));
  return out;
}

float detail::largest_magnitude(const CpuQueue& q, Plane<const float> plane) {
  constexpr int kRows = 64;
  std::vector<std::uint32_t> largest(static_cast<std::size_t>((plane.height() + kRows - 1) / kRows), 0u);
  for_each_task(q, static_cast<std::int64_t>(largest.size()), [&](std::int64_t b) {
    const int end = std::min(plane.height(), static_cast<int>(b + 1) * kRows);
    for (int y = static_cast<int>(b) * kRows; y < end; ++y)
      largest[b] = largest_bits(plane.row(y), plane.width(), largest[b]);
  });
  const std::uint32_t bits = *std::max_element(largest.begin(), largest.end());
  if (bits >= 0x7f800000u)
    for (int y = 0; y < plane.height(); ++y)
      for (int x = 0; x < plane.width(); ++x)
        if (largest_bits(&plane(x, y), 1, 0) >= 0x7f800000u) throw_not_finite(x, y);
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

double sum_of(const ChannelSums& s, const FixedPoint& fixed) {
  return static_cast<double>(s.sum) * fixed.unscale;
}

double mean_of(const ChannelSums& s, std::int64_t count, const FixedPoint& fixed) {
  if (count == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(s.sum) / static_cast<double>(count) * fixed.unscale;
}

double std_of(const ChannelSums& s, std::int64_t count, const FixedPoint& fixed) {
  if (count == 0) return std::numeric_limits<double>::quiet_NaN();
  const auto n = static_cast<double>(count);
  if (count < (1 << 26)) {
    const int128 spread = s.sum_squares * count - s.sum * s.sum;  // n^2 times the variance; below 2^125, exact
    return __builtin_sqrt(static_cast<double>(spread)) / n * fixed.unscale;
  }
  const double mean = static_cast<double>(s.sum) / n;
  const double variance = static_cast<double>(s.sum_squares) / n - mean * mean;
  return __builtin_sqrt(variance > 0 ? variance : 0) * fixed.unscale;
}

}  // namespace hexaplex
