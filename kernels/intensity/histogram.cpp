#include "kernels/intensity/histogram.h"

#include <algorithm>
#include <mutex>

#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {
constexpr int kBins = 65536;
constexpr const char* kBinsError = "a histogram has 65,536 bins";

// One table per band of rows, so bands must be large enough to be worth 256 KiB of counters.
template <class T, class KeyOf>
void add(const CpuQueue& q, Plane<const T> src, Histogram16& h, KeyOf key_of) {
  if (src.extent.empty()) return;
  const std::int64_t grain = std::max<std::int64_t>(1, (1 << 20) / src.width());
  std::mutex guard;
  for_each_band(q, src.height(), grain, [&](std::int64_t begin, std::int64_t end) {
    std::vector<std::uint32_t> local(kBins, 0);
    const std::int64_t most_rows = (std::int64_t{1} << 32) / src.width() - 1;  // what 32 bits can count for sure
    for (auto first = begin; first < end; first += most_rows) {
      std::fill(local.begin(), local.end(), 0);
      for (auto y = first; y < std::min(end, first + most_rows); ++y) {
        const T* row = src.row(static_cast<int>(y));
        for (int x = 0; x < src.width(); ++x) ++local[key_of(row[x])];
      }
      std::lock_guard<std::mutex> lock(guard);
      for (int i = 0; i < kBins; ++i) h[i] += local[i];
    }
  });
}

template <class T>
void run(const Queue& q, std::span<const Plane<const T>> planes, std::span<Histogram16> histograms) {
  HX_EXPECT(planes.size() == histograms.size(), "one histogram is needed for each plane");
  for (const Histogram16& h : histograms) HX_EXPECT(h.size() == kBins, kBinsError);
  std::visit([&](const auto& queue) { detail::add_to_histograms(queue, planes, histograms); }, q);
}
}  // namespace

Histogram16 empty_histogram() {
  return Histogram16(kBins, 0);
}

void add(const Histogram16& from, Histogram16& to) {
  HX_EXPECT(from.size() == to.size(), "histograms of different sizes cannot be added");
  for (std::size_t v = 0; v < to.size(); ++v) to[v] += from[v];
}

float float_of_key(std::uint16_t key) {
  std::uint32_t bits = static_cast<std::uint32_t>(key) << 16;
  bits = (bits & 0x80000000u) != 0 ? bits & 0x7fffffffu : ~bits;
  float v;
  std::memcpy(&v, &bits, sizeof v);
  return v;
}

void add_to_histogram(const Queue& q, Plane<const std::uint16_t> src, Histogram16& h) {
  run<std::uint16_t>(q, {&src, 1}, {&h, 1});
}

void add_to_histogram(const Queue& q, std::span<const Plane<const std::uint16_t>> planes, Histogram16& h) {
  HX_EXPECT(h.size() == kBins, kBinsError);
  std::visit([&](const auto& queue) { detail::add_to_histograms(queue, planes, {&h, 1}); }, q);
}

void add_to_histogram(const Queue& q, Plane<const float> src, Histogram16& h) {
  run<float>(q, {&src, 1}, {&h, 1});
}

void add_to_histograms(const Queue& q, std::span<const Plane<const std::uint16_t>> planes,
                       std::span<Histogram16> histograms) {
  run(q, planes, histograms);
}

void add_to_histograms(const Queue& q, std::span<const Plane<const float>> planes, std::span<Histogram16> histograms) {
  run(q, planes, histograms);
}

std::int64_t total(const Histogram16& h) {
  std::int64_t n = 0;
  for (auto c : h) n += c;
  return n;
}

int quantile(const Histogram16& h, double fraction) {
  HX_EXPECT(fraction >= 0 && fraction <= 1, "a quantile lies in 0..1");
  const double wanted = fraction * static_cast<double>(total(h));
  std::int64_t below = 0;
  for (int v = 0; v < static_cast<int>(h.size()); ++v) {
    below += h[v];
    if (below > 0 && static_cast<double>(below) >= wanted) return v;
  }
  return 0;
}

int otsu_threshold(const Histogram16& h) {
  double n = 0, sum = 0;
  for (int v = 0; v < static_cast<int>(h.size()); ++v) {
    n += static_cast<double>(h[v]);
    sum += static_cast<double>(h[v]) * v;
  }
  double n0 = 0, sum0 = 0, best = -1;
  int threshold = 0;
  for (int v = 0; v < static_cast<int>(h.size()); ++v) {
    if (h[v] == 0) continue;  // same split as the bin below
    n0 += static_cast<double>(h[v]);
    sum0 += static_cast<double>(h[v]) * v;
    const double n1 = n - n0;
    if (n1 <= 0) {
      if (best < 0) threshold = v;
      break;
    }
    const double difference = sum0 / n0 - (sum - sum0) / n1;
    const double between = n0 * n1 * difference * difference;
    if (between > best) best = between, threshold = v;
  }
  return threshold;
}

namespace detail {

void add_to_histograms(const CpuQueue& q, std::span<const Plane<const std::uint16_t>> planes,
                       std::span<Histogram16> histograms) {
  for (std::size_t i = 0; i < planes.size(); ++i)
    add(q, planes[i], histograms[histograms.size() == 1 ? 0 : i], [](std::uint16_t v) { return v; });
}

void add_to_histograms(const CpuQueue& q, std::span<const Plane<const float>> planes,
                       std::span<Histogram16> histograms) {
  for (std::size_t i = 0; i < planes.size(); ++i)
    add(q, planes[i], histograms[histograms.size() == 1 ? 0 : i], [](float v) { return float_key(v); });
}

}  // namespace detail

}  // namespace hexaplex
