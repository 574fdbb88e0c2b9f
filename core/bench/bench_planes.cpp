#include "core/bench/bench_planes.h"

#include "core/bench/crowded_field.h"
#include "kernels/filter/gaussian.h"
#include "kernels/intensity/histogram.h"
#include "kernels/intensity/quantise.h"
#include "kernels/segment/climb.h"

namespace hexaplex {

HostPlane<float> bench_light(const BenchInput& in) {
  return crowded_field(in.extent, in.nucleus_px);
}

HostPlane<std::uint16_t> bench_field(const BenchInput& in) {
  const HostPlane<float> light = crowded_field(in.extent, in.nucleus_px);
  HostPlane<std::uint16_t> out(in.extent);
  CpuQueue q;
  quantise(q, light.view(), out.view(), kBenchScale);
  return out;
}

HostPlane<std::uint16_t> bench_landscape(const BenchInput& in) {
  const HostPlane<std::uint16_t> field = bench_field(in);
  HostPlane<std::uint16_t> out(in.extent);
  gaussian_blur(CpuQueue{}, field.view(), out.view(), {0.2 * in.nucleus_px});
  return out;
}

HostPlane<std::uint8_t> bench_mask(const BenchInput& in) {
  const HostPlane<std::uint16_t> smooth = bench_landscape(in);
  HostPlane<std::uint8_t> out(in.extent);
  Histogram16 levels = empty_histogram();
  CpuQueue q;
  add_to_histogram(q, smooth.view(), levels);
  const int threshold = otsu_threshold(levels);
  for (std::int64_t i = 0; i < in.extent.area(); ++i) out.data()[i] = smooth.data()[i] > threshold ? 1 : 0;
  return out;
}

HostPlane<std::uint32_t> bench_basins(const BenchInput& in) {
  HostPlane<std::uint8_t> pointers(in.extent);
  HostPlane<std::uint32_t> labels(in.extent);
  climb_pointers(CpuQueue{}, bench_landscape(in).view(), bench_mask(in).view(), pointers.view());
  label_basins(CpuQueue{}, pointers.view(), labels.view());
  return labels;
}

HostPlane<std::uint8_t> bench_pointers(const BenchInput& in) {
  HostPlane<std::uint8_t> out(in.extent);
  climb_pointers(CpuQueue{}, bench_landscape(in).view(), bench_mask(in).view(), out.view());
  return out;
}

// Nuclei apart from each other, as they are before cells grow around them.
HostPlane<std::uint32_t> bench_seeds(const BenchInput& in) {
  HostPlane<std::uint32_t> labels = bench_basins(in);
  const HostPlane<std::uint16_t> smooth = bench_landscape(in);
  for (std::int64_t i = 0; i < in.extent.area(); ++i)
    if (smooth.data()[i] < 14000) labels.data()[i] = 0;
  return labels;
}

}  // namespace hexaplex
