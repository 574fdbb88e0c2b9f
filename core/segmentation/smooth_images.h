#pragma once

#include <cstdint>
#include <vector>

#include "core/compute/lane.h"
#include "core/segmentation/field_smoothing.h"
#include "core/segmentation/nuclei.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex {

/// The smoothed images that nuclei are judged on: logarithm, linear image, membranes. Kept as planes of the host (2
/// bytes a pixel each), or made again for each window from the integers they come from: the same values. All windows
/// are seen through a lane, and lie where its operators reach them.
class SmoothImages {
 public:
  /// @param images  must outlive this, as must p and len
  SmoothImages(const NucleiImages& images, const NucleiParams& p, const RecipeLengths& len);

  /// A window of those that are asked for; the others have no data. It lives no longer than the lane's window.
  struct Window {
    Plane<const std::uint16_t> level, linear, wall;
    std::vector<SeenPlane<std::uint16_t>> sent;
    SmoothField made;
  };
  enum Which : unsigned { kLevel = 1, kLinear = 2, kWall = 4 };

  /// Where they are kept, windows must have been filled before they are read.
  Window read(Lane& lane, Rect window, unsigned which) const;

  /// Smooths a window, whose halo is wide enough for what the caller does with it, and brings the core home where
  /// images are kept: it is there once the lane's window has ended. From several threads, for cores that do not
  /// overlap.
  SmoothField fill(Lane& lane, Rect window, Rect core);

  /// The same for a core that sees no light.
  void fill_dark(Rect core);

  bool kept() const { return p_.keep_images; }
  bool has_wall() const { return static_cast<bool>(images_.wall); }

  void let_level_go() { level_ = {}; }
  void let_wall_go() { wall_ = {}; }

 private:
  using Kept = HostPlane<std::uint16_t>;
  SeenPlane<std::uint16_t> load(Lane& lane, const WindowLoader& image, Rect window) const;

  const NucleiImages& images_;
  const NucleiParams& p_;
  const RecipeLengths& len_;
  Table16 logarithm_;
  Kept level_, linear_, wall_;
};

}  // namespace hexaplex
