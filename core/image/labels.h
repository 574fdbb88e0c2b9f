#pragma once

#include <cstdint>

#include "core/image/piece_view.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex {

/// Objects of an image: pixel value = label, 0 = background. A nucleus and its cell share the label, and the nucleus
/// lies inside the cell. Labels made by the engine are 1..count without gaps, ordered by the first raster pixel of the
/// nucleus (of the cell where there is none); labels given by the user may have gaps.
struct LabelPair {
  HostPlane<std::uint32_t> nucleus;
  HostPlane<std::uint32_t> cell;
};

/// Objects of a slide, piece by piece; an object lies in one piece, and labels are those of the whole slide.
struct SlideLabels {
  PiecePlanes<std::uint32_t> nucleus, cell;
};

/// The same to look at. Pixels must outlive it.
struct LabelView {
  PieceView<std::uint32_t> nucleus;  ///< of extent 0 x 0 where no cell has a nucleus
  PieceView<std::uint32_t> cell;

  LabelView(const LabelPair& whole) : nucleus(whole.nucleus.view()), cell(whole.cell.view()) {}    // NOLINT: a view
  LabelView(const SlideLabels& slide) : nucleus(slide.nucleus.view()), cell(slide.cell.view()) {}  // NOLINT: a view

  Extent extent() const { return cell.extent(); }
  const TissueArea& area() const { return cell.area(); }
  bool has_nuclei() const { return nucleus.extent() == cell.extent(); }

  Plane<const std::uint32_t> cells_of(std::size_t piece) const { return cell.piece(piece); }
  /// Without data where there are no nuclei.
  Plane<const std::uint32_t> nuclei_of(std::size_t piece) const {
    return has_nuclei() ? nucleus.piece(piece) : Plane<const std::uint32_t>{};
  }
};

}  // namespace hexaplex
