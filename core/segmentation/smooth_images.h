#pragma once

#include <cstdint>
#include <vector>

#include "core/image/tiles.h"
#include "core/segmentation/nuclei.h"
#include "kernels/filter/gaussian.h"
#include "kernels/intensity/quantise.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex {

/// The smoothed images that nuclei are judged on: logarithm, linear image, membranes. Kept as planes (2 bytes a pixel
/// each), or made again for each window from the integers they come from: the same values.
class SmoothImages {
 public:
  /// @param images  must outlive this
  SmoothImages(const NucleiImages& images, const Table16& logarithm, GaussianParams smooth, GaussianParams wall_smooth,
               bool keep);

  /// A window of those that are asked for; the others have no data.
  struct Window {
    Plane<const std::uint16_t> level, linear, wall;
    std::vector<HostPlane<std::uint16_t>> owned;
  };
  enum Which : unsigned { kLevel = 1, kLinear = 2, kWall = 4 };

  /// Where they are kept, windows must have been filled before they are read.
  Window read(CpuQueue& q, Rect window, unsigned which) const;

  /// Smooths the window of a tile, whose halo is wide enough for what the caller does with it, and keeps the core where
  /// images are kept. All planes are of the window's extent and receive what their name says.
  /// @param logarithm  not smoothed
  /// @param wall       without data where there are no membranes
  void fill(CpuQueue& q, const Tile& tile, Plane<std::uint16_t> logarithm, Plane<std::uint16_t> level,
            Plane<std::uint16_t> wall);

  /// The same for a tile that sees no light.
  void fill_dark(Rect core);

  bool kept() const { return keep_; }
  bool has_wall() const { return static_cast<bool>(images_.wall); }

  void let_level_go() { level_ = {}; }
  void let_wall_go() { wall_ = {}; }

 private:
  HostPlane<std::uint16_t> smoothed(CpuQueue& q, const WindowLoader& load, const Table16* table, GaussianParams blur,
                                    Rect outer) const;

  const NucleiImages& images_;
  const Table16& logarithm_;
  GaussianParams smooth_, wall_smooth_;
  bool keep_;
  HostPlane<std::uint16_t> level_, linear_, wall_;
};

}  // namespace hexaplex
