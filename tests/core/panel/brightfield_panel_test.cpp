#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/classify/cell_classifier.h"
#include "core/panel/load_panel.h"
#include "kernels/runtime/error.h"
#include "tests/support/core/panel_message.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex {
namespace {

using test::panel_message;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kHead = "modality: brightfield\nchannels:\n";
const std::string kNuclei = "  - {marker: nuclei, stain: haematoxylin, compartment: nucleus}\n";
const std::string kTwo = kHead + kNuclei + "  - {marker: CD34, stain: DAB, compartment: membrane}\n";
const std::string kBlasts = "phenotypes:\n  - {name: Blast, when: CD34}\n";
const std::string kFluorescence = "channels: [{marker: DAPI, compartment: nucleus}, {marker: CD3}]\n";

TEST(BrightfieldPanel, ReadsEveryKey) {
  const Panel p = parse_panel(kTwo + kBlasts + R"(
stains: {vectors: {DAB: [1, 2, 3]}, estimate: off, white: [240, 241, 242.5]}
scores: {CD34: {bins: [0.1, 0.3, 0.5], irs_percent: [5, 40, 90], compartment: membrane, statistic: median}}
infiltration: {tumour: [Blast], tissue_density: 0.03, hole_um2: 100, link_um: 30, min_cells: 3, close_um: 5, grades: [0.01, 0.1, 0.5]}
)",
                              "p.yaml");
  EXPECT_EQ(p.modality, Modality::brightfield);
  EXPECT_EQ(p.channels[0].stain, "haematoxylin");
  EXPECT_EQ(p.channels[1].stain, "DAB");
  EXPECT_EQ(p.stains.vectors.at("DAB"), (StainVector{1, 2, 3}));
  EXPECT_FALSE(p.stains.estimate);
  EXPECT_EQ(p.stains.white, (StainVector{240, 241, 242.5}));
  const ScoreRule& score = p.scores.at("CD34");
  EXPECT_THAT(score.bins, ElementsAre(0.1, 0.3, 0.5));
  EXPECT_THAT(score.irs_percent, ElementsAre(5, 40, 90));
  EXPECT_EQ(score.compartment, Compartment::membrane);
  EXPECT_EQ(score.statistic, Statistic::median);
  ASSERT_TRUE(p.infiltration);
  EXPECT_THAT(p.infiltration->tumour, ElementsAre("Blast"));
  EXPECT_EQ(p.infiltration->params.tissue_density, 0.03);
  EXPECT_EQ(p.infiltration->params.hole_um2, 100);
  EXPECT_EQ(p.infiltration->params.link_um, 30);
  EXPECT_EQ(p.infiltration->params.min_cells, 3);
  EXPECT_EQ(p.infiltration->params.close_um, 5);
  EXPECT_THAT(p.infiltration->params.grades, ElementsAre(0.01, 0.1, 0.5));
}

TEST(BrightfieldPanel, HasDefaults) {
  const Panel p = parse_panel(kTwo, "p.yaml");
  EXPECT_TRUE(p.stains.estimate);
  EXPECT_FALSE(p.stains.white);
  EXPECT_TRUE(p.stains.vectors.empty());
  EXPECT_TRUE(p.scores.empty());
  EXPECT_FALSE(p.infiltration);
  EXPECT_EQ(p.segmentation.nuclear, "nuclei");
  EXPECT_EQ(p.segmentation.least, kLeastNuclearDensity);
  EXPECT_FALSE(parse_panel(kFluorescence, "p.yaml").segmentation.least);
  EXPECT_EQ(parse_panel(kTwo + "segmentation: {least: 0.2}", "p.yaml").segmentation.least, 0.2);
  EXPECT_EQ(parse_panel(kTwo + "stains: {white: 231}", "p.yaml").stains.white, (StainVector{231, 231, 231}));
  EXPECT_FALSE(parse_panel(kTwo + "stains: {white: auto, estimate: auto}", "p.yaml").stains.white);
}

TEST(BrightfieldPanel, TakesStainsOfItsOwnAndAnyCase) {
  EXPECT_EQ(panel_message(kHead + "  - {marker: n, stain: Hematoxylin, compartment: nucleus}\n"), "valid");
  EXPECT_EQ(panel_message(kHead + kNuclei +
                          "  - {marker: x, stain: Vector Red}\nstains: {vectors: {Vector Red: [.2, 1, .6]}}"),
            "valid");
  EXPECT_EQ(panel_message(kHead + kNuclei + "  - {marker: e, stain: eosin}\n  - {marker: s, stain: saffron}\n"),
            "valid");
}

