// Measures of real fields against the tables that came with them.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "core/cells/measure.h"
#include "tests/support/core/tiff_pages.h"

namespace hexaplex {
namespace {

// Rows of a table with a header, as column -> text.
std::vector<std::map<std::string, std::string>> read_table(const std::filesystem::path& path, char separator) {
  std::ifstream file(path);
  std::vector<std::map<std::string, std::string>> rows;
  std::vector<std::string> header;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::vector<std::string> cells;
    std::stringstream in(line);
    for (std::string cell; std::getline(in, cell, separator);) cells.push_back(cell);
    if (header.empty()) {
      header = cells;
      continue;
    }
    auto& row = rows.emplace_back();
    for (std::size_t i = 0; i < cells.size(); ++i) row[header[i]] = cells[i];
  }
  return rows;
}

TEST(MeasureReal, InFormFieldEqualsItsTable) {
  const auto folder = test::shared_data("inform_fihc4");
  if (folder.empty()) GTEST_SKIP() << "shared/data/inform_fihc4 is absent";
  const std::string stem = "FIHC4__0929309_HP_IM3_2";
  std::vector<HostPlane<float>> planes;
  std::vector<MeasuredChannel> channels;
  for (auto& page : test::read_tiff_pages(folder / (stem + "_component_data.tif"))) {
    const auto begin = page.description.find("<Name>") + 6;
    channels.push_back({page.description.substr(begin, page.description.find("</Name>") - begin), {}});
    planes.push_back(std::move(page.pixels));
  }
  ASSERT_EQ(planes.size(), 5u);
  for (std::size_t i = 0; i < planes.size(); ++i) channels[i].pixels = planes[i].view();
  const auto maps = test::read_tiff_pages(folder / (stem + "_binary_seg_maps.tif"));
  // The cytoplasm map runs on under the nuclei of neighbours (1,319 pixels): it goes first in the cell plane.
  LabelPair labels{test::as_labels(maps[1].pixels), test::as_labels(maps[2].pixels)};
  for (std::int64_t i = 0; i < labels.cell.extent().area(); ++i)
    if (labels.cell.data()[i] == 0) labels.cell.data()[i] = labels.nucleus.data()[i];
  const CellTable table = measure_cells(CpuQueue{}, channels, labels, 1e4 / 20114.8, 0.75);

  const auto rows = read_table(folder / (stem + "_cell_seg_data.txt"), '\t');
  ASSERT_EQ(rows.size(), 270u);
  ASSERT_EQ(table.size(), 270u);
  int nuclei = 0, cytoplasms = 0, cytoplasm_areas = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto row = rows[i];
    ASSERT_EQ(table.cell_id[i], std::stoul(row["Cell ID"]));
    bool nucleus = table.nucleus[i].area_px == std::stod(row["Nucleus Area (pixels)"]), cyto = true;
    for (std::size_t m = 0; m < channels.size(); ++m) {
      const auto expect = [&](const std::string& compartment, Compartment c) {
        const std::string name = compartment + " " + channels[m].marker + " Mean (Normalized Counts, Total Weighting)";
        return std::abs(table.values(m, c, Statistic::mean)[i] - std::stod(row.at(name))) <= 0.0005 + 1e-9;
      };
      nucleus = nucleus && expect("Nucleus", Compartment::nucleus);
      cyto = cyto && expect("Cytoplasm", Compartment::cytoplasm);
    }
    const bool same_area = table.cytoplasm_area_px[i] == std::stod(row["Cytoplasm Area (pixels)"]);
    nuclei += nucleus;
    cytoplasm_areas += same_area;
    cytoplasms += same_area && cyto;
  }
  EXPECT_EQ(nuclei, 270);
  EXPECT_EQ(cytoplasm_areas, 262);  // of the other 8 the map does not show what the table was made from
  EXPECT_EQ(cytoplasms, 262);
}

TEST(MeasureReal, MibiFieldEqualsItsTable) {
  const auto folder = test::shared_data("mibi_point8");
  if (folder.empty()) GTEST_SKIP() << "shared/data/mibi_point8 is absent";
  std::vector<HostPlane<float>> planes;
  std::vector<MeasuredChannel> channels;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "TIFs")) {
    channels.push_back({entry.path().stem().string(), {}});
    planes.push_back(std::move(test::read_tiff_pages(entry.path()).at(0).pixels));
  }
  for (std::size_t i = 0; i < planes.size(); ++i) channels[i].pixels = planes[i].view();
  LabelPair labels;
  labels.cell = test::as_labels(
      test::read_tiff_pages(folder / "segmentation_output" / "Point8_segmentation_labels.tiff").at(0).pixels);
  const CellTable table = measure_cells(CpuQueue{}, channels, labels, 0.5, 0.75);

  const auto rows = read_table(folder / "single_cell_output" / "Point8_normalized.csv", ',');
  ASSERT_EQ(rows.size(), 395u);
  ASSERT_EQ(table.size(), 395u);
  std::map<unsigned long, std::size_t> index;
  for (std::size_t i = 0; i < table.size(); ++i) index[table.cell_id[i]] = i;
  int compared = 0;
  for (auto row : rows) {
    const auto found = index.find(std::stoul(row["label"]));
    ASSERT_NE(found, index.end()) << row["label"];
    const std::size_t i = found->second;
    const Shape& shape = table.cell[i];
    EXPECT_EQ(shape.area_px, std::stod(row["area"]));
    EXPECT_NEAR(shape.eccentricity, std::stod(row["eccentricity"]), 1e-6);
    EXPECT_NEAR(shape.major_axis_px, std::stod(row["major_axis_length"]), 1e-6);
    EXPECT_NEAR(shape.minor_axis_px, std::stod(row["minor_axis_length"]), 1e-6);
    EXPECT_NEAR(shape.perimeter_px, std::stod(row["perimeter"]), 1e-6);
    for (std::size_t m = 0; m < channels.size(); ++m)
      if (row.count(channels[m].marker)) {
        EXPECT_NEAR(table.values(m, Compartment::cell, Statistic::mean)[i], std::stod(row[channels[m].marker]), 1e-9)
            << channels[m].marker << " of cell " << row["label"];
        ++compared;
      }
  }
  EXPECT_GE(compared, 395 * 20);
}

}  // namespace
}  // namespace hexaplex
