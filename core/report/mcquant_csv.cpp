#include "core/report/rows.h"
#include "core/report/tables.h"
#include "core/report/text.h"

namespace hexaplex {

void write_mcquant_csv(const CpuQueue& q, const SlideResult& result, OutputFile& file) {
  const CellTable& cells = result.cells;
  std::string header = "CellID";
  std::vector<const CellColumn*> columns;
  for (std::size_t m = 0; m < cells.markers.size(); ++m) {
    header += "," + csv_field(cells.markers[m]);
    columns.push_back(&cells.values(m, Compartment::cell, Statistic::mean));
  }
  if (cells.has(Statistic::median))
    for (std::size_t m = 0; m < cells.markers.size(); ++m) {
      header += "," + csv_field(cells.markers[m] + "_intensity_median");
      columns.push_back(&cells.values(m, Compartment::cell, Statistic::median));
    }
  header += ",X_centroid,Y_centroid,Area";
  if (cells.shapes) header += ",MajorAxisLength,MinorAxisLength,Eccentricity,Solidity,Extent,Orientation";
  file.write(header + "\n");
  write_rows(q, file, cells.size(), [&](std::size_t i, std::string& row) {
    const auto add = [&row](double value) {
      row += ',';
      append_number(row, value);
    };
    const Shape& cell = cells.cell[i];
    append_number(row, std::uint64_t{cells.cell_id[i]});
    for (const auto* column : columns) add((*column)[i]);
    for (const double value : {cell.centroid_x_px, cell.centroid_y_px, cell.area_px}) add(value);
    if (cells.shapes)
      for (const double value : {cell.major_axis_px, cell.minor_axis_px, cell.eccentricity, cell.solidity, cell.extent,
                                 cell.orientation_rad})
        add(value);
    row += '\n';
  });
}

}  // namespace hexaplex
