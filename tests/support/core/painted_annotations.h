#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/io/csv_table.h"
#include "tests/support/core/drawn_files.h"

namespace hexaplex::test {

/// What a person annotates on a painted section: a point on each of the first `most` tumour cells of its truth, and on
/// as many others, under these names.
/// @param truth  STAIN_cells.csv: cell_id, x_um, y_um, tumour, ...; painted at 0.5 µm a pixel
inline std::string annotated_points(const std::filesystem::path& truth, int most, const std::string& tumour = "Tumour",
                                    const std::string& other = "Resident") {
  std::vector<std::string> points;
  int shown[2] = {0, 0};
  for (const CsvRow& row : read_csv(truth)) {
    if (row.fields[0] == "cell_id") continue;
    const bool is_tumour = row.fields[3] == "1";
    if (++shown[is_tumour] > most) continue;
    points.push_back(
        drawn_feature(is_tumour ? tumour : other, R"({"type":"Point","coordinates":[)" +
                                                      std::to_string(std::stod(row.fields[1]) / 0.5) + "," +
                                                      std::to_string(std::stod(row.fields[2]) / 0.5) + "]}"));
  }
  return drawing_of(points);
}

}  // namespace hexaplex::test
