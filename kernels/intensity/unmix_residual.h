#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/intensity/unmix_model.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// A sum of 128 bits: adding in any order gives the same number.
struct WideSum {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  HX_HD void add(std::uint64_t value) {
    low += value;
    high += low < value;
  }
  HX_HD void add(const WideSum& other) {
    high += other.high;
    add(other.low);
  }
  /// Adds value^2, for values below 2^63.
  HX_HD void add_square(std::uint64_t value) {
    const std::uint64_t a = value >> 32, b = value & 0xffffffffu;  // (a 2^32 + b)^2
    const std::uint64_t middle = a * b;
    high += a * a + (middle >> 31);
    add(middle << 33);
    add(b * b);
  }
  double value() const { return static_cast<double>(high) * 0x1p64 + static_cast<double>(low); }
};

/// What residuals are rounded to before they are squared: counts of a camera, and floats of unknown scale.
inline constexpr double kCountQuantum = 0x1p-6;
inline constexpr double kFloatQuantum = 0x1p-20;

/// Sums that describe how well a library explains an image. Values are quantised before they are squared, so that sums
/// are integers and tiles add up like the whole. A value beyond 2^27 quanta (floats: 2^52) is taken as that many.
struct ResidualSums {
  explicit ResidualSums(int bands, double quantum_counts = kCountQuantum);
  void merge(const ResidualSums& other);

  double rms_residual(int band) const;  ///< counts
  double rms_signal(int band) const;    ///< counts after the offset
  double relative_residual() const;     ///< |b - A x| / |b| over all bands and pixels; 0 without signal

  double quantum;
  std::int64_t pixels = 0;
  std::vector<WideSum> residual_squares;  ///< per band, in quantum^2
  std::vector<WideSum> signal_squares;
};

/// Residual of an unmixing: adds to `sums`, and writes |b - A x| / |b| of each pixel (0 where b = 0). Planes lie in the
/// queue's memory, all else on the host. Waits for the queue.
///
/// @param bands       model.bands planes of counts
/// @param components  model.components planes as written by unmix_least_squares or unmix_non_negative
/// @param relative    same extent, or a plane without data: not wanted
/// Halo:    none
/// Result:  bit-identical across backends, threads, tilings and ISA levels
/// Throws:  InvalidArgument where the number or extent of the planes does not fit the model; OutOfMemory; DeviceError
void unmix_residual(const Queue& q, const UnmixModel& model, std::span<const Plane<const std::uint16_t>> bands,
                    std::span<const Plane<const float>> components, Plane<float> relative, ResidualSums& sums);
void unmix_residual(const Queue& q, const UnmixModel& model, std::span<const Plane<const float>> bands,
                    std::span<const Plane<const float>> components, Plane<float> relative, ResidualSums& sums);

namespace detail {
// For T = uint16_t and float.
template <class T>
void unmix_residual(const CpuQueue& q, const UnmixModel& model, std::span<const Plane<const T>> bands,
                    std::span<const Plane<const float>> components, Plane<float> relative, ResidualSums& sums);
#if HX_WITH_CUDA
template <class T>
void unmix_residual(const CudaQueue& q, const UnmixModel& model, std::span<const Plane<const T>> bands,
                    std::span<const Plane<const float>> components, Plane<float> relative, ResidualSums& sums);
#endif
}  // namespace detail

}  // namespace hexaplex
