#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/report/run_json.h"
#include "core/run/sha256.h"

namespace hexaplex::test {

/// A cell of a written result.
struct WrittenCell {
  double x_um = 0, y_um = 0, value = 0;
  std::string phenotype = "Blast";
  bool assessable = true, has_value = true;
};

/// A result as `hexaplex run` leaves it, as far as the loss of an antigen reads it: CD123 scored in the cytoplasm by
/// its median, and phenotypes that hang on CD34 alone.
struct WrittenResult {
  std::string slide = "a slide's hash";  ///< stands for the slide: different slides, different texts
  std::vector<WrittenCell> cells{};
  nlohmann::json parameters = {
      {"panel", "p"},
      {"um_per_px", 0.5},
      {"channels", {{{"marker", "CD34"}}, {{"marker", "CD123"}}}},
      {"classes", nlohmann::json::array()},
      {"phenotypes", {{{"name", "Blast"}, {"when", "CD34"}}, {{"name", "Other"}, {"when", "true"}}}},
      {"scores", {{"CD123", {{"bins", {0.2, 0.4, 0.6}}, {"compartment", "cytoplasm"}, {"statistic", "median"}}}}}};
  nlohmann::json score = nlohmann::json::object();   ///< of CD123 in summary.json
  nlohmann::json stains = nlohmann::json::object();  ///< of summary.json

  void write(const std::filesystem::path& folder) const {
    std::filesystem::create_directories(folder);
    std::string table = "cell_id,x_um,y_um,phenotype,CD123_cytoplasm_mean,CD123_cytoplasm_median,assessable\n";
    int id = 0;
    for (const WrittenCell& c : cells)
      table += std::to_string(++id) + "," + std::to_string(c.x_um) + "," + std::to_string(c.y_um) + "," + c.phenotype +
               ",0.9," + (c.has_value ? nlohmann::json(c.value).dump() : "") + "," + (c.assessable ? "1" : "0") + "\n";
    nlohmann::json run{{"slide", {{"stem", folder.filename().string()}}},
                       {"parameters", parameters},
                       {"parameters_sha256", parameters_hash(parameters)},
                       {"inputs", {{{"role", "slide"}, {"name", "s.tif"}, {"sha256", sha256_of(slide)}}}},
                       {"outputs", nlohmann::json::array()}};
    const nlohmann::json summary{{"scores", {{"CD123", score}}}, {"stains", stains}};
    for (const auto& [name, text] : {std::pair{std::string("cells.csv"), table}, {"summary.json", summary.dump()}}) {
      std::ofstream(folder / name, std::ios::binary) << text;
      run["outputs"].push_back({{"name", name}, {"sha256", sha256_of(text)}});
    }
    std::ofstream(folder / "run.json") << run.dump();
  }
};

}  // namespace hexaplex::test
