#pragma once

#include "core/segmentation/nuclei.h"
#include "core/segmentation/recipe_lengths.h"
#include "kernels/intensity/quantise.h"
#include "kernels/runtime/queue_plane.h"

namespace hexaplex {

/// The images that nuclei are judged on, smoothed, whole in the memory of a queue: of a field, of a piece, or of the
/// window of a tile. What is near an edge that lies inside the slide is wrong as far as smoothing reaches.
struct SmoothField {
  using Image = QueuePlane<std::uint16_t>;
  Image logarithm;  ///< as it is: blobs bring a smoothing of their own; comes with the level
  Image linear, level, wall;
  struct Wanted {
    bool level = true, linear = true;
  };

  /// Without data where there are no membranes.
  Plane<const std::uint16_t> walls() const {
    return wall.extent().empty() ? Plane<const std::uint16_t>{} : wall.view();
  }
};

/// @param nuclear  see NucleiImages
/// @param wall     the same extent, or without data
/// @param wanted   the others have no pixels
/// @param logarithm  log_table(recipe.soft) for a caller with many windows, or null
/// CUDA:   returns before completion
/// Throws: InvalidArgument; OutOfMemory; DeviceError, and so do the others
SmoothField smooth_field(const Queue& q, Plane<const std::uint16_t> nuclear, Plane<const std::uint16_t> wall,
                         const Recipe& recipe, const RecipeLengths& len, SmoothField::Wanted wanted = {},
                         const Table16* logarithm = nullptr);

/// What fragments climb. Halo: len.feature_halo(), smoothing included.
QueuePlane<std::uint16_t> climbed_landscape(const Queue& q, const SmoothField& smooth, const Recipe& recipe,
                                            const RecipeLengths& len);

/// Pixels above the local level and the floor, opened; specks and holes are still there.
/// @param level   smoothed
/// @param active  where to look at all, in the queue's memory; without data: everywhere
/// Halo: foreground_halo(len)
QueuePlane<std::uint8_t> opened_foreground(const Queue& q, Plane<const std::uint16_t> level, std::uint16_t floor,
                                           Plane<const std::uint8_t> active, const RecipeLengths& len);
int foreground_halo(const RecipeLengths& len);

/// The local level of an image, on the grid that it is read from; the grid receives it.
LevelView level_of(const Queue& q, Plane<const std::uint16_t> image, const LocalLevelParams& p,
                   QueuePlane<std::uint16_t>& grid);

}  // namespace hexaplex
