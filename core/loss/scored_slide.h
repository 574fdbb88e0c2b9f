#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace hexaplex {

/// What is asked of a slide's cells.
struct LossQuestion {
  std::string marker;
  std::vector<std::string> phenotypes{};  ///< cells of these; empty: all
  double block_mm = 0.5;                  ///< side of a block of tissue; 0.01 .. 100
};

/// A cell that counts: its value and its square of tissue.
struct ScoredCell {
  double value = 0;
  std::int32_t block_x = 0, block_y = 0;
};

/// A finished result, as far as the loss of an antigen needs it.
struct ScoredSlide {
  std::filesystem::path folder;
  std::string stem;
  std::string slide_sha256;
  nlohmann::json parameters;           ///< of run.json
  std::vector<std::string> read_with;  ///< SHA-256 of spectral library, classifier and given objects, with their roles
  double um_per_px = 1;
  std::array<double, 3> bins{};                ///< from which a cell is 1+, 2+, 3+
  std::string column;                          ///< of cells.csv: "CD123_cytoplasm_median"
  std::optional<double> control_median;        ///< of the control that the panel names
  std::optional<std::array<double, 3>> stain;  ///< colour of the marker's stain as used, a unit vector of densities
  std::string cells_sha256, summary_sha256;
  std::vector<ScoredCell> cells;   ///< those that count, in the table's order
  std::size_t other_cells = 0;     ///< not of the phenotypes asked for
  std::size_t not_assessable = 0;  ///< of the phenotypes, on tissue that cannot be judged
  std::size_t without_value = 0;   ///< of the phenotypes and assessable, but the compartment is empty
};

/// Reads DIR/S of hexaplex run. What is read must hash as its run.json records.
/// Throws: InputError (file, line, mend) for a result that is unfinished, was changed, or scores no marker;
///         InvalidArgument (with the nearest name) for a marker that is not scored, a phenotype that the panel does not
///         name, a block outside its range
ScoredSlide read_scored_slide(const std::filesystem::path& folder, const LossQuestion& question);

/// Throws InputError naming `other` where two results cannot be compared: another panel or other parameters that
/// decide about cells or values (each named with both its values), pixels whose size differs by more than 1 %, or
/// another spectral library, classifier or stain reference.
void check_comparable(const ScoredSlide& first, const ScoredSlide& other, const std::string& marker);

/// Whether the colours that were taken for the marker's stain lie more than 5 degrees apart: amounts are then not
/// alike. False where either slide has no stains.
bool stains_differ(const ScoredSlide& a, const ScoredSlide& b);

/// Whether cells are chosen by a rule that asks for the marker itself: what lost the antigen is then not among them.
bool chosen_by_marker(const ScoredSlide& slide, const LossQuestion& question);

}  // namespace hexaplex
