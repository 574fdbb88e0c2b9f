#include <vector>

#include "core/phenotype/classify.h"
#include "core/report/rows.h"
#include "core/report/summary.h"
#include "core/report/tables.h"
#include "core/report/text.h"

namespace hexaplex {

std::string phenotype_of(const SlideResult& result, std::size_t cell) {
  const int index = cell < result.phenotype.size() ? result.phenotype[cell] : kUnclassified;
  if (index == kNotAssessable) return "Not assessable";
  if (index == kOutsideRegions) return "Outside regions";
  if (index < 0 || static_cast<std::size_t>(index) >= result.phenotypes.size()) return "Unclassified";
  return result.phenotypes[static_cast<std::size_t>(index)].name;
}

namespace {

// One column of shape, with the power of the pixel size that turns it into micrometres.
struct ShapeColumn {
  const char* name;
  double Shape::*value;
  int power;
};
constexpr ShapeColumn kShapeColumns[] = {
    {"perimeter_um", &Shape::perimeter_px, 1},
    {"circularity", &Shape::circularity, 0},
    {"solidity", &Shape::solidity, 0},
    {"extent", &Shape::extent, 0},
    {"eccentricity", &Shape::eccentricity, 0},
    {"major_axis_um", &Shape::major_axis_px, 1},
    {"minor_axis_um", &Shape::minor_axis_px, 1},
    {"orientation_rad", &Shape::orientation_rad, 0},
    {"max_caliper_um", &Shape::max_caliper_px, 1},
    {"min_caliper_um", &Shape::min_caliper_px, 1},
};

}  // namespace

void write_cells_csv(const CpuQueue& q, const SlideResult& result, OutputFile& file) {
  const CellTable& cells = result.cells;
  const bool has_positive = result.positive.size() == cells.markers.size();
  std::string header =
      "cell_id,x_um,y_um,phenotype,nucleus_area_um2,cell_area_um2,cytoplasm_area_um2,membrane_area_um2,"
      "nucleus_cell_area_ratio";
  if (cells.shapes)
    for (const char* object : {"nucleus_", "cell_"})
      for (const ShapeColumn& column : kShapeColumns) header.append(",").append(object).append(column.name);
  std::vector<const CellColumn*> columns;
  if (has_positive)
    for (const std::string& marker : cells.markers) header += "," + csv_field(marker + "_positive");
  for (std::size_t m = 0; m < cells.markers.size(); ++m)
    for (const Compartment c : kCompartments)
      for (const Statistic s : kStatistics)
        if (cells.has(s)) {
          header += "," + csv_field(cells.markers[m] + "_" + std::string(name_of(c)) + "_" + std::string(name_of(s)));
          columns.push_back(&cells.values(m, c, s));
        }
  file.write(header + (result.regions ? ",assessable,region\n" : ",assessable\n"));

  std::vector<std::string> names;  // of the phenotypes, made safe once
  for (const PhenotypeInfo& p : result.phenotypes) names.push_back(csv_field(p.name));
  const double um = result.um_per_px, um2 = um * um;
  write_rows(q, file, cells.size(), [&](std::size_t i, std::string& row) {
    const Shape &nucleus = cells.nucleus[i], &cell = cells.cell[i];
    const auto add = [&row](double value) {
      row += ',';
      append_number(row, value);
    };
    append_number(row, std::uint64_t{cells.cell_id[i]});
    const Shape& centre = nucleus.area_px > 0 ? nucleus : cell;
    add(centre.centroid_x_px * um);
    add(centre.centroid_y_px * um);
    row += ',';
    const int phenotype = i < result.phenotype.size() ? result.phenotype[i] : kUnclassified;
    row += phenotype >= 0 ? names[static_cast<std::size_t>(phenotype)] : phenotype_of(result, i);
    add(nucleus.area_px * um2);
    add(cell.area_px * um2);
    add(cells.cytoplasm_area_px[i] * um2);
    add(cells.membrane_area_px[i] * um2);
    add(nucleus.area_px / cell.area_px);
    if (cells.shapes)
      for (const Shape* shape : {&nucleus, &cell})
        for (const ShapeColumn& column : kShapeColumns) add(shape->*column.value * (column.power == 1 ? um : 1));
    if (has_positive)
      for (const auto& states : result.positive) row += states[i] == 0 ? ",0" : states[i] == 1 ? ",1" : ",";
    for (const auto* column : columns) add((*column)[i]);
    row += result.assessable.empty() || result.assessable[i] != 0 ? ",1" : ",0";
    if (result.regions) row += "," + csv_field(region_names(result, i));
    row += '\n';
  });
}

}  // namespace hexaplex
