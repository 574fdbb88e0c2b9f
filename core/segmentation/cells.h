#pragma once

#include <optional>

#include "core/compute/compute_place.h"
#include "core/image/labels.h"
#include "core/segmentation/recipe.h"
#include "core/segmentation/source.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Giant cells (megakaryocytes). Lengths in giant nucleus diameters unless their name says otherwise.
struct GiantRecipe {
  double nucleus_um = 20.0;
  std::optional<double> level;  ///< positivity level of the marker; absent: automatic
  double spreads = 30;          ///< automatic: at least this many robust standard deviations above the median
  double smooth = 0.05;         ///< sigma of the marker
  double reach = 0.075;         ///< the marker counts as touching the outline within this distance
  double enclosed = 0.7;        ///< least share of the outline that the marker touches
  double smallest = 0.3;        ///< least area, as a fraction of a giant nucleus'
  double territory = 0.45;      ///< the cell: positive pixels up to this distance
};

struct CellParams {
  double um_per_px = 0.5;
  double nucleus_um = 7.0;             ///< median nucleus diameter
  std::optional<double> expansion_um;  ///< rim of a cell; absent: recipe.rim x nucleus_um
  double least = 0;                    ///< of the nuclear channel: darker pixels are no nucleus; 0: no such limit
  std::optional<GiantRecipe> giants;
  Recipe recipe;
  TileShape tile_px;        ///< changes no byte
  bool keep_images = true;  ///< as of NucleiParams
};

/// Nuclei and whole cells of a slide, piece by piece.
///
/// @param place   where nuclei and cells are found; giants are searched on the CPU
/// @param source  taken over: what it keeps is freed as soon as nobody needs it
/// Result: bit-identical across thread counts and tile sizes; numbering as in core/image/labels.h.
/// Throws: InvalidArgument; OutOfMemory; DeviceError
/// Source: docs/segmentation.md
SlideLabels segment_cells(CpuQueue& q, ComputePlace& place, NucleiSource source, const CellParams& p);

/// The same on the CPU alone.
SlideLabels segment_cells(CpuQueue& q, NucleiSource source, const CellParams& p);

/// The same for a field in memory.
LabelPair segment_cells(CpuQueue& q, const SegmentationInput& input, const CellParams& p);

}  // namespace hexaplex
