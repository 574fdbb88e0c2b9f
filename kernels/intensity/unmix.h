#pragma once

#include <cstdint>
#include <span>

#include "kernels/intensity/unmix_model.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

// Planes lie in the queue's memory; the model, the views of the planes and all that is counted lie on the host. A
// device's queue is waited for where tables are copied to it, and, by all but unmix_least_squares, at the end. Any call
// may throw OutOfMemory and DeviceError.

/// What every pixel of a non-negative solution is to meet (NonNegativeReport::max_violation).
inline constexpr double kOptimalityPromise = 1e-5;

/// How the non-negative solution was reached; totals do not depend on threads or tiles.
struct NonNegativeReport {
  std::int64_t pixels = 0;
  std::int64_t pivots = 0;           ///< passive sets tried
  std::int64_t fallback_pixels = 0;  ///< where pivoting gave up and the exhaustive (or active set) search decided
  /// Largest violation of the optimality conditions over all pixels, on the float32 values written: the greatest of
  /// |g_i| where x_i > 0 and of g_i where x_i = 0, over max |A^T b|, with g = A^T (b - A x).
  double max_violation = 0;

  void merge(const NonNegativeReport& other);
};

/// Least-squares abundances: x = (A^T A)^-1 A^T (raw - offset), in float32, bands added in order.
///
/// @param bands       model.bands planes [height x width], counts; float bands must be finite
/// @param components  model.components planes of the same extent; must not overlap the bands
/// @param clip        write 0 where a value is negative
/// Halo:    none
/// Memory:  none that grows with the image
/// Result:  bit-identical across backends, threads, tilings and ISA levels
/// Throws:  InvalidArgument where the number or extent of the planes does not fit the model
void unmix_least_squares(const Queue& q, const UnmixModel& model, std::span<const Plane<const std::uint16_t>> bands,
                         std::span<const Plane<float>> components, bool clip = false);
void unmix_least_squares(const Queue& q, const UnmixModel& model, std::span<const Plane<const float>> bands,
                         std::span<const Plane<float>> components, bool clip = false);

/// Non-negative least squares: the x >= 0 nearest to the pixel's counts, min |A x - (raw - offset)|, for each pixel by
/// itself, in double, written as float32. Every pixel is optimal: see NonNegativeReport::max_violation, which is
/// measured, not assumed.
///
/// Parameters, halo, memory, result and errors as unmix_least_squares; a device needs the model's tables and 4 bytes a
/// pixel.
/// Source: block principal pivoting (Portugal, Judice, Vicente 1994; Kim, Park 2011) with Murty's least-index rule as
///         the backup; departures: one matrix per passive set gives solution and gradient together, and where rounding
///         keeps the pivoting from ending the best of all passive sets is taken (Lawson-Hanson above
///         kMaxTabledComponents).
///
/// @param sets  [height x width], tabled models only: receives the passive set of each pixel, a bit for each component,
///              from which unmix_from_sets finds the same values again; a plane without data is left alone
NonNegativeReport unmix_non_negative(const Queue& q, const UnmixModel& model,
                                     std::span<const Plane<const std::uint16_t>> bands,
                                     std::span<const Plane<float>> components, Plane<std::uint16_t> sets = {});
NonNegativeReport unmix_non_negative(const Queue& q, const UnmixModel& model, std::span<const Plane<const float>> bands,
                                     std::span<const Plane<float>> components, Plane<std::uint16_t> sets = {});

/// The values of unmix_non_negative once more, at the price of one product a pixel instead of a search: what a slide
/// that does not fit in memory is unmixed by wherever its abundances are needed again.
///
/// @param sets        as unmix_non_negative wrote them for the same bands
/// @param components  as there; planes without data are not wanted
/// Result:  the bytes of unmix_non_negative
/// Throws:  InvalidArgument, for a model without a table of passive sets too
void unmix_from_sets(const Queue& q, const UnmixModel& model, std::span<const Plane<const std::uint16_t>> bands,
                     Plane<const std::uint16_t> sets, std::span<const Plane<float>> components);
void unmix_from_sets(const Queue& q, const UnmixModel& model, std::span<const Plane<const float>> bands,
                     Plane<const std::uint16_t> sets, std::span<const Plane<float>> components);

/// Marks pixels whose count reaches the camera's saturation in any band.
///
/// @param saturated  [height x width], set to 1 or 0; a plane without data is left alone
/// @param counts     one per band; the number of saturated pixels is added to it
void mark_saturated(const Queue& q, std::span<const Plane<const std::uint16_t>> bands, double saturation_counts,
                    Plane<std::uint8_t> saturated, std::span<std::int64_t> counts);
void mark_saturated(const Queue& q, std::span<const Plane<const float>> bands, double saturation_counts,
                    Plane<std::uint8_t> saturated, std::span<std::int64_t> counts);

namespace detail {
// For T = uint16_t and float.
template <class T>
void unmix_least_squares(const CpuQueue& q, const UnmixModel& model, std::span<const Plane<const T>> bands,
                         std::span<const Plane<float>> components, bool clip);
template <class T>
NonNegativeReport unmix_non_negative(const CpuQueue& q, const UnmixModel& model, std::span<const Plane<const T>> bands,
                                     std::span<const Plane<float>> components, Plane<std::uint16_t> sets);
template <class T>
void unmix_from_sets(const CpuQueue& q, const UnmixModel& model, std::span<const Plane<const T>> bands,
                     Plane<const std::uint16_t> sets, std::span<const Plane<float>> components);
template <class T>
void mark_saturated(const CpuQueue& q, std::span<const Plane<const T>> bands, double saturation_counts,
                    Plane<std::uint8_t> saturated, std::span<std::int64_t> counts);
#if HX_WITH_CUDA
template <class T>
void unmix_least_squares(const CudaQueue& q, const UnmixModel& model, std::span<const Plane<const T>> bands,
                         std::span<const Plane<float>> components, bool clip);
template <class T>
NonNegativeReport unmix_non_negative(const CudaQueue& q, const UnmixModel& model, std::span<const Plane<const T>> bands,
                                     std::span<const Plane<float>> components, Plane<std::uint16_t> sets);
template <class T>
void unmix_from_sets(const CudaQueue& q, const UnmixModel& model, std::span<const Plane<const T>> bands,
                     Plane<const std::uint16_t> sets, std::span<const Plane<float>> components);
template <class T>
void mark_saturated(const CudaQueue& q, std::span<const Plane<const T>> bands, double saturation_counts,
                    Plane<std::uint8_t> saturated, std::span<std::int64_t> counts);
#endif
}  // namespace detail

}  // namespace hexaplex
