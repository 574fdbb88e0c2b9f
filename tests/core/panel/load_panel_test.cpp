#include "core/panel/load_panel.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "kernels/runtime/error.h"
#include "tests/support/core/panel_message.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex {
namespace {

using test::panel_message;
using test::TemporaryFolder;
using testing::HasSubstr;

const std::string kTwo = "channels: [{marker: DAPI, compartment: nucleus}, {marker: CD3, compartment: membrane}]\n";

TEST(LoadPanel, ReadsTheQualityMask) {
  EXPECT_TRUE(parse_panel(kTwo, "p.yaml").quality.mask);
  EXPECT_FALSE(parse_panel(kTwo + "quality: {mask: off}", "p.yaml").quality.mask);
  const Panel p = parse_panel(kTwo + "quality: {mask: auto, ignore: [fold, out_of_focus]}", "p.yaml");
  EXPECT_TRUE(p.quality.mask);
  EXPECT_EQ(p.quality.ignore, (std::vector<std::string>{"fold", "out_of_focus"}));
  EXPECT_THAT(panel_message(kTwo + "quality: {mask: maybe}"), HasSubstr("auto"));
  EXPECT_THAT(panel_message(kTwo + "quality: {ignore: [folds]}"), HasSubstr("fold"));
}

TEST(LoadPanel, ReadsEveryKey) {
  const Panel p = parse_panel(R"(
name: six
description: for a test
modality: multispectral
library: spectra/library.csv
camera: {offset: 10, saturation: 4095}
channels:
  - {marker: DAPI, fluorophore: DAPI, compartment: nucleus}
  - {marker: E-cadherin, fluorophore: Opal 570, compartment: membrane, channel_number: 3, emission_wavelength: 570}
  - {marker: CD42b, compartment: cytoplasm}
segmentation: {nuclear: DAPI, membrane: [E-cadherin], nucleus_um: 7, expansion_um: 1.5, membrane_um: 1, giants: {marker: CD42b, nucleus_um: 21, level: 40}}
positivity:
  default: {method: mixture, min_separation: 3}
  E-cadherin: {method: fixed, value: 120, compartment: cell, statistic: median}
  CD42b: {method: control, slide: isotype.tif, quantile: 0.95}
phenotypes:
  - {name: Erythropoiesis, when: "E-cadherin & !CD42b"}
  - {name: Other, when: "true"}
)",
                              "folder/p.yaml");
  EXPECT_EQ(p.name, "six");
  EXPECT_EQ(p.modality, Modality::multispectral);
  EXPECT_EQ(p.library, "folder/spectra/library.csv");
  EXPECT_EQ(p.camera_offset, 10);
  EXPECT_EQ(p.camera_saturation, 4095);
  ASSERT_EQ(p.channels.size(), 3u);
  EXPECT_EQ(p.channels[1].marker, "E-cadherin");
  EXPECT_EQ(p.channels[1].fluorophore, "Opal 570");
  EXPECT_EQ(p.channels[1].compartment, Compartment::membrane);
  EXPECT_EQ(p.channels[1].channel_number, 3);
  EXPECT_EQ(p.channels[1].emission_nm, 570);
  EXPECT_EQ(p.channels[1].line, 9);
  EXPECT_EQ(p.segmentation.nuclear, "DAPI");
  EXPECT_THAT(p.segmentation.membrane, testing::ElementsAre("E-cadherin"));
  EXPECT_EQ(p.segmentation.nucleus_um, 7.0);
  EXPECT_EQ(p.segmentation.expansion_um, 1.5);
  EXPECT_EQ(p.segmentation.membrane_um, 1.0);
  ASSERT_TRUE(p.segmentation.giants);
  EXPECT_EQ(p.segmentation.giants->marker, "CD42b");
  EXPECT_EQ(p.segmentation.giants->nucleus_um, 21);
  EXPECT_EQ(p.segmentation.giants->level, 40);
  EXPECT_EQ(p.positivity.at("DAPI").method, PositivityRule::Method::mixture);
  EXPECT_EQ(p.positivity.at("DAPI").min_separation, 3);
  EXPECT_EQ(p.positivity.at("E-cadherin").method, PositivityRule::Method::fixed);
  EXPECT_EQ(p.positivity.at("E-cadherin").value, 120);
  EXPECT_EQ(p.positivity.at("E-cadherin").compartment, Compartment::cell);
  EXPECT_EQ(p.positivity.at("E-cadherin").statistic, Statistic::median);
  EXPECT_EQ(p.positivity.at("CD42b").control_slide, "folder/isotype.tif");
  EXPECT_EQ(p.positivity.at("CD42b").quantile, 0.95);
  ASSERT_EQ(p.phenotypes.size(), 2u);
  EXPECT_EQ(p.phenotypes[1].name, "Other");
  EXPECT_EQ(p.phenotypes[1].when, "true");
  EXPECT_EQ(p.phenotypes[1].line, 18);
}

