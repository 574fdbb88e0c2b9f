#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/cells/compartment.h"
#include "kernels/runtime/host_memory.h"

namespace hexaplex {

/// Shape of one object (nucleus or whole cell). Pixels where the name says so; the writers turn them into micrometres.
/// Definitions follow scikit-image's regionprops (stated with each in core/cells/shape.h). An object without pixels has
/// area 0 and NaN elsewhere.
struct Shape {
  double area_px = 0;
  double centroid_x_px = 0, centroid_y_px = 0;  ///< in the slide; the centre of pixel (0, 0) is (0, 0)
  double perimeter_px = 0;
  double major_axis_px = 0, minor_axis_px = 0, eccentricity = 0, orientation_rad = 0;
  double circularity = 0, solidity = 0, extent = 0;
  double max_caliper_px = 0, min_caliper_px = 0;
  int box_x = 0, box_y = 0, box_width = 0, box_height = 0;
};

/// One value per cell.
using CellColumn = HostVector<double>;

/// Everything measured, one entry per cell in order of `cell_id`.
struct CellTable {
  HostVector<std::uint32_t> cell_id;
  HostVector<Shape> nucleus, cell;
  CellColumn cytoplasm_area_px, membrane_area_px;
  std::vector<std::string> markers;
  std::array<bool, kStatistics.size()> measured{true, true, true, true, true, true};  ///< by statistic; others are NaN
  bool shapes = true;  ///< false: of `nucleus` and `cell` only area, centroid, extent and box are filled in

  bool has(Statistic s) const { return measured[static_cast<std::size_t>(s)]; }

  /// Values of one marker, compartment and statistic, one per cell; NaN where the compartment is empty.
  CellColumn& values(std::size_t marker, Compartment c, Statistic s) { return values_[index(marker, c, s)]; }
  const CellColumn& values(std::size_t marker, Compartment c, Statistic s) const {
    return values_[index(marker, c, s)];
  }
  std::size_t size() const { return cell_id.size(); }
  void resize(std::size_t cells);  ///< after `markers` is set
  /// Makes `row` what `from_row` of another table with the same markers is.
  void copy_row(std::size_t row, const CellTable& from, std::size_t from_row);

 private:
  std::size_t index(std::size_t marker, Compartment c, Statistic s) const {
    return (marker * kCompartments.size() + static_cast<std::size_t>(c)) * kStatistics.size() +
           static_cast<std::size_t>(s);
  }
  std::vector<CellColumn> values_;
};

}  // namespace hexaplex
