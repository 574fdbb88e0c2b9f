#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/loss/antigen_loss.h"
#include "core/loss/block_likeness.h"
#include "core/loss/scored_slide.h"

namespace hexaplex {

/// A slide of a sample, by itself.
struct LossSlide {
  std::string name;    ///< its folder's name
  ScoredSlide result;  ///< without its cells
  std::size_t cells = 0, blocks = 0;
  double percent_positive = 0, median = 0;  ///< of `cells`; 0 where there is none
};

/// All slides of one side.
struct LossSample {
  std::vector<LossSlide> slides;
  std::vector<BlockValue> values{};  ///< of all cells that count; blocks of different slides are different
  std::vector<BlockPlace> places{};  ///< of the blocks
  BlockLikeness likeness{};          ///< of neighbouring blocks
  std::size_t cells = 0;
};

/// One patient before and after, and what was lost.
struct LossStudy {
  LossQuestion question;
  LossSample before, after;
  std::optional<LossSample> control;  ///< where one was given
  std::string column;                 ///< of cells.csv
  std::array<double, 3> bins{};
  std::string control_why;  ///< what was taken for the value without antigen, in a sentence
  AntigenLoss loss;
  std::vector<std::string> notes;  ///< what a reader must know
};

/// Reads the results of both sides and measures the loss. A folder of results stands for all of them.
/// @param control  result of a slide without the antigen; without one the control that the panel names counts, where
///                 all slides name one, and else 0
/// Throws: what read_scored_slide and check_comparable throw; InputError for a folder without results, a slide given
///         twice, a side without cells that count, controls that differ within a side or are named on one side only
LossStudy study_loss(const std::vector<std::filesystem::path>& before, const std::vector<std::filesystem::path>& after,
                     const std::optional<std::filesystem::path>& control, const LossQuestion& question);

}  // namespace hexaplex
