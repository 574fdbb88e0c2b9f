// The preset for the real B/T-cell field against inForm's own phenotypes, from inForm's own table of means.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/panel/load_panel.h"
#include "core/phenotype/classify.h"
#include "tests/support/paths.h"

namespace hexaplex {
namespace {

const std::filesystem::path kTable =
    ::hexaplex::testing::source_folder() / "../shared/data/inform_fihc4/FIHC4__0929309_HP_IM3_2_cell_seg_data.txt";

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, '\t');) fields.push_back(field);
  return fields;
}

TEST(BTCellField, PhenotypesAreInForms) {
  std::ifstream in(kTable);
  if (!in) GTEST_SKIP() << "no " << kTable;
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> header = split(line);
  const auto column = [&](const std::string& name) {
    for (std::size_t k = 0; k < header.size(); ++k)
      if (header[k].rfind(name, 0) == 0) return k;
    throw std::runtime_error("no column " + name);
  };
  std::vector<std::vector<std::string>> rows;
  while (std::getline(in, line)) rows.push_back(split(line));
  ASSERT_EQ(rows.size(), 270u);

  const Panel panel = load_panel("inform-bt-cell");
  CellTable table;
  for (const PanelChannel& channel : panel.channels) table.markers.push_back(channel.marker);
  table.resize(rows.size());
  for (std::size_t k = 0; k < table.markers.size(); ++k)
    for (std::size_t i = 0; i < rows.size(); ++i)
      table.values(k, Compartment::nucleus, Statistic::mean)[i] =
          std::stod(rows[i][column("Nucleus " + table.markers[k] + " Mean")]);

  const std::vector<int> phenotypes = classify(panel, decide_positivity(panel, table));
  std::map<std::string, std::pair<double, double>> right_of;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string& truth = rows[i][column("Phenotype")];
    auto& [right, all] = right_of[truth];
    all += 1;
    right += phenotype_name(panel, phenotypes[i]) == truth;
  }
  double recall = 0;
  for (const char* name : {"B", "Helper T", "Cytotoxic T"}) recall += right_of[name].first / right_of[name].second / 3;
  RecordProperty("mean_recall", std::to_string(recall));
  EXPECT_GE(recall, 0.93) << "measured 0.957";
}

}  // namespace
}  // namespace hexaplex
