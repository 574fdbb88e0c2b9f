#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/cells/cell_table.h"
#include "core/image/channel_source.h"
#include "core/image/labels.h"
#include "core/infiltration/infiltration_params.h"
#include "core/quality/quality_mask.h"
#include "core/regions/drawn_regions.h"
#include "core/spatial/clusters.h"

namespace hexaplex {

/// Cells that lie together, and the region they form.
struct Focus {
  std::size_t cells = 0;
  double x_um = 0, y_um = 0;  ///< mean of the cells
  double area_mm2 = 0;        ///< of the region
  double border_um = 0;       ///< median distance of its cells from the tissue's border
};

/// Distances of cells from something: NaN where there are no cells, or it is not there.
struct DistanceSummary {
  double median_um = 0, lower_quartile_um = 0, upper_quartile_um = 0;
};

/// Tissue and tumour of a square of 0.5 mm, for intervals by resampling.
struct InfiltrationBlock {
  int x = 0, y = 0;  ///< column and row of the block
  double tissue_mm2 = 0, tumour_area_mm2 = 0, tumour_cell_area_mm2 = 0;
  std::size_t cells = 0, tumour_cells = 0;
};

struct InfiltrationResult {
  double tissue_mm2 = 0;  ///< assessable, lumens and glass left out
  std::size_t cells = 0, tumour_cells = 0;
  double tumour_cell_area_fraction = 0;  ///< of the assessable tissue: cells
  double tumour_area_fraction = 0;       ///< and the regions that foci form
  double tumour_cells_per_mm2 = 0;
  double cells_in_foci_share = 0;   ///< of the tumour cells; NaN where there are none
  std::vector<Focus> foci;          ///< by their first cell
  DistanceSummary border, vessels;  ///< of tumour cells
  int grade = 0;
  std::vector<InfiltrationBlock> blocks;  ///< in raster order; those with tissue or cells

  /// For pictures: on the squares of square_px pixels.
  int square_px = 1;
  HostPlane<std::uint8_t> squares;  ///< 0 no tissue, 1 tissue, 2 tumour
};

/// What the infiltration of a slide is measured in: its tissue, and how deep each tumour cell lies. It is found once,
/// and measured in as many regions as there are.
class InfiltrationGround {
 public:
  /// @param density   of each channel: mean optical density over the colours of one unit of it
  /// @param cells, labels  what they show must outlive this
  /// @param tumour    per cell of the table 1 or 0
  /// @param quality   squares that cannot be assessed are no tissue; null: all can
  /// Throws: InvalidArgument; InputError where the slide cannot be read
  InfiltrationGround(const CpuQueue& q, const ChannelSource& channels, std::span<const double> density,
                     const CellTable& cells, const LabelView& labels, std::span<const std::uint8_t> tumour,
                     const QualityMask* quality, double um_per_px, const InfiltrationParams& params);
  ~InfiltrationGround();

  /// Finds how much of the tissue tumour cells and the regions they form cover, their foci, and how deep they lie. The
  /// border of a drawn region is no border of the tissue: depths are those in the slide.
  ///
  /// @param counted  per cell 1 or 0, or empty: all. Other cells are as if they were not there
  /// @param region   where tissue counts: squares whose centres lie in it; null: everywhere
  /// Result: bit-identical across threads and tiles
  /// Throws: InvalidArgument
  InfiltrationResult measure(const CpuQueue& q, std::span<const std::uint8_t> counted, const RegionArea* region) const;

 private:
  struct Ground;
  std::unique_ptr<const Ground> ground_;
};

/// The infiltration of a whole slide. Parameters and errors as above.
InfiltrationResult measure_infiltration(const CpuQueue& q, const ChannelSource& channels,
                                        std::span<const double> density, const CellTable& cells,
                                        const LabelView& labels, std::span<const std::uint8_t> tumour,
                                        std::span<const std::uint8_t> counted, const QualityMask* quality,
                                        double um_per_px, const InfiltrationParams& params);

}  // namespace hexaplex
