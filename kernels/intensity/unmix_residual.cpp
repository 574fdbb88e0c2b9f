#include "kernels/intensity/unmix_residual.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "kernels/intensity/unmix_checks.h"
#include "kernels/intensity/unmix_residual_pixel.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

constexpr int kBlock = 128;  // pixels whose squares are added in 64 bits

struct Work {
  explicit Work(int components) : abundances(static_cast<std::size_t>(components) * kBlock) {}
  std::vector<double> abundances;  // [components x kBlock]
  double counts[kBlock];
  double fitted[kBlock];
  double residual_squares[kBlock];
  double signal_squares[kBlock];
};

template <class T>
[[gnu::always_inline]] inline void load_counts(const T* src, double offset, int n, double* counts) {
  for (int i = 0; i < n; ++i) counts[i] = static_cast<double>(src[i]) - offset;
}

HX_CLONES void load(const std::uint16_t* src, double offset, int n, double* counts) {
  load_counts(src, offset, n, counts);
}

HX_CLONES void load(const float* src, double offset, int n, double* counts) {
  load_counts(src, offset, n, counts);
}

HX_CLONES void fit(const double* abundances, const double* library_row, int components, int n, double* fitted) {
  for (int i = 0; i < n; ++i) fitted[i] = 0;
  for (int k = 0; k < components; ++k) {
    const double weight = library_row[k];
    const double* x = abundances + k * kBlock;
    for (int i = 0; i < n; ++i) fitted[i] += weight * x[i];
  }
}

/// Sum of the squares of values as whole numbers of quanta: 16-bit counts fit 64 bits.
HX_CLONES std::uint64_t sum_of_squares(const double* values, double per_quantum, int n) {
  std::int64_t sum = 0;
  for (int i = 0; i < n; ++i) {
    const std::int64_t whole = detail::whole_quanta(values[i], per_quantum);
    sum += whole * whole;
  }
  return static_cast<std::uint64_t>(sum);
}

void add_squares(const double* values, double per_quantum, int n, std::uint16_t, WideSum& sum) {
  sum.add(sum_of_squares(values, per_quantum, n));
}

/// The same for floats of any scale.
void add_squares(const double* values, double per_quantum, int n, float, WideSum& sum) {
  for (int i = 0; i < n; ++i) sum.add_square(detail::whole_float_quanta(values[i], per_quantum));
}

/// Turns the fitted values into residuals, and adds to the squares of each pixel.
HX_CLONES void subtract(Work& work, int n) {
  for (int i = 0; i < n; ++i) {
    const double b = work.counts[i], r = b - work.fitted[i];
    work.signal_squares[i] += b * b;
    work.residual_squares[i] += r * r;
    work.fitted[i] = r;
  }
}

HX_CLONES void write_relative(const Work& work, int n, float* dst) {
  for (int i = 0; i < n; ++i) dst[i] = detail::relative_residual(work.residual_squares[i], work.signal_squares[i]);
}

template <class T>
void run(const Queue& q, const UnmixModel& m, std::span<const Plane<const T>> bands,
         std::span<const Plane<const float>> components, Plane<float> relative, ResidualSums& sums) {
  const Extent extent = detail::unmix_extent(m, bands, components);
  HX_EXPECT(relative.data == nullptr || relative.extent == extent, "residual and bands differ in extent");
  HX_EXPECT(static_cast<int>(sums.residual_squares.size()) == m.bands, "one sum per band is needed");
  if (extent.empty()) return;
  std::visit([&](const auto& queue) { detail::unmix_residual(queue, m, bands, components, relative, sums); }, q);
}

double rms(const WideSum& squares, double quantum, std::int64_t pixels) {
  return pixels > 0 ? std::sqrt(squares.value() / static_cast<double>(pixels)) * quantum : 0.0;
}

}  // namespace

ResidualSums::ResidualSums(int bands, double quantum_counts)
    : quantum(quantum_counts), residual_squares(bands), signal_squares(bands) {
  HX_EXPECT(bands >= 1, "one band at least is needed");
  HX_EXPECT(quantum_counts > 0 && std::isfinite(1 / quantum_counts), "the quantum must be above 0");
}

void ResidualSums::merge(const ResidualSums& other) {
  HX_EXPECT(other.residual_squares.size() == residual_squares.size() && other.quantum == quantum,
            "sums of different bands or quanta cannot be added");
  pixels += other.pixels;
  for (std::size_t b = 0; b < residual_squares.size(); ++b) {
    residual_squares[b].add(other.residual_squares[b]);
    signal_squares[b].add(other.signal_squares[b]);
  }
}

double ResidualSums::rms_residual(int band) const {
  return rms(residual_squares[band], quantum, pixels);
}

double ResidualSums::rms_signal(int band) const {
  return rms(signal_squares[band], quantum, pixels);
}

double ResidualSums::relative_residual() const {
  WideSum residual, signal;
  for (const WideSum& s : residual_squares) residual.add(s);
  for (const WideSum& s : signal_squares) signal.add(s);
  return signal.value() > 0 ? std::sqrt(residual.value() / signal.value()) : 0.0;
}

void unmix_residual(const Queue& q, const UnmixModel& model, std::span<const Plane<const std::uint16_t>> bands,
                    std::span<const Plane<const float>> components, Plane<float> relative, ResidualSums& sums) {
  run(q, model, bands, components, relative, sums);
}

void unmix_residual(const Queue& q, const UnmixModel& model, std::span<const Plane<const float>> bands,
                    std::span<const Plane<const float>> components, Plane<float> relative, ResidualSums& sums) {
  run(q, model, bands, components, relative, sums);
}

namespace detail {

template <class T>
void unmix_residual(const CpuQueue& q, const UnmixModel& m, std::span<const Plane<const T>> bands,
                    std::span<const Plane<const float>> components, Plane<float> relative, ResidualSums& sums) {
  const Extent extent = bands[0].extent;
  const double per_quantum = 1 / sums.quantum;
  std::mutex guard;
  for_each_band(q, extent.height, 8, [&](std::int64_t begin, std::int64_t end) {
    Work work(m.components);
    ResidualSums found(m.bands, sums.quantum);
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (int x = 0; x < extent.width; x += kBlock) {
        const int n = std::min(kBlock, extent.width - x);
        for (int k = 0; k < m.components; ++k)
          load(components[k].row(y) + x, 0.0, n, &work.abundances[static_cast<std::size_t>(k) * kBlock]);
        for (int i = 0; i < n; ++i) work.residual_squares[i] = work.signal_squares[i] = 0;
        for (int b = 0; b < m.bands; ++b) {
          load(bands[b].row(y) + x, m.offset_counts, n, work.counts);
          fit(work.abundances.data(), &m.library[static_cast<std::size_t>(b) * m.lanes], m.components, n, work.fitted);
          subtract(work, n);
          add_squares(work.counts, per_quantum, n, T{}, found.signal_squares[b]);
          add_squares(work.fitted, per_quantum, n, T{}, found.residual_squares[b]);
        }
        if (relative.data != nullptr) write_relative(work, n, relative.row(y) + x);
        found.pixels += n;
      }
    std::lock_guard<std::mutex> lock(guard);
    sums.merge(found);
  });
}

template void unmix_residual(const CpuQueue&, const UnmixModel&, std::span<const Plane<const std::uint16_t>>,
                             std::span<const Plane<const float>>, Plane<float>, ResidualSums&);
template void unmix_residual(const CpuQueue&, const UnmixModel&, std::span<const Plane<const float>>,
                             std::span<const Plane<const float>>, Plane<float>, ResidualSums&);

}  // namespace detail
}  // namespace hexaplex