struct Wrong {
  const char* name;
  std::string yaml;
  std::vector<const char*> says;
};

class WrongBrightfieldPanel : public testing::TestWithParam<Wrong> {};

TEST_P(WrongBrightfieldPanel, IsNamedWithLineAndMend) {
  const std::string what = panel_message(GetParam().yaml);
  for (const char* part : GetParam().says) EXPECT_THAT(what, HasSubstr(part));
}

INSTANTIATE_TEST_SUITE_P(
    , WrongBrightfieldPanel,
    testing::Values(
        Wrong{"NoStain",
              kHead + kNuclei + "  - {marker: CD34}\n",
              {"p.yaml:4: the marker CD34 lacks its stain", "stain: DAB"}},
        Wrong{"UnknownStain",
              kHead + kNuclei + "  - {marker: CD34, stain: DAp}\n",
              {"p.yaml:4: the stain DAp is not known; did you mean DAB?", "stains.vectors"}},
        Wrong{"StrangeStain",
              kHead + "  - {marker: x, stain: something else, compartment: nucleus}\n",
              {"p.yaml:3: the stain something else is not known; known are AEC, DAB, eosin"}},
        Wrong{"StainTwice",
              kTwo + "  - {marker: CD3, stain: DAB}\n",
              {"p.yaml:5: the stain DAB is given twice (also in line 4)"}},
        Wrong{"FourStains",
              kTwo + "  - {marker: e, stain: eosin}\n  - {marker: s, stain: saffron}\n",
              {"p.yaml:3: a brightfield panel has one to three channels", "this one has 4"}},
        Wrong{"ChannelNumber",
              kHead + kNuclei + "  - {marker: CD34, stain: DAB, channel_number: 2}\n",
              {"p.yaml:4: the marker CD34 has a channel_number", "take it out"}},
        Wrong{"StainOnFluorescence",
              "channels:\n  - {marker: DAPI, compartment: nucleus}\n  - {marker: CD3, stain: DAB}\n",
              {"p.yaml:3: the marker CD3 has a stain, which is of modality: brightfield"}},
        Wrong{"StainsOnFluorescence",
              kFluorescence + "stains: {estimate: off}\n",
              {"p.yaml:2: stains are of modality: brightfield; take them out"}},
        Wrong{"BlackVector",
              kTwo + "stains:\n  vectors:\n    DAB: [0, 0, 0]\n",
              {"p.yaml:7: the stain DAB has no density in any colour"}},
        Wrong{"ShortVector", kTwo + "stains: {vectors: {DAB: [1, 2]}}\n", {"p.yaml:5: stains.vectors.DAB"}},
        Wrong{"NegativeVector",
              kTwo + "stains: {vectors: {DAB: [1, 2, -1]}}\n",
              {"p.yaml:5: stains.vectors.DAB[3] is -1"}},
        Wrong{"WhiteAbove255", kTwo + "stains: {white: 256}\n", {"p.yaml:5: stains.white is 256", "1 to 255"}},
        Wrong{"BlackWhite", kTwo + "stains: {white: [0, 240, 240]}\n", {"p.yaml:5: stains.white"}},
        Wrong{"EstimateMaybe", kTwo + "stains: {estimate: maybe}\n", {"stains.estimate is 'maybe'", "auto", "off"}},
        Wrong{"ReferenceThatIsNotToBeUsed",
              kTwo + "stains:\n  estimate: off\n  reference: a.tif\n",
              {"p.yaml:7: stains.reference finds vectors on a slide, and stains.estimate is 'off'", "take one"}},
        Wrong{"ReferenceBesideVectors",
              kTwo + "stains:\n  reference: a.tif\n  vectors: {DAB: [1, 2, 3]}\n",
              {"p.yaml:6: stains.reference and stains.vectors.DAB both say", "take one of them out"}},
        Wrong{"ReferenceWithoutName", kTwo + "stains: {reference: ''}\n", {"p.yaml:5: stains.reference"}},
        Wrong{"ReferenceOnFluorescence",
              kFluorescence + "stains: {reference: a.tif}\n",
              {"p.yaml:2: stains are of modality: brightfield; take them out"}},
        Wrong{"ScoresOfNobody",
              kTwo + "scores:\n  CD33: {}\n",
              {"p.yaml:6: scores names CD33, which is no marker of the panel; did you mean CD34?"}},
        Wrong{"BinsFall",
              kTwo + "scores:\n  CD34:\n    bins: [0.4, 0.2, 0.6]\n",
              {"p.yaml:7: scores.CD34.bins must ascend"}},
        Wrong{"BinsEqual", kTwo + "scores: {CD34: {bins: [0.2, 0.4, 0.4]}}\n", {"scores.CD34.bins must ascend"}},
        Wrong{"TwoBins", kTwo + "scores: {CD34: {bins: [0.2, 0.4]}}\n", {"p.yaml:5: scores.CD34.bins"}},
        Wrong{"IrsFalls",
              kTwo + "scores: {CD34: {irs_percent: [51, 10, 81]}}\n",
              {"p.yaml:5: scores.CD34.irs_percent must ascend"}},
        Wrong{"RegionOfASlideWithoutItsDrawing",
              kTwo + "scores:\n  CD34: {control: a.tif, control_region: Stroma}\n",
              {"p.yaml:6: scores.CD34: a region of another slide needs", "control_drawing"}},
        Wrong{"DrawingWithoutSlide",
              kTwo + "scores:\n  CD34: {control_drawing: a.geojson, control_region: Stroma}\n",
              {"p.yaml:6: scores.CD34", "one of the slide itself `control_region` alone"}},
        Wrong{"LevelsOfNoControl",
              kTwo + "scores:\n  CD34:\n    levels: [1.5, 3]\n",
              {"p.yaml:7: scores.CD34.levels", "control"}},
        Wrong{"InfiltrationOnFluorescence",
              kFluorescence + "phenotypes: [{name: T, when: CD3}]\ninfiltration: {tumour: [T]}\n",
              {"p.yaml:3: infiltration is measured on modality: brightfield; take it out"}},
        Wrong{"InfiltrationOfUnknown",
              kTwo + kBlasts + "infiltration:\n  tumour:\n    - Blasts\n",
              {"p.yaml:9: infiltration.tumour names Blasts, which is no phenotype of the panel; did you mean Blast?"}},
        Wrong{"InfiltrationOfStranger",
              kTwo + kBlasts + "infiltration: {tumour: [Melanoma]}\n",
              {"names Melanoma, which is no phenotype of the panel; they are Blast"}},
        Wrong{"InfiltrationWithoutPhenotypes",
              kTwo + "infiltration: {tumour: [Blast]}\n",
              {"p.yaml:5: infiltration.tumour names Blast, which is no phenotype of the panel; it has none"}},
        Wrong{"InfiltrationOfNothing", kTwo + kBlasts + "infiltration: {link_um: 3}\n", {"lacks the key 'tumour'"}},
        Wrong{"NoClass", kTwo + "classes: []\n", {"p.yaml:5: classes is an empty list"}},
        Wrong{"ClassTwice",
              kTwo + "classes:\n  - Tumour\n  - Resident\n  - Tumour\n",
              {"p.yaml:6: classes names Tumour twice"}},
        Wrong{"ClassThatIsAMarker",
              kTwo + "classes: [CD34, Resident]\n",
              {"p.yaml:5: classes has CD34, which is the name of a marker too"}},
        Wrong{"RuleOfAnotherClass",
              kTwo + "classes: [Tumour, Resident]\nphenotypes:\n  - {name: Blast, when: Tumor}\n",
              {"p.yaml:7:", "Tumor", "Tumour"}},
        Wrong{"GradesFall",
              kTwo + kBlasts + "infiltration:\n  tumour: [Blast]\n  grades: [0.1, 0.05, 0.3]\n",
              {"p.yaml:9: infiltration.grades must ascend"}},
        Wrong{"GradesFromNothing",
              kTwo + kBlasts + "infiltration:\n  tumour: [Blast]\n  grades: [0, 0.05, 0.3]\n",
              {"p.yaml:9: infiltration.grades must be above 0"}},
        Wrong{
            "NoLink", kTwo + kBlasts + "infiltration: {tumour: [Blast], link_um: 0}\n", {"infiltration.link_um is 0"}}),
    [](const auto& one) { return one.param.name; });

