#include "core/bench/spectral_field.h"

#include "core/bench/crowded_field.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

constexpr int kBands = 8, kComponents = 7;

// Each component shines into its own band, half as much into the next and a quarter into the one after.
std::vector<double> spectra() {
  std::vector<double> library(kBands * kComponents, 0.02);
  for (int c = 0; c < kComponents; ++c) {
    library[c * kComponents + c] = 1;
    library[(c + 1) * kComponents + c] = 0.5;
    if (c + 2 < kBands) library[(c + 2) * kComponents + c] = 0.25;
  }
  return library;
}

}  // namespace

SpectralField spectral_field(Extent extent, double nucleus_px) {
  const HostPlane<float> light = crowded_field(extent, nucleus_px);
  const std::vector<double> library = spectra();
  SpectralField out{make_unmix_model(library, kBands, kComponents, 0), {}};
  const auto shift = static_cast<int>(nucleus_px / 2);
  for (int b = 0; b < kBands; ++b) {
    HostPlane<std::uint16_t>& band = out.bands.emplace_back(extent);
    for_each_task(CpuQueue{}, extent.height, [&](std::int64_t row) {
      const int y = static_cast<int>(row);
      for (int x = 0; x < extent.width; ++x) {
        double counts = 0.5;
        for (int c = 0; c < kComponents; ++c)
          counts += library[b * kComponents + c] *
                    static_cast<double>(light((x + c * shift) % extent.width, (y + 2 * c * shift) % extent.height));
        band(x, y) = static_cast<std::uint16_t>(counts);
      }
    });
  }
  return out;
}

}  // namespace hexaplex
