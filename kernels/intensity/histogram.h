#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Counts per 16-bit value. Integer counts add up over tiles in any order.
using Histogram16 = std::vector<std::int64_t>;  // 65,536 bins

Histogram16 empty_histogram();

/// to += from.
void add(const Histogram16& from, Histogram16& to);

/// The upper 16 bits of a float, re-ordered so that keys sort like the numbers: a logarithmic scale with bins of 0.4 to
/// 0.8 % of the value, the same on every machine.
HX_HD inline std::uint16_t float_key(float v) {
  std::uint32_t bits;
#ifdef __CUDA_ARCH__
  bits = __float_as_uint(v);
#else
  std::memcpy(&bits, &v, sizeof bits);
#endif
  bits = (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
  return static_cast<std::uint16_t>(bits >> 16);
}

/// The smallest float of a key's bin (towards minus infinity).
float float_of_key(std::uint16_t key);

/// Adds the values of a plane in the queue's memory to counts on the host, and waits for the queue. Halo: none. CUDA:
/// tiles count in shared memory, in windows of 16384 values; reads each pixel once. Memory: 256 KiB on a device.
/// Result: the same for any queue, tiling and thread count. Throws: InvalidArgument, OutOfMemory, DeviceError
void add_to_histogram(const Queue& q, Plane<const std::uint16_t> src, Histogram16& h);

/// Adds the keys (`float_key`) of a plane of finite floats, in the same way.
void add_to_histogram(const Queue& q, Plane<const float> src, Histogram16& h);

/// Adds several planes, of any extents, to one histogram: windows of an image, say. On a device with one wait, in 256
/// KiB for all of them.
void add_to_histogram(const Queue& q, std::span<const Plane<const std::uint16_t>> planes, Histogram16& h);

/// Adds each of several planes, of any extents, to the histogram in its place: what add_to_histogram does to one after
/// the other, and on a device in one launch and with one wait. Memory: 256 KiB a plane there.
void add_to_histograms(const Queue& q, std::span<const Plane<const std::uint16_t>> planes,
                       std::span<Histogram16> histograms);
void add_to_histograms(const Queue& q, std::span<const Plane<const float>> planes, std::span<Histogram16> histograms);

std::int64_t total(const Histogram16& h);

/// The smallest value whose cumulative count reaches `fraction` of the total, fraction in [0, 1]; 0 for an empty
/// histogram.
int quantile(const Histogram16& h, double fraction);

/// Otsu's threshold: values above it are foreground. Maximises the variance between the two classes; the lowest of
/// equal maxima. Returns the only value where all are equal, 0 for an empty histogram. Source: N. Otsu, IEEE Trans. SMC
/// 9 (1979) 62-66.
int otsu_threshold(const Histogram16& h);

namespace detail {
// One histogram for each plane, or one for all.
void add_to_histograms(const CpuQueue& q, std::span<const Plane<const std::uint16_t>> planes,
                       std::span<Histogram16> histograms);
void add_to_histograms(const CpuQueue& q, std::span<const Plane<const float>> planes,
                       std::span<Histogram16> histograms);
#if HX_WITH_CUDA
void add_to_histograms(const CudaQueue& q, std::span<const Plane<const std::uint16_t>> planes,
                       std::span<Histogram16> histograms);
void add_to_histograms(const CudaQueue& q, std::span<const Plane<const float>> planes,
                       std::span<Histogram16> histograms);
#endif
}  // namespace detail

}  // namespace hexaplex
