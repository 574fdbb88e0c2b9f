#include "core/report/tables.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "tests/support/core/sample_result.h"
#include "tests/support/core/tiff_pages.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex {
namespace {

using test::SampleResult;
using test::TemporaryFolder;
using Write = void (*)(const CpuQueue&, const SlideResult&, OutputFile&);

std::string written(Write write, const SlideResult& result) {
  const TemporaryFolder folder;
  OutputFile file(folder.path() / "table");
  write(CpuQueue{}, result, file);
  file.close();
  return hexaplex::test::bytes_of(folder.path() / "table");
}

// Column -> row of a table.
struct Table {
  std::vector<std::string> header;
  std::vector<std::map<std::string, std::string>> rows;
  Table(const std::string& text, char separator) {
    const auto cells = test::split_table(text, separator);
    header = cells.at(0);
    for (std::size_t i = 1; i < cells.size(); ++i) {
      EXPECT_EQ(cells[i].size(), header.size());
      auto& row = rows.emplace_back();
      for (std::size_t k = 0; k < header.size(); ++k) row[header[k]] = cells[i].at(k);
    }
  }
};

TEST(CellsCsv, HeaderOrderAndValues) {
  const SampleResult sample;
  const CellTable& cells = sample.result.cells;
  const Table table(written(write_cells_csv, sample.result), ',');
  const std::vector<std::string> first(table.header.begin(), table.header.begin() + 6);
  EXPECT_EQ(first,
            (std::vector<std::string>{"cell_id", "x_um", "y_um", "phenotype", "nucleus_area_um2", "cell_area_um2"}));
  EXPECT_EQ(std::set<std::string>(table.header.begin(), table.header.end()).size(), table.header.size());
  ASSERT_EQ(table.rows.size(), cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto& row = table.rows[i];
    EXPECT_EQ(row.at("cell_id"), std::to_string(cells.cell_id[i]));
    EXPECT_EQ(row.at("phenotype"), phenotype_of(sample.result, i));
    EXPECT_EQ(std::stod(row.at("cell_area_um2")), cells.cell[i].area_px * 0.25);
    EXPECT_EQ(std::stod(row.at("cell_perimeter_um")), cells.cell[i].perimeter_px * 0.5);
    EXPECT_EQ(row.at("CD3_positive"), sample.result.positive[1][i] ? "1" : "0");
    const bool nucleus = cells.nucleus[i].area_px > 0;
    EXPECT_EQ(std::stod(row.at("x_um")), (nucleus ? cells.nucleus[i] : cells.cell[i]).centroid_x_px * 0.5);
    EXPECT_EQ(row.at("nucleus_solidity").empty(), !nucleus);
    for (std::size_t m = 0; m < cells.markers.size(); ++m)
      for (const Compartment c : kCompartments)
        for (const Statistic s : kStatistics) {
          const std::string text =
              row.at(cells.markers[m] + "_" + std::string(name_of(c)) + "_" + std::string(name_of(s)));
          const double value = cells.values(m, c, s)[i];
          EXPECT_EQ(text.empty(), std::isnan(value));
          EXPECT_TRUE(text.empty() || std::stod(text) == value) << "reads back as the same double";
        }
  }
}

TEST(CellsCsv, LastColumnSaysWhichCellsCount) {
  SampleResult sample;
  sample.result.assessable.assign(sample.result.cells.size(), 1);
  sample.result.assessable[1] = 0;
  const Table table(written(write_cells_csv, sample.result), ',');
  EXPECT_EQ(table.header.back(), "assessable");
  EXPECT_EQ(table.rows[0].at("assessable"), "1");
  EXPECT_EQ(table.rows[1].at("assessable"), "0");
}

TEST(CellsCsv, LeavesOutWhatWasNotMeasured) {
  SampleResult sample;
  sample.result.cells.measured = {true, false, false, false, false, true};
  sample.result.cells.shapes = false;
  sample.result.positive.clear();
  const Table table(written(write_cells_csv, sample.result), ',');
  const std::set<std::string> header(table.header.begin(), table.header.end());
  EXPECT_TRUE(header.count("CD3_cell_mean"));
  EXPECT_FALSE(header.count("CD3_cell_median") || header.count("cell_perimeter_um") || header.count("CD3_positive"));
}

TEST(Tables, NamesNeverBecomeFormulasOrColumns) {
  SampleResult sample;
  sample.result.phenotypes[0].name = "=cmd|' /C calc'!A0";
  sample.result.phenotypes[1].name = "B,cell \"x\"\nnext";
  sample.result.cells.markers[1] = "@SUM(A1)";
  sample.result.cells.markers[2] = "+a\tb";
  sample.result.inputs[0].name = "-1+2.tif";
  for (const Write write : {write_cells_csv, write_mcquant_csv, write_inform_table}) {
    const char separator = write == write_inform_table ? '\t' : ',';
    const Table table(written(write, sample.result), separator);
    ASSERT_EQ(table.rows.size(), sample.result.cells.size());
    for (const std::string& name : table.header)
      EXPECT_EQ(std::string("=+-@").find(name.at(0)), std::string::npos) << name;
    for (const auto& row : table.rows)
      for (const auto& [column, text] : row)
        EXPECT_TRUE(text.empty() || std::string("=+@").find(text[0]) == std::string::npos) << column << ": " << text;
  }
  const Table cells(written(write_cells_csv, sample.result), ',');
  EXPECT_EQ(cells.rows[0].at("phenotype"), "'=cmd|' /C calc'!A0");
  EXPECT_EQ(cells.rows[1].at("phenotype"), "B,cell \"x\"\nnext");
  const Table inform(written(write_inform_table, sample.result), '\t');
  EXPECT_EQ(inform.rows[0].at("Sample Name"), "'-1+2.tif");
}

TEST(InFormTable, HasEveryColumnOfARealOne) {
  const auto folder = test::shared_data("inform_fihc4");
  if (folder.empty()) GTEST_SKIP() << "shared/data/inform_fihc4 is absent";
  SampleResult sample;
  const std::string real = hexaplex::test::bytes_of(folder / "FIHC4__0929309_HP_IM3_2_cell_seg_data.txt");
  const auto real_header = test::split_table(real.substr(0, real.find('\n') + 1), '\t').at(0);
  const Table ours(written(write_inform_table, sample.result), '\t');
  const std::set<std::string> names(ours.header.begin(), ours.header.end());
  std::size_t at = 0;
  for (std::string name : real_header) {
    while (!name.empty() && (name.back() == '\r')) name.pop_back();
    // Its components are named otherwise, and the last column names the program.
    const auto component = name.find(" DAPI Mean");
    if (name.find(" Mean (Normalized") != std::string::npos && component == std::string::npos) continue;
    if (name.rfind("inForm ", 0) == 0) name = "Hexaplex 0.1.0";
    EXPECT_TRUE(names.count(name)) << name;
    const auto found = std::find(ours.header.begin() + static_cast<std::ptrdiff_t>(at), ours.header.end(), name);
    EXPECT_NE(found, ours.header.end()) << name << " is out of order";
    at = static_cast<std::size_t>(found - ours.header.begin());
  }
}

TEST(InFormTable, Values) {
  const SampleResult sample;
  const CellTable& cells = sample.result.cells;
  const Table table(written(write_inform_table, sample.result), '\t');
  ASSERT_EQ(table.rows.size(), cells.size());
  const auto& row = table.rows[0];
  EXPECT_EQ(row.at("Path"), ".");
  EXPECT_EQ(row.at("Sample Name"), "sample.tif");
  EXPECT_EQ(row.at("Cell ID"), "1");
  EXPECT_EQ(std::stod(row.at("Nucleus Area (pixels)")), cells.nucleus[0].area_px);
  EXPECT_EQ(std::stod(row.at("Entire Cell DAPI Total (Normalized Counts, Total Weighting)")),
            cells.values(0, Compartment::cell, Statistic::sum)[0]);
  EXPECT_EQ(row.at("Entire Cell Area (percent)").substr(row.at("Entire Cell Area (percent)").size() - 2), " %");
  EXPECT_EQ(row.at("Cytoplasm Compactness"), "#N/A");
  EXPECT_EQ(table.rows[6].at("Nucleus DAPI Mean (Normalized Counts, Total Weighting)"), "#N/A");  // no nucleus
}

TEST(MCQuantCsv, ColumnsInOrder) {
  const SampleResult sample;
  const Table table(written(write_mcquant_csv, sample.result), ',');
  EXPECT_EQ(table.header,
            (std::vector<std::string>{"CellID", "DAPI", "CD3", "CD20", "DAPI_intensity_median", "CD3_intensity_median",
                                      "CD20_intensity_median", "X_centroid", "Y_centroid", "Area", "MajorAxisLength",
                                      "MinorAxisLength", "Eccentricity", "Solidity", "Extent", "Orientation"}));
  const CellTable& cells = sample.result.cells;
  EXPECT_EQ(std::stod(table.rows[3].at("CD3")), cells.values(1, Compartment::cell, Statistic::mean)[3]);
  EXPECT_EQ(std::stod(table.rows[3].at("X_centroid")), cells.cell[3].centroid_x_px);
}

}  // namespace
}  // namespace hexaplex
