#include "core/classify/training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "core/classify/annotations.h"
#include "core/io/csv_table.h"
#include "core/io/text.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostTableBytes = std::size_t{1} << 30, kFewestCells = 2;
constexpr double kPi = 3.14159265358979323846;

// Nuclei of a result, and where they lie in its slide.
struct ResultNuclei {
  std::vector<NucleusValues> values;
  std::vector<AnnotatedPlace> places;
};

class Columns {
 public:
  Columns(const CsvRow& header, const fs::path& file) : header_(header), file_(file) {}
  std::size_t at(const std::string& name) const {
    const auto found = std::find(header_.fields.begin(), header_.fields.end(), name);
    if (found == header_.fields.end())
      throw InputError(file_.string(), fmt::format("has no column {}; is it a result of hexaplex run?", name));
    return static_cast<std::size_t>(found - header_.fields.begin());
  }

 private:
  const CsvRow& header_;
  const fs::path& file_;
};

// NaN where there is none.
double number_in(const CsvRow& row, std::size_t column) {
  const std::optional<double> value = column < row.fields.size() ? parse_number(row.fields[column]) : std::nullopt;
  return value.value_or(std::nan(""));
}

ResultNuclei read_nuclei(const fs::path& result) {
  std::ifstream file(result / "run.json");
  const nlohmann::json run = nlohmann::json::parse(file, nullptr, false);
  const auto pointer = [](const char* text) { return nlohmann::json::json_pointer(text); };
  if (!run.is_object() || !run.contains(pointer("/parameters/segmentation/nuclear")))
    throw InputError((result / "run.json").string(), "is not there, or of a slide that was not segmented");
  const auto nuclear = run.at(pointer("/parameters/segmentation/nuclear")).get<std::string>();
  const double um_per_px = run.at(pointer("/parameters/um_per_px")).get<double>();
  const fs::path table = result / "cells.csv";
  const std::vector<CsvRow> rows = read_csv(table, kMostTableBytes);
  if (rows.empty()) throw InputError(table.string(), "is empty");
  const Columns columns(rows[0], table);
  const std::size_t x = columns.at("x_um"), y = columns.at("y_um"), area = columns.at("nucleus_area_um2"),
                    mean = columns.at(nuclear + "_nucleus_mean"), std = columns.at(nuclear + "_nucleus_std");
  ResultNuclei out;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const NucleusValues n{number_in(rows[i], x), number_in(rows[i], y), number_in(rows[i], area),
                          number_in(rows[i], mean), number_in(rows[i], std)};
    if (!(n.area_um2 > 0)) continue;
    out.values.push_back(n);
    out.places.push_back(
        {{n.x_um / um_per_px + 0.5, n.y_um / um_per_px + 0.5}, std::sqrt(n.area_um2 / kPi) / um_per_px});
  }
  return out;
}

}  // namespace

TrainedClassifier train_classifier(const std::vector<TrainingSlide>& slides) {
  std::vector<std::vector<Annotation>> drawn;
  std::set<std::string> names;
  for (const TrainingSlide& slide : slides) {
    drawn.push_back(read_annotations(slide.annotations));
    for (const Annotation& a : drawn.back()) names.insert(a.kind);
  }
  std::vector<std::string> kinds(names.begin(), names.end());
  std::vector<CellFeatures> samples;
  std::vector<int> answers;
  std::vector<std::size_t> cells(kinds.size());
  for (std::size_t s = 0; s < slides.size(); ++s) {
    const ResultNuclei nuclei = read_nuclei(slides[s].result);
    const std::vector<CellFeatures> features = cell_features(nuclei.values);
    const std::vector<int> kind = annotated_kinds(nuclei.places, drawn[s], kinds, slides[s].annotations.string());
    for (std::size_t i = 0; i < kind.size(); ++i) {
      if (kind[i] < 0) continue;
      samples.push_back(features[i]);
      answers.push_back(kind[i]);
      ++cells[static_cast<std::size_t>(kind[i])];
    }
  }
  const std::string files = slides.empty() ? "" : slides[0].annotations.string();
  if (kinds.size() < 2) throw InputError(files, "names one class of cells only; annotate cells of two or more");
  for (std::size_t k = 0; k < kinds.size(); ++k)
    if (cells[k] < kFewestCells)
      throw InputError(files, fmt::format("marks {} cell{} as {}; annotate {} or more (30 are better)", cells[k],
                                          cells[k] == 1 ? "" : "s", kinds[k], kFewestCells));
  return {CellClassifier::train(kinds, samples, answers), kinds, cells};
}

}  // namespace hexaplex
