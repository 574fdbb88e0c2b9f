#include <string>

#include "core/report/tables.h"
#include "core/report/text.h"

namespace hexaplex {

namespace {

void append_field(std::string& row, double value) {
  row += ',';
  append_number(row, value);
}

}  // namespace

void write_foci_csv(const InfiltrationResult& infiltration, OutputFile& file) {
  std::string text = "focus,cells,x_um,y_um,area_mm2,border_distance_um\n";
  for (std::size_t i = 0; i < infiltration.foci.size(); ++i) {
    const Focus& f = infiltration.foci[i];
    text += std::to_string(i + 1) + "," + std::to_string(f.cells);
    for (const double value : {f.x_um, f.y_um, f.area_mm2, f.border_um}) append_field(text, value);
    text += '\n';
  }
  file.write(text);
}

void write_blocks_csv(const InfiltrationResult& infiltration, OutputFile& file) {
  std::string text = "block_x,block_y,tissue_mm2,cells,tumour_cells,tumour_cell_area_mm2,tumour_area_mm2\n";
  for (const InfiltrationBlock& b : infiltration.blocks) {
    text += std::to_string(b.x) + "," + std::to_string(b.y);
    append_field(text, b.tissue_mm2);
    text += "," + std::to_string(b.cells) + "," + std::to_string(b.tumour_cells);
    append_field(text, b.tumour_cell_area_mm2);
    append_field(text, b.tumour_area_mm2);
    text += '\n';
  }
  file.write(text);
}

}  // namespace hexaplex
