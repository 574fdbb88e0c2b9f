#include <benchmark/benchmark.h>

#include <cmath>
#include <cstring>
#include <random>

#include "kernels/intensity/unmix.h"
#include "kernels/intensity/unmix_residual.h"
#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/launch.h"

// Unmixing beside a memcpy that moves as many bytes per pixel, in one run: [bands, components, threads].

namespace {

using namespace hexaplex;

constexpr Extent kExtent{2048, 2048};

struct Input {
  UnmixModel model;
  std::vector<HostPlane<std::uint16_t>> counts;
  std::vector<HostPlane<float>> abundances;

  Input(int bands, int components) {
    std::vector<double> library(static_cast<std::size_t>(bands) * components);
    for (int b = 0; b < bands; ++b)
      for (int k = 0; k < components; ++k) {
        const double distance = ((b + 0.5) / bands * components - (k + 0.5)) / 0.8;
        library[static_cast<std::size_t>(b) * components + k] = std::exp(-0.5 * distance * distance) + 0.002 * (k % 3);
      }
    model = make_unmix_model(library, bands, components, 10);
    for (int b = 0; b < bands; ++b) counts.emplace_back(kExtent);
    for (int k = 0; k < components; ++k) abundances.emplace_back(kExtent, 0.0f);
    std::mt19937 random(1);
    std::normal_distribution<double> normal;
    std::vector<double> x(components);
    for (std::int64_t i = 0; i < kExtent.area(); ++i) {
      for (double& v : x) v = random() % 4 == 0 ? static_cast<double>(random() % 400) : 4.0;  // one in four is stained
      for (int b = 0; b < bands; ++b) {
        double mean = 0;
        for (int k = 0; k < components; ++k) mean += library[static_cast<std::size_t>(b) * components + k] * x[k];
        const double noisy = mean + std::sqrt(mean + 4) * normal(random) + 10;
        counts[b].data()[i] = static_cast<std::uint16_t>(noisy > 0 ? noisy + 0.5 : 0);
      }
    }
  }

  std::vector<Plane<const std::uint16_t>> bands() const {
    std::vector<Plane<const std::uint16_t>> v;
    for (const auto& p : counts) v.push_back(p.view());
    return v;
  }
  std::vector<Plane<float>> components() {
    std::vector<Plane<float>> v;
    for (auto& p : abundances) v.push_back(p.view());
    return v;
  }
};

Input& input(int bands, int components) {
  static std::unique_ptr<Input> last;
  if (!last || last->model.bands != bands || last->model.components != components) {
    last.reset();
    last = std::make_unique<Input>(bands, components);
  }
  return *last;
}

void report(benchmark::State& state, int bands, int components) {
  state.counters["Mpx/s"] =
      benchmark::Counter(static_cast<double>(state.iterations() * kExtent.area()) / 1e6, benchmark::Counter::kIsRate);
  state.SetBytesProcessed(state.iterations() * kExtent.area() * (2 * bands + 4 * components));
}

template <class F>
void run(benchmark::State& state, F&& f) {
  const int bands = static_cast<int>(state.range(0)), components = static_cast<int>(state.range(1));
  Input& in = input(bands, components);
  set_cpu_threads(static_cast<int>(state.range(2)));
  f(in);  // first touch
  for (auto _ : state) f(in);
  report(state, bands, components);
  set_cpu_threads(0);
}

void copy(benchmark::State& state) {
  // Half of the bytes are read, half written.
  run(state, [](Input& in) {
    const std::size_t bytes = (2 * in.counts.size() + 4 * in.abundances.size()) * kExtent.area() / 2;
    static std::vector<char> from, to;
    if (from.size() != bytes) {
      from.assign(bytes, 1);
      to.assign(bytes, 2);
    }
    for_each_band(CpuQueue{}, static_cast<std::int64_t>(bytes >> 20), 8, [&](std::int64_t begin, std::int64_t end) {
      std::memcpy(to.data() + (begin << 20), from.data() + (begin << 20), static_cast<std::size_t>(end - begin) << 20);
    });
    benchmark::ClobberMemory();
  });
}

void least_squares(benchmark::State& state) {
  run(state, [](Input& in) { unmix_least_squares(CpuQueue{}, in.model, in.bands(), in.components(), true); });
}

void non_negative(benchmark::State& state) {
  NonNegativeReport last;
  run(state, [&](Input& in) { last = unmix_non_negative(CpuQueue{}, in.model, in.bands(), in.components()); });
  state.counters["pivots/px"] = static_cast<double>(last.pivots) / static_cast<double>(last.pixels);
  state.counters["violation"] = last.max_violation;
}

void residual(benchmark::State& state) {
  run(state, [](Input& in) {
    ResidualSums sums(in.model.bands);
    std::vector<Plane<const float>> x;
    for (const auto& p : in.abundances) x.push_back(p.view());
    unmix_residual(CpuQueue{}, in.model, in.bands(), x, {}, sums);
    benchmark::DoNotOptimize(sums.relative_residual());
  });
}

void shapes(benchmark::internal::Benchmark* b) {
  for (const auto& [bands, components] : {std::pair{8, 7}, {8, 8}, {35, 8}, {43, 10}})
    for (int threads : {1, 2}) b->Args({bands, components, threads});
  b->ArgNames({"bands", "components", "threads"})->UseRealTime()->Unit(benchmark::kMillisecond);
}

BENCHMARK(copy)->Apply(shapes);
BENCHMARK(least_squares)->Apply(shapes);
BENCHMARK(non_negative)->Apply(shapes);
BENCHMARK(residual)->Apply(shapes);

}  // namespace
