#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/loss/distribution.h"
#include "core/loss/loss_study.h"

namespace hexaplex {

struct LossOptions {
  std::vector<std::filesystem::path> before{}, after{};  ///< results DIR/S of hexaplex run, or folders of them
  std::optional<std::filesystem::path> control{};        ///< result of a slide without the antigen
  std::filesystem::path out{};                           ///< becomes the loss's folder
  LossQuestion question{};
  bool overwrite = false;  ///< an earlier loss in `out` is replaced; nothing else ever is
};

/// loss.csv: a row for each measure.
std::string loss_csv(const LossStudy& study);

/// loss.json: the question, every measure with its interval, the slides, and SHA-256 of what was read.
nlohmann::ordered_json loss_json(const LossStudy& study, const LossDistribution& distribution);

/// loss.html: the verdict, both distributions, all measures, slides and remarks. One file that asks no network.
std::string loss_page(const LossStudy& study, const LossDistribution& distribution);

/// What was found, for who asked.
struct LossOutcome {
  std::string verdict;
  std::vector<std::string> notes;
};

/// Measures the loss of an antigen and publishes loss.html, loss.json, loss.csv, distribution.csv and distribution.svg
/// as one folder `out`: whole or not at all. The same results give the same bytes.
/// Throws: what study_loss throws; OutputError for an existing folder (with `overwrite`, for one that is no loss) or
///         where it cannot be written.
LossOutcome publish_loss(const LossOptions& options);

}  // namespace hexaplex
