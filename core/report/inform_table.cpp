#include <fmt/format.h>

#include <array>
#include <vector>

#include "core/report/rows.h"
#include "core/report/summary.h"
#include "core/report/tables.h"
#include "core/report/text.h"

namespace hexaplex {

namespace {

constexpr const char* kMissing = "#N/A";
constexpr std::array<const char*, 4> kCompartmentNames{"Nucleus", "Cytoplasm", "Membrane", "Entire Cell"};
constexpr std::array<const char*, 6> kShapeNames{"Area (pixels)", "Area (percent)", "Compactness",
                                                 "Minor Axis",    "Major Axis",     "Axis Ratio"};
struct StatisticColumn {
  const char* name;
  Statistic statistic;
};
constexpr std::array<StatisticColumn, 5> kStatisticColumns{{{"Min", Statistic::min},
                                                            {"Mean", Statistic::mean},
                                                            {"Max", Statistic::max},
                                                            {"Std Dev", Statistic::std},
                                                            {"Total", Statistic::sum}}};

double area_of(const CellTable& cells, Compartment c, std::size_t i) {
  switch (c) {
    case Compartment::nucleus:
      return cells.nucleus[i].area_px;
    case Compartment::cytoplasm:
      return cells.cytoplasm_area_px[i];
    case Compartment::membrane:
      return cells.membrane_area_px[i];
    default:
      return cells.cell[i].area_px;
  }
}

const Shape* shape_of(const CellTable& cells, Compartment c, std::size_t i) {
  if (!cells.shapes) return nullptr;
  if (c == Compartment::nucleus) return &cells.nucleus[i];
  return c == Compartment::cell ? &cells.cell[i] : nullptr;
}

}  // namespace

void write_inform_table(const CpuQueue& q, const SlideResult& result, OutputFile& file) {
  const CellTable& cells = result.cells;
  std::string header =
      "Path\tSample Name\tTissue Category\tPhenotype\tCell ID\tTotal Cells\tTissue Category Area (pixels)\t"
      "Cell Density (per megapixel)\tCell X Position\tCell Y Position\tProcess Region ID\t"
      "Distance from Process Region Edge (pixels)\tCategory Region ID\tDistance from Tissue Category Edge (pixels)";
  for (const Compartment c : kCompartments) {
    const std::string compartment = kCompartmentNames[static_cast<std::size_t>(c)];
    for (const char* name : kShapeNames) header += "\t" + compartment + " " + name;
    for (const std::string& marker : cells.markers)
      for (const StatisticColumn& column : kStatisticColumns)
        if (cells.has(column.statistic))
          header +=
              "\t" + compartment + " " + one_line(marker) + " " + column.name + " (Normalized Counts, Total Weighting)";
  }
  header += "\tLab ID\tSlide ID\tTMA Sector\tTMA Row\tTMA Column\tTMA Field\tConfidence\tHexaplex " + result.version;
  file.write(header + "\n");

  const std::string sample = tsv_field(result.inputs.empty() ? result.stem : result.inputs.front().name);
  const double field_area = static_cast<double>(result.extent.area());
  write_rows(q, file, cells.size(), [&](std::size_t i, std::string& row) {
    const auto add = [&row](double value) {
      row += '\t';
      append_number(row, value, kMissing);
    };
    const auto missing = [&row](int columns) {
      for (int k = 0; k < columns; ++k) row.append("\t").append(kMissing);
    };
    const Shape& centre = cells.nucleus[i].area_px > 0 ? cells.nucleus[i] : cells.cell[i];
    row +=
        ".\t" + sample + "\t" + tsv_field(region_names(result, i)) + "\t" + tsv_field(phenotype_of(result, i)) + "\t";
    append_number(row, std::uint64_t{cells.cell_id[i]});
    missing(3);
    add(centre.centroid_x_px);
    add(centre.centroid_y_px);
    missing(4);
    for (const Compartment c : kCompartments) {
      const double area = area_of(cells, c, i);
      add(area);
      row += '\t';
      if (field_area > 0)
        fmt::format_to(std::back_inserter(row), "{:.2f} %", 100 * area / field_area);
      else
        row += kMissing;
      const Shape* shape = shape_of(cells, c, i);
      if (shape != nullptr && shape->area_px > 0) {
        add(shape->circularity);
        add(shape->minor_axis_px);
        add(shape->major_axis_px);
        add(shape->minor_axis_px / shape->major_axis_px);
      } else {
        missing(4);
      }
      for (std::size_t m = 0; m < cells.markers.size(); ++m)
        for (const StatisticColumn& column : kStatisticColumns)
          if (cells.has(column.statistic)) add(cells.values(m, c, column.statistic)[i]);
    }
    missing(7);
    row += "\t\n";
  });
}

}  // namespace hexaplex
