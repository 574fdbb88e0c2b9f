#include "core/loss/loss_study.h"

#include <gmock/gmock.h>

#include <functional>

#include "core/loss/loss_wording.h"
#include "kernels/runtime/error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/written_result.h"

namespace hexaplex::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

// A square of blocks of 500 µm; every block has ten cells about `level`, and blocks differ in no order.
std::vector<WrittenCell> field(double level, int side = 5, const std::string& phenotype = "Blast") {
  std::vector<WrittenCell> cells;
  for (int block = 0; block < side * side; ++block)
    for (int i = 0; i < 10; ++i)
      cells.push_back({500.0 * (block % side) + 40 * i, 500.0 * (block / side) + 20,
                       level * (0.8 + 0.04 * ((block * 7) % 11)) * (0.9 + 0.02 * i), phenotype, true, true});
  return cells;
}

struct WrittenPair {
  TemporaryFolder folder{};
  WrittenResult before{"slide 1", field(0.5)}, after{"slide 2", field(0.2)};
  LossQuestion question{"CD123", {}, 0.5};
  std::optional<fs::path> control{};

  fs::path at(const std::string& name) const { return folder.path() / name; }
  LossStudy study() const {
    before.write(at("b"));
    after.write(at("a"));
    return study_loss({at("b")}, {at("a")}, control, question);
  }
  // What study() says, or nothing.
  std::string message() const {
    try {
      study();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
};

TEST(LossStudy, MeasuresWhatWasWritten) {
  const LossStudy study = WrittenPair().study();
  EXPECT_EQ(study.before.cells, 250u);
  EXPECT_EQ(study.loss.blocks_before, 25u);
  EXPECT_EQ(study.column, "CD123_cytoplasm_median");
  EXPECT_NEAR(*study.loss.loss_percent.value, 60, 1e-9);
  EXPECT_THAT(verdict_of(study), AllOf(HasSubstr("CD123 was lost: by 60.0 %, 95 % interval "),
                                       HasSubstr("Cells measured (all): 250 before, 250 after.")));
  EXPECT_THAT(study.notes, Contains(HasSubstr("Without a control")));
  EXPECT_THAT(study.notes, Not(Contains(HasSubstr("are alike"))));
}

TEST(LossStudy, CellsThatDoNotCountAreLeftOut) {
  WrittenPair pair;
  const std::vector<WrittenCell> clean = pair.before.cells;
  pair.before.cells.push_back({10, 10, 99, "Blast", false, true});
  pair.before.cells.push_back({10, 10, 99, "Blast", true, false});
  pair.before.cells.push_back({10, 10, 99, "Other", true, true});
  pair.question.phenotypes = {"Blast"};
  const LossStudy with = pair.study();
  pair.before.cells = clean;
  const LossStudy without = pair.study();
  EXPECT_EQ(*with.loss.h_score.before.value, *without.loss.h_score.before.value);
  EXPECT_EQ(with.before.cells, without.before.cells);
  const ScoredSlide& slide = with.before.slides.front().result;
  EXPECT_EQ(slide.not_assessable, 1u);
  EXPECT_EQ(slide.without_value, 1u);
  EXPECT_EQ(slide.other_cells, 1u);
}

TEST(LossStudy, SlidesOfASideArePooledAndTheirBlocksAreDifferent) {
  WrittenPair pair;
  pair.before.write(pair.at("before/one"));
  WrittenResult second{"slide 3", field(0.7)};
  second.write(pair.at("before/two"));
  pair.after.write(pair.at("a"));
  const LossStudy both = study_loss({pair.at("before")}, {pair.at("a")}, {}, pair.question);
  const LossStudy named =
      study_loss({pair.at("before/two"), pair.at("before/one/")}, {pair.at("a")}, {}, pair.question);
  EXPECT_EQ(both.loss.blocks_before, 50u);
  EXPECT_EQ(both.before.slides.size(), 2u);
  EXPECT_EQ(named.before.slides[1].name, "one");
  EXPECT_EQ(*both.loss.loss_percent.value, *named.loss.loss_percent.value);
}

TEST(LossStudy, BlocksHaveTheSideThatIsAskedFor) {
  WrittenPair pair;
  pair.question.block_mm = 1;
  EXPECT_EQ(pair.study().loss.blocks_before, 9u);
  pair.question.block_mm = 0.001;
  EXPECT_THAT(pair.message(), HasSubstr("--block-mm: a block has a side of 0.01 to 100 mm"));
}

TEST(LossStudy, AControlIsTakenOff) {
  WrittenPair pair;
  const WrittenResult control{"slide 9", field(0.1)};
  control.write(pair.at("control"));
  pair.control = pair.at("control");
  const LossStudy given = pair.study();
  EXPECT_NEAR(*given.loss.loss_percent.value, 75, 1e-9);  // 1 - (0.2 - 0.1) / (0.5 - 0.1)
  EXPECT_THAT(given.control_why, HasSubstr("the median of the control control (250 cells)"));
  pair.control.reset();
  pair.before.score = pair.after.score = {{"control_median", 0.1}};
  const LossStudy named = pair.study();
  const double unit = *named.loss.above_control.before.value + 0.1;
  EXPECT_NEAR(*named.loss.loss_percent.value, 100 * (1 - (0.4 * unit - 0.1) / (unit - 0.1)), 1e-9);
  EXPECT_THAT(named.control_why, HasSubstr("that the panel names"));
  pair.after.score = nlohmann::json::object();
  EXPECT_THAT(pair.message(), HasSubstr("was scored without a control, and the other side with one; give --control"));
}

TEST(LossStudy, GainsNoLossAndNothingToLoseAreSaid) {
  WrittenPair pair;
  pair.after.cells = field(0.9);
  EXPECT_THAT(verdict_of(pair.study()), HasSubstr("CD123 was not lost: it rose by 80.0 %, 95 % interval "));
  pair.after.cells = field(0.5);
  EXPECT_THAT(verdict_of(pair.study()), AllOf(HasSubstr("No loss of CD123 is shown: a loss of 0.0 %, 95 % interval -"),
                                              HasSubstr("that includes none")));
  pair.before.cells = field(0);
  pair.after.cells = field(0);
  const LossStudy nothing = pair.study();
  EXPECT_THAT(verdict_of(nothing), HasSubstr("nothing to lose"));
  EXPECT_THAT(nothing.notes, Contains(HasSubstr("share their lowest values")));
  pair.before.cells = field(0.5, 2);
  pair.after.cells = field(0.2, 2);
  EXPECT_THAT(verdict_of(pair.study()),
              AllOf(HasSubstr("carry 60.0 % less than before, but how sure that is cannot be said"),
                    HasSubstr("4 blocks of tissue")));
}

TEST(LossStudy, CellsChosenByTheMarkerItselfAreToldOf) {
  WrittenPair pair;
  pair.question.phenotypes = {"Blast"};
  EXPECT_THAT(pair.study().notes, Not(Contains(HasSubstr("asks for CD123 itself"))));
  for (WrittenResult* result : {&pair.before, &pair.after})
    result->parameters["phenotypes"] = {{{"name", "Strong"}, {"when", "CD123"}}, {{"name", "Blast"}, {"when", "CD34"}}};
  EXPECT_THAT(pair.study().notes, Contains(HasSubstr("asks for CD123 itself"))) << "a rule above it asks";
  pair.question.phenotypes = {};
  EXPECT_THAT(pair.study().notes, Not(Contains(HasSubstr("asks for CD123 itself"))));
}

TEST(LossStudy, PatchesLargerThanBlocksAndOtherStainsAreToldOf) {
  WrittenPair pair;
  for (WrittenCell& cell : pair.before.cells) cell.value = 0.001 * cell.x_um;  // like cells lie in stripes
  EXPECT_THAT(pair.study().notes, Contains(HasSubstr("Neighbouring blocks before are alike (Moran's I ")));
  pair.before.stains = {{"vectors", {{"CD123", {{"optical_density", {0.2, 0.6, 0.7746}}}}}}};
  pair.after.stains = {{"vectors", {{"CD123", {{"optical_density", {0.4, 0.6, 0.6928}}}}}}};
  EXPECT_THAT(pair.study().notes, Contains(HasSubstr("more than 5 degrees")));
  pair.after.stains = pair.before.stains;
  EXPECT_THAT(pair.study().notes, Not(Contains(HasSubstr("more than 5 degrees"))));
}

TEST(LossStudy, WhatCannotBeComparedIsRefused) {
  const struct {
    std::function<void(WrittenPair&)> change;
    const char* said;
  } rows[] = {
      {[](WrittenPair& p) { p.after.parameters["panel"] = "q"; }, "was analysed with panel \"q\""},
      {[](WrittenPair& p) { p.after.parameters["um_per_px"] = 0.25; }, "has pixels of 0.25 µm"},
      {[](WrittenPair& p) {
         p.after.parameters["scores"]["CD123"]["bins"] = {0.1, 0.4, 0.6};
       },
       "with bins [0.1,0.4,0.6]"},
      {[](WrittenPair& p) { p.after.parameters["scores"]["CD123"]["bins"] = "?"; }, "its scores are damaged"},
      {[](WrittenPair& p) { p.after.parameters["membrane_um"] = 2; }, "`membrane_um` is 2 and not nothing"},
      {[](WrittenPair& p) { p.after.parameters["scores"].erase("CD123"); }, "its panel scores no marker"},
      {[](WrittenPair& p) { p.after.slide = p.before.slide; }, "is of the same slide as"},
      {[](WrittenPair& p) { p.after.cells.clear(); }, "holds no cell that counts"},
      {[](WrittenPair& p) { p.after.cells[3].x_um = -1; }, "cells.csv:5: a value or a place is no number"},
      {[](WrittenPair& p) { p.question.marker = "CD132"; }, "did you mean CD123?"},
      {[](WrittenPair& p) { p.question.phenotypes = {"Blasts"}; }, "did you mean Blast?"},
  };
  for (const auto& row : rows) {
    WrittenPair pair;
    row.change(pair);
    EXPECT_THAT(pair.message(), HasSubstr(row.said));
  }
  EXPECT_EQ(WrittenPair().message(), "");
}

TEST(LossStudy, UnfinishedAndChangedResultsAreRefused) {
  const struct {
    std::function<void(const fs::path&)> damage;
    const char* said;
  } rows[] = {
      {[](const fs::path& f) { fs::remove(f / "run.json"); }, "holds no finished result"},
      {[](const fs::path& f) { fs::remove(f / "cells.csv"); }, "is missing"},
      {[](const fs::path& f) { std::ofstream(f / "cells.csv", std::ios::app) << "x"; }, "was changed since"},
      {[](const fs::path& f) { std::ofstream(f / "summary.json", std::ios::app) << " "; }, "was changed since"},
      {[](const fs::path& f) { std::ofstream(f / "run.json") << "{}"; }, "is not a run.json"},
      {[](const fs::path& f) { std::ofstream(f / "run.json") << "{"; }, "is damaged"},
  };
  for (const auto& row : rows) {
    const WrittenPair pair;
    pair.before.write(pair.at("b"));
    pair.after.write(pair.at("a"));
    row.damage(pair.at("a"));
    try {
      study_loss({pair.at("b")}, {pair.at("a")}, {}, pair.question);
      ADD_FAILURE() << row.said;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr(row.said));
    }
  }
}

TEST(LossStudy, ParametersThatWereChangedAreRefused) {
  const WrittenPair pair;
  pair.before.write(pair.at("b"));
  pair.after.write(pair.at("a"));
  std::ifstream in(pair.at("a") / "run.json");
  nlohmann::json run = nlohmann::json::parse(in);
  run["parameters"]["note"] = "mine";
  std::ofstream(pair.at("a") / "run.json") << run.dump();
  EXPECT_THROW(study_loss({pair.at("b")}, {pair.at("a")}, {}, pair.question), InputError);
}

}  // namespace
}  // namespace hexaplex::test
