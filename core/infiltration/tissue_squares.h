#pragma once

#include <cstdint>
#include <span>

#include "core/image/channel_source.h"
#include "core/image/labels.h"
#include "core/quality/quality_mask.h"
#include "kernels/runtime/host_memory.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex::detail {

/// Squares of `side_px` pixels that cover a slide, from its first pixel on.
struct SquareScale {
  Extent slide{};
  double um_per_px = 1;
  int side_px = 1;
  double side_um = 1;

  /// @param wanted_um  side of a square; rounded to whole pixels
  SquareScale(Extent of, double um_per_pixel, double wanted_um);

  Extent grid() const { return {(slide.width + side_px - 1) / side_px, (slide.height + side_px - 1) / side_px}; }
  double area_um2() const { return side_um * side_um; }
  /// The square that holds a point; points outside count to the nearest.
  int column_at(double x_um) const { return index(x_um, grid().width); }
  int row_at(double y_um) const { return index(y_um, grid().height); }

 private:
  int index(double um, int count) const;
};

/// What is tissue by its density.
struct TissueSquares {
  HostPlane<std::uint8_t> tissue;   ///< 1: tissue, assessable or not
  HostPlane<std::uint8_t> outside;  ///< 1: what surrounds the tissue, and gaps as large as the glass between pieces
  HostPlane<std::uint8_t> vessels;  ///< 1: gaps inside the tissue that are no part of it
};

/// @param hole_um2  smaller gaps belong to the tissue, and smaller specks do not
TissueSquares find_tissue_squares(const CpuQueue& q, const ChannelSource& channels, std::span<const double> density,
                                  const SquareScale& scale, double least_density, double hole_um2);

/// Squares of which cells take half or more.
/// @param wanted  per cell 1 or 0, in order of `ids`, which ascend
HostPlane<std::uint8_t> covered_squares(const CpuQueue& q, const LabelView& labels, const SquareScale& scale,
                                        std::span<const std::uint32_t> ids, std::span<const std::uint8_t> wanted);

/// Gaps up to twice this wide belong to the mask; what lies beyond the slide counts as set, so that closing does not
/// open what touches its edge.
HostPlane<std::uint8_t> closed(const CpuQueue& q, const HostPlane<std::uint8_t>& mask, double radius);

}  // namespace hexaplex::detail