// A classifier of these classes, in a file.
std::filesystem::path classifier_of(const test::TemporaryFolder& folder, const std::vector<std::string>& classes) {
  std::vector<CellFeatures> features(2 * classes.size());
  std::vector<int> kinds;
  for (std::size_t i = 0; i < features.size(); ++i) {
    features[i].fill(static_cast<float>(i / 2));
    kinds.push_back(static_cast<int>(i / 2));
  }
  return folder.write(classes[0] + ".json", CellClassifier::train(classes, features, kinds).text());
}

// yaml-cpp takes a comma outside brackets for documents without end.
TEST(BrightfieldPanel, IsNoPanelBehindAStrayComma) {
  for (const std::string& text : {"," + kTwo, ", " + kTwo, std::string("{channels: []}\n, x: 1\n"), std::string(",")})
    EXPECT_THAT(panel_message(text), HasSubstr("holds several documents, or a stray comma")) << text;
}

TEST(BrightfieldPanel, AsksForClassesBeforeThereIsAClassifier) {
  const Panel preset = load_panel("bpdcn-infiltration-hes");
  EXPECT_TRUE(lacks_classifier(preset));
  EXPECT_THAT(preset.classes, ElementsAre("Tumour", "Resident"));
  EXPECT_FALSE(lacks_classifier(load_panel("bpdcn-infiltration-ihc")));
  const test::TemporaryFolder folder;
  const auto model = classifier_of(folder, {"Artefact", "Resident", "Tumour"});
  const Panel whole = load_panel("bpdcn-infiltration-hes", model);
  EXPECT_FALSE(lacks_classifier(whole));
  EXPECT_EQ(whole.classifier, model);
  EXPECT_THAT(whole.classes, ElementsAre("Artefact", "Resident", "Tumour")) << "in the classifier's order";
}