TEST(LoadPanel, HasDefaults) {
  const Panel p = parse_panel("channels: [{marker: H3, compartment: nucleus}, {marker: CD3}]", "a/my-panel.yaml");
  EXPECT_EQ(p.name, "my-panel");
  EXPECT_EQ(p.modality, Modality::components);
  EXPECT_EQ(p.segmentation.nuclear, "H3");
  EXPECT_FALSE(p.segmentation.nucleus_um);
  EXPECT_FALSE(p.segmentation.giants);
  EXPECT_EQ(p.positivity.size(), 2u);
  EXPECT_EQ(p.channels[1].compartment, Compartment::cell);
  EXPECT_FALSE(parse_panel(kTwo + "segmentation: {nucleus_um: auto}", "p.yaml").segmentation.nucleus_um);
}

struct Wrong {
  const char* name;
  std::string yaml;
  std::vector<const char*> says;
};

class WrongPanel : public testing::TestWithParam<Wrong> {};

TEST_P(WrongPanel, IsNamedWithLineAndMend) {
  const std::string what = panel_message(GetParam().yaml);
  for (const char* part : GetParam().says) EXPECT_THAT(what, HasSubstr(part));
}

INSTANTIATE_TEST_SUITE_P(
    , WrongPanel,
    testing::Values(
        Wrong{"Empty", "", {"p.yaml:1: the panel is nothing"}},
        Wrong{"List", "[1, 2]", {"p.yaml:1: the panel is a list; it takes a map"}},
        Wrong{"NoChannels", "name: x", {"p.yaml:1: the panel lacks the key 'channels'"}},
        Wrong{"UnknownKey", kTwo + "fenotypes: []", {"p.yaml:2: 'fenotypes' is no key", "did you mean phenotypes?"}},
        Wrong{"UnknownSegmentationKey",
              kTwo + "segmentation:\n  nuclear: DAPI\n  nucleus_umm: 7",
              {"p.yaml:4: 'nucleus_umm' is no key of segmentation; did you mean nucleus_um?"}},
        Wrong{"NumberAsMarker", "channels:\n  - {marker: 5}", {"p.yaml:2: channels[1].marker is 5", "goes in quotes"}},
        Wrong{"NegativeDiameter",
              kTwo + "segmentation: {nucleus_um: -3}",
              {"p.yaml:2: segmentation.nucleus_um is -3; it takes the median diameter"}},
        Wrong{"WordAsDiameter", kTwo + "segmentation: {nucleus_um: big}", {"is 'big'", "or auto"}},
        Wrong{"Infinite", kTwo + "segmentation: {expansion_um: .inf}", {"segmentation.expansion_um is '.inf'"}},
        Wrong{"BadModality", "modality: multispektral\n" + kTwo, {"p.yaml:1: modality", "did you mean multispectral?"}},
        Wrong{"BadMethod",
              kTwo + "positivity:\n  CD3: {method: otzu}",
              {"p.yaml:3: positivity.CD3.method is 'otzu'", "did you mean otsu?"}},
        Wrong{"FixedWithoutValue", kTwo + "positivity: {CD3: {method: fixed}}", {"lacks the key 'value'"}},
        Wrong{"ControlWithoutSlide", kTwo + "positivity: {CD3: {method: control}}", {"lacks the key 'slide'"}},
        Wrong{"ValueWithoutUse", kTwo + "positivity: {CD3: {method: otsu, value: 3}}", {"only method: fixed use"}},
        Wrong{"QuantileOutside", kTwo + "positivity: {CD3: {method: quantile, quantile: 1}}", {"between 0 and 1"}},
        Wrong{"DuplicateMarker",
              "channels:\n  - {marker: CD3}\n  - {marker: CD3}\n",
              {"p.yaml:3: the marker CD3 is given twice (also in line 2)"}},
        Wrong{"DuplicateFluorophore",
              "channels:\n  - {marker: CD3, fluorophore: FITC}\n  - {marker: CD4, fluorophore: FITC}\n",
              {"p.yaml:3: the fluorophore FITC is given twice"}},
        Wrong{"DuplicateNumber",
              "channels:\n  - {marker: CD3, channel_number: 1}\n  - {marker: CD4, channel_number: 1}\n",
              {"p.yaml:3: channel_number 1 is given twice"}},
        Wrong{"DuplicateKey", "name: a\nname: b\n" + kTwo, {"p.yaml:2: gives 'name' twice"}},
        Wrong{"NoNucleus", "channels: [{marker: CD3}, {marker: CD4}]", {"no channel shows nuclei"}},
        Wrong{"UnknownNuclear",
              kTwo + "segmentation: {nuclear: DAPl}",
              {"p.yaml:2: segmentation.nuclear names DAPl", "did you mean DAPI?"}},
        Wrong{"UnknownMembrane",
              kTwo + "segmentation:\n  membrane:\n    - CD33",
              {"p.yaml:4: segmentation.membrane names CD33", "did you mean CD3?"}},
        Wrong{"MembraneTwice", kTwo + "segmentation: {membrane: [CD3, CD3]}", {"names CD3 twice"}},
        Wrong{"UnknownGiants", kTwo + "segmentation: {giants: {marker: CD42b}}", {"which is no marker of the panel"}},
        Wrong{"SmallGiants",
              kTwo + "segmentation: {nucleus_um: 9, giants: {marker: CD3, nucleus_um: 8}}",
              {"giants are larger"}},
        Wrong{"UnknownPositivity",
              kTwo + "positivity:\n  CD31: {method: otsu}",
              {"p.yaml:3: positivity names CD31", "did you mean CD3?"}},
        Wrong{"UnknownMarkerInRule",
              kTwo + "phenotypes:\n  - {name: T, when: \"CD8\"}",
              {"p.yaml:3: the rule \"CD8\" names CD8", "character 1"}},
        Wrong{"BrokenRule",
              kTwo + "phenotypes:\n  - name: T\n    when: \"CD3 & (\"",
              {"p.yaml:4: the rule", "ends too early"}},
        Wrong{"Unreachable",
              kTwo + "phenotypes:\n  - {name: Other, when: \"true\"}\n  - {name: T, when: \"CD3\"}",
              {"p.yaml:4: the phenotype T can never be reached"}},
        Wrong{"CoveredByTwo",
              kTwo +
                  "phenotypes:\n  - {name: A, when: \"CD3\"}\n  - {name: B, when: \"!CD3\"}\n  - {name: C, when: DAPI}",
              {"p.yaml:5: the phenotype C can never be reached"}},
        Wrong{"Contradiction",
              kTwo + "phenotypes:\n  - {name: T, when: \"CD3 & !CD3\"}",
              {"its rule contradicts itself"}},
        Wrong{"PhenotypeTwice",
              kTwo + "phenotypes:\n  - {name: T, when: CD3}\n  - {name: T, when: DAPI}",
              {"p.yaml:4: the phenotype T is given twice (also in line 3)"}},
        Wrong{"ExclusiveUnknown", kTwo + "exclusive: [CD3, CD44]", {"exclusive names CD44"}},
        Wrong{"ExclusiveTwice", kTwo + "exclusive: [CD3, CD3]", {"exclusive names CD3 twice"}},
        Wrong{"ExclusiveRule",
              kTwo + "exclusive: [CD3, DAPI]\nphenotypes:\n  - {name: T, when: \"CD3 & DAPI\"}",
              {"p.yaml:4: the phenotype T can never be reached", "two exclusive markers"}},
        Wrong{"LowSeparation",
              kTwo + "positivity: {CD3: {method: otsu, min_separation: 0.5}}",
              {"min_separation is 0.5", "1 or more"}},
        Wrong{"BooleanRule", kTwo + "phenotypes: [{name: T, when: true}]", {"goes in quotes"}},
        Wrong{"NotYaml", "channels: [", {"p.yaml:", "is not YAML"}},
        Wrong{"Tabs", "channels:\n\t- a", {"p.yaml:2: is not YAML"}},
        Wrong{"TwoDocuments", kTwo + "---\n" + kTwo, {"several documents"}},
        Wrong{"Binary", std::string("a\0b", 3), {"is not text"}},
        Wrong{"Deep", std::string(100, '[') + std::string(100, ']'), {"deeper than 64"}},
        Wrong{"Huge", std::string((1 << 20) + 1, ' '), {"larger than 1 MiB"}},
        Wrong{"Bomb",
              "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c "
              "[*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
              "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e]",
              {"more than 20000 values"}}),
    [](const auto& one) { return one.param.name; });

