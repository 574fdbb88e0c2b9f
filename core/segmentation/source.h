#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/image/channel_source.h"
#include "core/image/tiles.h"
#include "core/segmentation/local_background.h"
#include "core/segmentation/nuclei.h"
#include "core/segmentation/reference_level.h"
#include "kernels/intensity/quantise.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Channels that drive the segmentation, all of the same extent, finite values.
struct SegmentationInput {
  Plane<const float> nuclear;
  std::vector<Plane<const float>> membranes;  ///< guide cuts between nuclei
  Plane<const float> giant_marker{};          ///< empty: no rule for giants
};

/// The same by index into a source.
struct SegmentationChannels {
  int nuclear = 0;
  std::vector<int> membranes = {};
  std::optional<int> giant_marker = {};
  /// Brightfield: markers in the nucleus, which cover the nuclear stain there. A third of each is added to it.
  std::vector<int> nuclear_markers = {};
  /// Brightfield: what tissue has of the nuclear stain all around is no nucleus. Side of the squares in which that is
  /// looked for (local_background.h); 0: nothing is subtracted.
  int background_square_px = 0;
};

/// The giants' marker, as integers.
struct MarkerImages {
  WindowLoader level;   ///< 65535 = its brightest pixel
  WindowLoader wall;    ///< on the scale of a membrane: 16384 = its reference level
  WindowTissue tissue;  ///< as of NucleiImages
};

/// Turns measured channels into the integers that nuclei are found on. Scales come from all pixels in pieces, so
/// every window and every tile sees the same integers.
class NucleiSource {
 public:
  /// Planes must outlive it; they are quantised whenever a window is asked for.
  NucleiSource(CpuQueue& q, const SegmentationInput& input);

  /// Channels that are held are quantised whenever a window is asked for; others are read once, and their integers kept
  /// (2 bytes a pixel for the nuclei, 2 for all membranes, 4 for the giants' marker). The source must outlive it.
  NucleiSource(CpuQueue& q, const ChannelSource& channels, const SegmentationChannels& which, TileShape tile_px);

  const TissueArea& area() const { return area_; }

  /// A window of a piece as an image of its own. This object must outlive it.
  NucleiImages images(Rect window) const;

  /// A value of the nuclear channel on the scale of NucleiImages::nuclear.
  /// @param value  above the background, where that is subtracted
  std::uint16_t nuclear_counts(double value) const;

  bool has_giant_marker() const { return static_cast<bool>(marker_.level); }
  /// The giants' marker in a window of a piece. This object must outlive it.
  MarkerImages marker(Rect window) const;
  float marker_counts_per_unit() const { return marker_counts_per_unit_; }

  /// Frees what was kept of membranes and marker: from here on only the nuclear image can be asked for.
  void keep_nuclear_only();

 private:
  WindowTissue tissue(Rect window) const;
  void set_up(CpuQueue& q, const ChannelSource& channels, const SegmentationChannels& which, TileShape tile_px);
  void keep_integers(CpuQueue& q, const ChannelSource& channels, const SegmentationChannels& which, TileShape tile_px);

  TissueArea area_;
  std::unique_ptr<const HeldChannels> planes_;
  LocalBackground background_;  // of nuclear counts; empty: there is none
  float nuclear_scale_ = 1, marker_wall_scale_ = 1, marker_counts_per_unit_ = 1;
  std::vector<float> wall_scales_;
  WindowLoader nuclear_, wall_;
  MarkerImages marker_;
  struct Kept;
  std::shared_ptr<Kept> kept_;
};

}  // namespace hexaplex
