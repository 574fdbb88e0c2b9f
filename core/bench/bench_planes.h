#pragma once

#include "core/bench/operators.h"

namespace hexaplex {

// What operators are timed on, made by the CPU's operators from one crowded field.

inline constexpr float kBenchScale = 20;  ///< counts of the 16-bit field per unit of light: nuclei come to some 20,000

HostPlane<float> bench_light(const BenchInput& in);
HostPlane<std::uint16_t> bench_field(const BenchInput& in);
HostPlane<std::uint16_t> bench_landscape(const BenchInput& in);
HostPlane<std::uint8_t> bench_mask(const BenchInput& in);
HostPlane<std::uint8_t> bench_pointers(const BenchInput& in);
HostPlane<std::uint32_t> bench_basins(const BenchInput& in);
/// Nuclei apart from each other, as they are before cells grow around them.
HostPlane<std::uint32_t> bench_seeds(const BenchInput& in);

}  // namespace hexaplex
