#pragma once

#include <cstdint>
#include <vector>

#include "kernels/intensity/unmix_model.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex {

/// Raw bands of a crowded field, as a multispectral scanner gives them, and what unmixes them.
struct SpectralField {
  UnmixModel model;  ///< 8 bands, 7 components; the first is the nuclei
  std::vector<HostPlane<std::uint16_t>> bands;
};

/// Mixes seven crowded fields, each shifted against the others, with overlapping spectra; the same on every machine.
SpectralField spectral_field(Extent extent, double nucleus_px);

}  // namespace hexaplex