TEST(LoadPanel, ReadsChannelsFromCsv) {
  const TemporaryFolder folder;
  folder.write("channels.csv",
               "\xef\xbb\xbf"
               "channel_number,cycle_number,marker_name,compartment,emission_wavelength\r\n1,1,DAPI,nucleus,461\r\n"
               "2,1,\"CD3, clone 7\",membrane,\r\n");
  const Panel p = load_panel(folder.write("p.yaml", "channels: channels.csv\n").string());
  ASSERT_EQ(p.channels.size(), 2u);
  EXPECT_EQ(p.channels[0].channel_number, 1);
  EXPECT_EQ(p.channels[0].emission_nm, 461);
  EXPECT_EQ(p.channels[1].marker, "CD3, clone 7");
  EXPECT_EQ(p.channels[1].compartment, Compartment::membrane);
  EXPECT_FALSE(p.channels[1].emission_nm);
}

TEST(LoadPanel, ReadsSteinbocksPanel) {
  const TemporaryFolder folder;
  folder.write("panel.csv", "channel,name,keep,deepcell\nIr191,DNA1,1,1\nY89,,0,\nNd144,CD3,1,2\nGd155,,1,\n");
  const Panel p = load_panel(folder.write("p.yaml", "channels: panel.csv\n").string());
  ASSERT_EQ(p.channels.size(), 3u);
  EXPECT_EQ(p.channels[0].marker, "DNA1");
  EXPECT_EQ(p.channels[0].fluorophore, "Ir191");
  EXPECT_EQ(p.channels[0].compartment, Compartment::nucleus);
  EXPECT_EQ(p.channels[1].compartment, Compartment::membrane);
  EXPECT_EQ(p.channels[2].marker, "Gd155");
  EXPECT_EQ(p.segmentation.nuclear, "DNA1");
}

