#pragma once

#include "kernels/intensity/deconvolve_stains.h"
#include "kernels/intensity/deconvolve_stains_pixel.h"
#include "kernels/intensity/upload.h"
#include "kernels/runtime/wide_access.h"

namespace hexaplex::detail {

/// All stains of a run of eight pixels: 16 bytes of each band, 32 of each stain.
struct DeconvolveRun {
  static constexpr int kPixels = 8;
  Plane<const std::uint16_t> rgb[3];
  Plane<float> amounts[kMaxStains];  ///< without data: not wanted
  float weights[kMaxStains][3];
  const float* density;  ///< in the queue's memory
  bool clip;

  HX_HD void operator()(int run, int y) const {
    const int x = run * kPixels, count = rgb[0].width() - x;
    float densities[3][kPixels];
    unrolled<3>([&](int b) {
      std::uint16_t values[kPixels] = {};
      load_run(rgb[b].row(y) + x, count, values);
      unrolled<kPixels>([&](int i) { densities[b][i] = density[b * kStainLevels + density_entry(values[i])]; });
    });
    unrolled<kMaxStains>([&](int s) {
      if (amounts[s].data == nullptr) return;
      float out[kPixels];
      unrolled<kPixels>(
          [&](int i) { out[i] = stain_amount(weights[s], densities[0][i], densities[1][i], densities[2][i], clip); });
      store_run(amounts[s].row(y) + x, count, out);
    });
  }
};

template <class Q>
void deconvolve_stains_chain(const Q& q, const StainModel& model, const std::array<Plane<const std::uint16_t>, 3>& rgb,
                             std::span<const Plane<float>> amounts, bool clip) {
  const auto density = upload(q, std::span<const float>(model.density));
  DeconvolveRun run{{rgb[0], rgb[1], rgb[2]}, {}, {}, density.data(), clip};
  for (std::size_t s = 0; s < amounts.size(); ++s) {
    run.amounts[s] = amounts[s];
    for (std::size_t b = 0; b < 3; ++b) run.weights[s][b] = model.weights[s][b];
  }
  for_each_pixel(q, runs_of(rgb[0].extent, DeconvolveRun::kPixels), run, "deconvolving stains");
}

}  // namespace hexaplex::detail
