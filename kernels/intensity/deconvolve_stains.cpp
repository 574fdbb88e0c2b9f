#include "kernels/intensity/deconvolve_stains.h"

#include <algorithm>

#include "kernels/intensity/deconvolve_stains_pixel.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

constexpr int kBlock = 512;  // pixels whose densities stay in the first cache

HX_CLONES void look_up(const std::uint16_t* __restrict values, const float* __restrict table, int n,
                       float* __restrict density) {
  for (int i = 0; i < n; ++i) density[i] = table[detail::density_entry(values[i])];
}

HX_CLONES void weigh(const float* __restrict density, const float* weights, int n, bool clip, float* __restrict out) {
  const float w[3] = {weights[0], weights[1], weights[2]};
  for (int i = 0; i < n; ++i)
    out[i] = detail::stain_amount(w, density[i], density[kBlock + i], density[2 * kBlock + i], clip);
}

}  // namespace

void deconvolve_stains(const Queue& q, const StainModel& model, const std::array<Plane<const std::uint16_t>, 3>& rgb,
                       std::span<const Plane<float>> amounts, bool clip) {
  HX_EXPECT(model.stains >= 1 && model.stains <= kMaxStains && model.density.size() == 3 * kStainLevels,
            "the model must come from make_stain_model");
  HX_EXPECT(static_cast<int>(amounts.size()) == model.stains, "one plane a stain is needed");
  for (const auto& band : rgb) {
    HX_EXPECT(band.extent == rgb[0].extent, "the bands differ in extent");
    HX_EXPECT(is_sound(band), "a plane needs data, and a pitch no smaller than its width");
  }
  bool wanted = false;
  for (const Plane<float>& plane : amounts) {
    if (plane.data == nullptr) continue;
    HX_EXPECT(plane.extent == rgb[0].extent, "amounts and bands differ in extent");
    wanted = true;
  }
  if (rgb[0].extent.empty() || !wanted) return;
  std::visit([&](const auto& queue) { detail::deconvolve_stains(queue, model, rgb, amounts, clip); }, q);
}

void detail::deconvolve_stains(const CpuQueue& q, const StainModel& model,
                               const std::array<Plane<const std::uint16_t>, 3>& rgb,
                               std::span<const Plane<float>> amounts, bool clip) {
  const Extent extent = rgb[0].extent;
  for_each_band(q, extent.height, 8, [&](std::int64_t begin, std::int64_t end) {
    float density[3 * kBlock];
    for (int y = static_cast<int>(begin); y < end; ++y)
      for (int x = 0; x < extent.width; x += kBlock) {
        const int n = std::min(kBlock, extent.width - x);
        for (int b = 0; b < 3; ++b)
          look_up(rgb[static_cast<std::size_t>(b)].row(y) + x,
                  &model.density[static_cast<std::size_t>(b) * kStainLevels], n, density + b * kBlock);
        for (std::size_t s = 0; s < amounts.size(); ++s)
          if (amounts[s].data != nullptr) weigh(density, model.weights[s].data(), n, clip, amounts[s].row(y) + x);
      }
  });
}

}  // namespace hexaplex