TEST(LoadPanel, NamesFileAndLineOfACsv) {
  const TemporaryFolder folder;
  const std::string panel = folder.write("p.yaml", "channels: c.csv\n").string();
  const auto says = [&](const std::string& csv) -> std::string {
    folder.write("c.csv", csv);
    try {
      load_panel(panel);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "valid";
  };
  EXPECT_THAT(says("marker,compartment\nDAPI,nucleus\n"), HasSubstr("c.csv:1: has the columns marker, compartment"));
  EXPECT_THAT(says("marker_name,compartment\nDAPI,nuclear\n"), HasSubstr("c.csv:2: compartment is 'nuclear'"));
  EXPECT_THAT(says("marker_name\nDAPI\nCD3\nDAPI\n"), HasSubstr("c.csv:4: the marker DAPI is given twice"));
  EXPECT_THAT(says("marker_name,channel_number\nDAPI,0\n"), HasSubstr("c.csv:2: channel_number is '0'"));
  EXPECT_THAT(says("marker_name,fluorophore\n,FITC\n"), HasSubstr("c.csv:2: names no marker"));
  EXPECT_THAT(says("marker_name\n\"DAPI\n"), HasSubstr("c.csv:2: opens a quote that is never closed"));
  EXPECT_THAT(says("marker_name\nDAPI\n\"CD3\" \"a\"\n"), HasSubstr("c.csv:3: has text after a closing quote"));
  EXPECT_THAT(says(std::string("marker_name\nDA\0PI\n", 18)), HasSubstr("c.csv:2: holds a zero byte"));
  EXPECT_THAT(says("marker_name,notes\nDAPI,\"a\nb\"\nDAPI,\n"), HasSubstr("c.csv:4: the marker DAPI is given"));
  EXPECT_THAT(says(std::string((1 << 20) + 1, ' ')), HasSubstr("is larger than 1 MiB"));
  EXPECT_THAT(says("marker_name\n"), HasSubstr("lists no channel"));
  EXPECT_THAT(says(""), HasSubstr("is empty"));
  EXPECT_EQ(says("marker_name\nDAPI\n"), "valid");
}

TEST(LoadPanel, MissingFilesAreInputErrors) {
  EXPECT_THROW(load_panel("no/such/panel.yaml"), InputError);
  EXPECT_THROW(load_panel("panel.yaml"), InputError);
  EXPECT_THROW(load_panel(testing::TempDir()), InputError);
  const TemporaryFolder folder;
  EXPECT_THROW(load_panel(folder.write("p.yaml", "channels: gone.csv").string()), InputError);
}

TEST(LoadPanel, UnknownPresetIsSuggested) {
  try {
    load_panel("aml-marow-6plex");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean aml-marrow-6plex?"));
  }
}

class EveryPreset : public testing::TestWithParam<std::string> {};

TEST_P(EveryPreset, Loads) {
  const Panel p = load_panel(GetParam());
  EXPECT_EQ(p.name, GetParam());
  EXPECT_TRUE(p.file.empty());
  EXPECT_FALSE(p.description.empty());
  EXPECT_FALSE(p.text.empty());
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const Preset& preset : panel_presets()) names.emplace_back(preset.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(, EveryPreset, testing::ValuesIn(preset_names()), [](const auto& one) {
  std::string name = one.param;
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
});

TEST(Presets, NamePhenotypesAsTheMarrowStudyDoes) {
  std::vector<std::string> names;
  for (const PhenotypeRule& phenotype : load_panel("aml-marrow-6plex").phenotypes) names.push_back(phenotype.name);
  EXPECT_THAT(names, testing::UnorderedElementsAre("Granulopoiesis", "Erythropoiesis", "Megakaryocyte", "Myeloblast",
                                                   "T cell", "B cell", "Other"));
}

TEST(Schema, IsJson) {
  EXPECT_EQ(nlohmann::json::parse(panel_schema())["title"], "Hexaplex panel");
}

}  // namespace
}  // namespace hexaplex
