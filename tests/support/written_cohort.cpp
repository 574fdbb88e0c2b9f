#include "tests/support/written_cohort.h"

#include <filesystem>
#include <string>

namespace hexaplex::test {

namespace fs = std::filesystem;

namespace {

constexpr double kCellsPerMm2 = 1000;

// As JSON writes measures: with a decimal point, so that they are no counts.
std::string measure(double value) {
  return std::to_string(value);
}

std::string summary_text(const WrittenSlide& slide) {
  const double cells = kCellsPerMm2 * slide.tissue_mm2, tumour = cells * slide.fraction;
  const auto count = [](double value) { return std::to_string(static_cast<int>(value)); };
  return "{\"slide\": \"" + slide.stem + "\", \"cells\": " + count(cells) + ", \"cells_assessable\": " + count(cells) +
         ",\n\"tissue_mm2\": " + measure(slide.tissue_mm2) + ", \"cells_per_mm2\": " + measure(kCellsPerMm2) +
         ", \"quality\": {\"assessable_share\": 0.9},\n\"phenotypes\": {\"Tumour cell\": {\"count\": " + count(tumour) +
         ", \"percent\": " + measure(100 * slide.fraction) + ", \"per_mm2\": " + measure(tumour / slide.tissue_mm2) +
         "}},\n\"infiltration\": {\"tumour_cell_area_fraction\": " + measure(slide.fraction) +
         ", \"foci\": 3, \"grade\": 2},\n\"scores\": {\"CD34\": {\"cells_3\": " + count(tumour) +
         ", \"h_score\": " + measure(300 * slide.fraction) + "}},\n\"warnings\": []}\n";
}

std::string blocks_text(const WrittenSlide& slide) {
  std::string text = "block_x,block_y,tissue_mm2,tumour_cell_area_mm2\n";
  const double tissue = slide.tissue_mm2 / static_cast<double>(slide.block_fractions.size());
  for (std::size_t i = 0; i < slide.block_fractions.size(); ++i)
    text += std::to_string(i) + ",0," + std::to_string(tissue) + "," +
            std::to_string(tissue * slide.block_fractions[i]) + "\n";
  return text;
}

}  // namespace

fs::path write_cohort(const TemporaryFolder& folder, const std::string& columns,
                      const std::vector<WrittenSlide>& slides) {
  std::string table = "slide," + columns + "\n";
  for (const WrittenSlide& slide : slides) {
    table += slide.stem + ".ome.tif," + slide.row + "\n";
    if (!slide.with_result) continue;
    fs::create_directories(folder.path() / "results" / slide.stem);
    folder.write("results/" + slide.stem + "/summary.json", summary_text(slide));
    if (!slide.block_fractions.empty()) folder.write("results/" + slide.stem + "/blocks.csv", blocks_text(slide));
  }
  return folder.write("cohort.csv", table);
}

std::vector<WrittenSlide> planted_cohort() {
  struct Organ {
    const char* name;
    double vehicle, ratio;
  };
  std::vector<WrittenSlide> slides;
  const std::vector<double> spread{0.9, 1, 1.15};
  for (const std::string group : {"treated", "vehicle"})
    for (std::size_t animal = 0; animal < spread.size(); ++animal) {
      for (const Organ& organ :
           std::vector<Organ>{{"Liver", 0.06, 0.1}, {"Spleen", 0.2, 0.5}, {"Lung", 0.03, 1}, {"Brain", 0.01, 3}}) {
        const std::string name = group.substr(0, 1) + std::to_string(animal + 1);
        const double jitter = group == "treated" ? 1.02 : 1;
        const double fraction = organ.vehicle * spread[animal] * jitter * (group == "treated" ? organ.ratio : 1);
        slides.push_back({name + "_" + organ.name, name + "," + group + "," + organ.name, fraction});
      }
    }
  return slides;
}

}  // namespace hexaplex::test
