#include <string>

#include "core/report/tables.h"
#include "core/report/text.h"

namespace hexaplex {

namespace {

void append_field(std::string& row, double value) {
  row += ',';
  append_number(row, value);
}

constexpr const char* kFociColumns = "focus,cells,x_um,y_um,area_mm2,border_distance_um\n";
constexpr const char* kBlockColumns =
    "block_x,block_y,tissue_mm2,cells,tumour_cells,tumour_cell_area_mm2,tumour_area_mm2\n";

// Rows of a table, each behind `first`.
std::string foci_rows(const InfiltrationResult& infiltration, const std::string& first) {
  std::string text;
  for (std::size_t i = 0; i < infiltration.foci.size(); ++i) {
    const Focus& f = infiltration.foci[i];
    text += first + std::to_string(i + 1) + "," + std::to_string(f.cells);
    for (const double value : {f.x_um, f.y_um, f.area_mm2, f.border_um}) append_field(text, value);
    text += '\n';
  }
  return text;
}

std::string block_rows(const InfiltrationResult& infiltration, const std::string& first) {
  std::string text;
  for (const InfiltrationBlock& b : infiltration.blocks) {
    text += first + std::to_string(b.x) + "," + std::to_string(b.y);
    append_field(text, b.tissue_mm2);
    text += "," + std::to_string(b.cells) + "," + std::to_string(b.tumour_cells);
    append_field(text, b.tumour_cell_area_mm2);
    append_field(text, b.tumour_area_mm2);
    text += '\n';
  }
  return text;
}

// The tables of all regions, one below the other.
template <class Rows>
void write_by_region(const RegionResults& regions, const char* columns, Rows rows, OutputFile& file) {
  file.write(std::string("region,") + columns);
  for (std::size_t r = 0; r < regions.each.size(); ++r)
    if (regions.each[r].infiltration)
      file.write(rows(*regions.each[r].infiltration, csv_field(regions.drawn.names[r]) + ","));
}

}  // namespace

void write_foci_csv(const InfiltrationResult& infiltration, OutputFile& file) {
  file.write(kFociColumns + foci_rows(infiltration, ""));
}

void write_blocks_csv(const InfiltrationResult& infiltration, OutputFile& file) {
  file.write(kBlockColumns + block_rows(infiltration, ""));
}

void write_region_foci_csv(const RegionResults& regions, OutputFile& file) {
  write_by_region(regions, kFociColumns, foci_rows, file);
}

void write_region_blocks_csv(const RegionResults& regions, OutputFile& file) {
  write_by_region(regions, kBlockColumns, block_rows, file);
}

}  // namespace hexaplex