TEST(BrightfieldPanel, RefusesAClassifierOfOtherClasses) {
  const test::TemporaryFolder folder;
  const auto message = [](const std::string& yaml, const std::filesystem::path& model) -> std::string {
    try {
      parse_panel(yaml, "p.yaml", model);
      return "valid";
    } catch (const ConfigError& error) {
      return error.what();
    }
  };
  const std::string asks = kTwo + "phenotypes: [{name: T, when: Tumour}]\nclasses:\n  - Resident\n  - Tumour\n";
  const auto model = classifier_of(folder, {"Blast", "Resident"});
  EXPECT_EQ(message(asks, classifier_of(folder, {"Resident", "Tumour"})), "valid");
  EXPECT_THAT(message(asks, model), HasSubstr("p.yaml:8: the panel asks for the class Tumour, which the classifier " +
                                              model.string() + " does not have; it has Blast, Resident"));
  EXPECT_THAT(message(kTwo + kBlasts, model), HasSubstr("no phenotype names a class of the classifier"));
}

TEST(BrightfieldPanel, NamesRegionsAsControlsOfScores) {
  const test::TemporaryFolder folder;
  const std::string path =
      folder.write("p.yaml", kTwo + "scores: {CD34: {control_region: Stroma, levels: [1.5, 3]}}\n").string();
  const Panel within = load_panel(path);
  EXPECT_TRUE(within.scores.at("CD34").is_control_in_slide());
  EXPECT_EQ(within.scores.at("CD34").control_region, "Stroma");
  folder.write("p.yaml",
               kTwo + "scores: {CD34: {control: a.tif, control_region: Stroma, control_drawing: a.geojson}}\n");
  const Panel other = load_panel(path);
  EXPECT_FALSE(other.scores.at("CD34").is_control_in_slide());
  EXPECT_EQ(other.scores.at("CD34").control_drawing, (folder.path() / "a.geojson").string());
}

TEST(BrightfieldPanel, ReadsStainsFromCsvAndNamesItsLines) {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("p.yaml", "modality: brightfield\nchannels: c.csv\n").string();
  folder.write("c.csv", "marker_name,stain,compartment\nnuclei,haematoxylin,nucleus\nCD34,DAB,membrane\n");
  const Panel p = load_panel(path);
  EXPECT_EQ(p.channels[0].stain, "haematoxylin");
  EXPECT_EQ(p.channels[1].stain, "DAB");
  folder.write("c.csv", "marker_name,stain,compartment\nnuclei,haematoxylin,nucleus\nCD34,,membrane\n");
  try {
    load_panel(path);
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr("c.csv:3: the marker CD34 lacks its stain"));
  }
}

}  // namespace
}  // namespace hexaplex
