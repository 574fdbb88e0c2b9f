#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/image/tiles.h"
#include "core/segmentation/recipe.h"
#include "kernels/intensity/histogram.h"
#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

class ComputePlace;

/// Gives a window of an image as 16-bit integers. Called from several threads.
using WindowLoader = std::function<void(CpuQueue&, Rect window, Plane<std::uint16_t> dst)>;

/// The tissue of a window of an image, as rectangles that do not overlap. A pixel with light is tissue or has such a
/// neighbour. Called from several threads.
using WindowTissue = std::function<std::vector<Rect>(Rect window)>;

/// What nuclei are found on. A reference level is the 99.5 % quantile of a channel over the whole field.
struct NucleiImages {
  Extent extent{};
  WindowLoader nuclear;  ///< 32767.5 = the reference level, clamped at twice that
  WindowLoader wall;     ///< sum of the membranes, 16384 = one reference level each; empty: no membranes
  WindowTissue tissue;   ///< what counts in statistics; far from it both images are 0. Empty: everything

  std::vector<Rect> tissue_in(Rect window) const { return tissue ? tissue(window) : std::vector<Rect>{window}; }
  /// False: all pixels of the window are 0.
  bool any_light(Rect window) const { return !tissue || !tissue(widened(window, 1, extent)).empty(); }
};

/// Nuclei smaller than this have no shape left; larger ones need a coarser level of the slide.
inline constexpr double kMinNucleusPx = 3;
inline constexpr double kMaxNucleusPx = 400;

struct NucleiParams {
  double nucleus_px = 14;  ///< median nucleus diameter, 3 .. 400 pixels
  Recipe recipe;
  TileShape tile_px;        ///< changes no byte
  bool keep_images = true;  ///< false: smoothed images are made again where they are needed; slower, changes no byte
  /// Where to look at all (1), whole image extent; empty: everywhere.
  Plane<const std::uint8_t> active{};
  std::uint16_t least = 0;  ///< darker pixels are no nucleus, on the scale of the nuclear image (0 .. 65535)
  bool trim = true;         ///< false: nuclei as wide as the foreground, for a caller that trims them elsewhere
};

/// Throws: InvalidArgument for parameters that no image of this extent can be searched with.
void require_sound(const NucleiParams& p, Extent image);

/// Nuclei of an image: cuts too much on a fine blob landscape, then merges touching fragments by a linear rule over
/// additive sums, then trims each nucleus at half its level. In two steps, so that images of one slide can share the
/// one thing that all their pixels settle together.
///
/// Result:  bit-identical across thread counts and tile sizes
/// Memory:  about 20 bytes a pixel of the image, 14 where smoothed images are not kept; 2 (8) between the steps
/// Throws:  InvalidArgument; OutOfMemory
/// Source:  docs/segmentation.md
class NucleiSearch {
 public:
  /// @param images  must outlive this, as must p.active
  /// @param place   where not null, its device takes the tiles of what can be done in tiles (landscape and foreground),
  ///                whatever the size of the image; it must outlive this
  NucleiSearch(const NucleiImages& images, const NucleiParams& p, ComputePlace* place = nullptr);
  ~NucleiSearch();
  NucleiSearch(NucleiSearch&&) noexcept;

  /// How often each smoothed level occurs. Call it once.
  Histogram16 survey(CpuQueue& q);

  /// Call it once, after survey.
  /// @param levels  those of all images of the slide, added up
  /// @return labels 1 .. count, numbered by first raster pixel; each label is one 4-connected object (untrimmed: any
  ///         numbers)
  HostPlane<std::uint32_t> find(CpuQueue& q, const Histogram16& levels);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Both steps: for an image by itself, and for those of one slide.
HostPlane<std::uint32_t> find_nuclei(CpuQueue& q, const NucleiImages& images, const NucleiParams& p);
std::vector<HostPlane<std::uint32_t>> find_nuclei(CpuQueue& q, std::vector<NucleiSearch> images);

/// The last step of the recipe by itself, for nuclei that were found at coarser pixels: keeps the pixels above the
/// middle of the local minimum and the nucleus' own mean on the linear image, of each nucleus the largest 4-connected
/// part, and drops debris.
///
/// @param labels  any numbers; afterwards as find_nuclei's
/// Result: bit-identical across thread counts and tile sizes
void trim_nuclei(CpuQueue& q, const NucleiImages& images, const NucleiParams& p, Plane<std::uint32_t> labels);

}  // namespace hexaplex
