#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/intensity/stain_vector.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

inline constexpr int kMaxStains = 3;
inline constexpr int kStainLevels = 256;  // 8 bits a band

/// What deconvolution needs, computed once on the host by + - * / sqrt.
struct StainModel {
  int stains = 0;
  /// log10(white / value) of each band and value, at [band * kStainLevels + value]. A value of 0 counts as half a step:
  /// no more than the camera can tell.
  std::vector<float> density;
  std::array<std::array<float, 3>, kMaxStains> weights{};  ///< of the densities of R, G, B in the amount of each stain
};

/// Beer and Lambert: the density of a pixel is the sum of its stains' unit vectors, each times its amount.
///
/// @param stains  one to three. What two do not explain is a third, at right angles to both, that nobody asks for; the
///                amount of a single one is what fits a density best
/// @param white   value of each band where nothing absorbs, 1 .. 255 (fractions too)
/// Throws: InvalidArgument for vectors that are not finite, give light in sum, or depend on each other
/// Source: A. C. Ruifrok, D. A. Johnston, Anal. Quant. Cytol. Histol. 23 (2001) 291
StainModel make_stain_model(std::span<const StainVector> stains, const StainVector& white);

/// How much of each stain a pixel of a brightfield picture holds, in units of optical density.
///
/// @param rgb      red, green, blue, of 8 bits: what is above 255 counts as 255
/// @param amounts  one plane a stain, the extent of the bands and apart from them; without data: not wanted
/// @param clip     amounts below 0 become 0
/// Halo:    none
/// Memory:  3 KiB of tables
/// Result:  bit-identical across backends; float32, one product a band, added from red to blue
/// Throws:  InvalidArgument; OutOfMemory; DeviceError
void deconvolve_stains(const Queue& q, const StainModel& model, const std::array<Plane<const std::uint16_t>, 3>& rgb,
                       std::span<const Plane<float>> amounts, bool clip = true);

namespace detail {
void deconvolve_stains(const CpuQueue& q, const StainModel& model, const std::array<Plane<const std::uint16_t>, 3>& rgb,
                       std::span<const Plane<float>> amounts, bool clip);
#if HX_WITH_CUDA
void deconvolve_stains(const CudaQueue& q, const StainModel& model,
                       const std::array<Plane<const std::uint16_t>, 3>& rgb, std::span<const Plane<float>> amounts,
                       bool clip);
#endif
}  // namespace detail

}  // namespace hexaplex
