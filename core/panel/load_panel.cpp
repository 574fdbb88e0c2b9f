#include "core/panel/load_panel.h"

#include <algorithm>
#include <cstring>
#include <fstream>

#include "core/classify/read_classifier.h"
#include "core/panel/channel_table.h"
#include "core/panel/check_panel.h"
#include "core/panel/embedded.h"
#include "core/panel/schema.h"
#include "core/panel/suggest.h"
#include "core/panel/yaml_document.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {
using nlohmann::json;

constexpr std::string_view kYaml = ".yaml";

struct EmbeddedPanels {
  std::vector<Preset> presets;
  std::string_view schema;
};

const EmbeddedPanels& embedded() {
  static const EmbeddedPanels panels = [] {
    EmbeddedPanels result;
    for (std::size_t i = 0; i < detail::kEmbeddedPanelsCount; ++i) {
      const std::string_view name = detail::kEmbeddedPanels[i].name, text = detail::kEmbeddedPanels[i].text;
      if (name.size() > kYaml.size() && name.substr(name.size() - kYaml.size()) == kYaml)
        result.presets.push_back({name.substr(0, name.size() - kYaml.size()), text});
      else
        result.schema = text;
    }
    std::sort(result.presets.begin(), result.presets.end(), [](auto& a, auto& b) { return a.name < b.name; });
    return result;
  }();
  return panels;
}

Statistic statistic_from(const std::string& name) {
  return *std::find_if(kStatistics.begin(), kStatistics.end(), [&](Statistic s) { return name == name_of(s); });
}

PanelChannel channel_from(const json& given, int line) {
  PanelChannel channel;
  channel.marker = given.at("marker").get<std::string>();
  channel.fluorophore = given.value("fluorophore", "");
  channel.stain = given.value("stain", "");
  channel.compartment = *compartment_from(given.value("compartment", "cell"));
  if (given.contains("channel_number")) channel.channel_number = given["channel_number"].get<int>();
  if (given.contains("excitation_wavelength")) channel.excitation_nm = given["excitation_wavelength"].get<double>();
  if (given.contains("emission_wavelength")) channel.emission_nm = given["emission_wavelength"].get<double>();
  channel.line = line;
  return channel;
}

// The only channel of nuclei, or the one called DAPI.
std::string default_nuclear(const std::vector<PanelChannel>& channels) {
  std::vector<std::string> nuclear;
  for (const PanelChannel& c : channels) {
    if (c.marker == "DAPI") return c.marker;
    if (c.compartment == Compartment::nucleus) nuclear.push_back(c.marker);
  }
  if (channels.size() == 1) return channels[0].marker;
  return nuclear.size() == 1 ? nuclear[0] : "";
}

SegmentationParams segmentation_from(const json& given, const std::vector<PanelChannel>& channels) {
  SegmentationParams result;
  result.nuclear = given.contains("nuclear") ? given["nuclear"].get<std::string>() : default_nuclear(channels);
  for (const json& marker : given.value("membrane", json::array()))
    result.membrane.push_back(marker.get<std::string>());
  if (given.contains("nucleus_um") && given["nucleus_um"].is_number())
    result.nucleus_um = given["nucleus_um"].get<double>();
  if (given.contains("expansion_um")) result.expansion_um = given["expansion_um"].get<double>();
  if (given.contains("least")) result.least = given["least"].get<double>();
  result.membrane_um = given.value("membrane_um", result.membrane_um);
  if (given.contains("giants")) {
    const json& giants = given["giants"];
    result.giants.emplace();
    result.giants->marker = giants.at("marker").get<std::string>();
    result.giants->nucleus_um = giants.value("nucleus_um", result.giants->nucleus_um);
    if (giants.contains("level")) result.giants->level = giants["level"].get<double>();
  }
  return result;
}

StainVector vector_from(const json& given) {
  if (given.is_number()) return {given.get<double>(), given.get<double>(), given.get<double>()};
  return given.get<StainVector>();
}

StainRules stains_from(const json& given, const std::filesystem::path& folder) {
  StainRules result;
  result.estimate = given.value("estimate", "auto") == "auto";
  if (given.contains("reference")) result.reference = (folder / given["reference"].get<std::string>()).string();
  if (given.contains("white") && !given["white"].is_string()) result.white = vector_from(given["white"]);
  const json vectors = given.value("vectors", json::object());
  for (const auto& [name, vector] : vectors.items()) result.vectors[name] = vector_from(vector);
  return result;
}

QualityRule quality_from(const json& given) {
  QualityRule result;
  result.mask = given.value("mask", "auto") == "auto";
  for (const json& reason : given.value("ignore", json::array())) result.ignore.push_back(reason.get<std::string>());
  return result;
}

PositivityRule rule_from(const json& given, PositivityRule rule, const std::filesystem::path& folder) {
  using Method = PositivityRule::Method;
  static const std::vector<std::pair<std::string, Method>> methods{{"otsu", Method::otsu},
                                                                   {"mixture", Method::mixture},
                                                                   {"quantile", Method::quantile},
                                                                   {"fixed", Method::fixed},
                                                                   {"control", Method::control}};
  if (given.contains("method")) {
    for (const auto& [name, method] : methods)
      if (given["method"] == name) rule.method = method;
  }
  rule.value = given.value("value", rule.value);
  rule.quantile = given.value("quantile", rule.quantile);
  if (given.contains("slide")) rule.control_slide = (folder / given["slide"].get<std::string>()).string();
  if (given.contains("compartment")) rule.compartment = compartment_from(given["compartment"].get<std::string>());
  if (given.contains("statistic")) rule.statistic = statistic_from(given["statistic"].get<std::string>());
  if (given.contains("scope"))
    rule.scope = given["scope"] == "cohort" ? PositivityRule::Scope::cohort : PositivityRule::Scope::slide;
  if (given.contains("min_separation")) rule.min_separation = given["min_separation"].get<double>();
  return rule;
}

ScoreRule score_from(const json& given, const std::filesystem::path& folder) {
  ScoreRule rule;
  if (given.contains("control")) rule.control = (folder / given["control"].get<std::string>()).string();
  if (given.contains("control_drawing"))
    rule.control_drawing = (folder / given["control_drawing"].get<std::string>()).string();
  rule.control_region = given.value("control_region", "");
  if (given.contains("levels")) rule.levels = given["levels"].get<std::array<double, 2>>();
  if (given.contains("bins")) rule.bins = given["bins"].get<std::array<double, 3>>();
  if (given.contains("irs_percent")) rule.irs_percent = given["irs_percent"].get<std::array<double, 3>>();
  if (given.contains("compartment")) rule.compartment = compartment_from(given["compartment"].get<std::string>());
  if (given.contains("statistic")) rule.statistic = statistic_from(given["statistic"].get<std::string>());
  return rule;
}

InfiltrationRule infiltration_from(const json& given) {
  InfiltrationRule rule;
  InfiltrationParams& p = rule.params;
  rule.tumour = given.at("tumour").get<std::vector<std::string>>();
  p.tissue_density = given.value("tissue_density", p.tissue_density);
  p.hole_um2 = given.value("hole_um2", p.hole_um2);
  p.link_um = given.value("link_um", p.link_um);
  p.min_cells = given.value("min_cells", p.min_cells);
  p.close_um = given.value("close_um", p.close_um);
  if (given.contains("grades")) p.grades = given["grades"].get<std::vector<double>>();
  return rule;
}

Modality modality_from(const std::string& name) {
  if (name == "multispectral") return Modality::multispectral;
  return name == "brightfield" ? Modality::brightfield : Modality::components;
}

std::string read_file(const std::filesystem::path& file) {
  constexpr std::streamsize kMost = (1 << 20) + 1;
  std::ifstream in(file, std::ios::binary);
  std::string text(static_cast<std::size_t>(kMost), '\0');
  if (!in) throw InputError(file.string(), "cannot be read; is the path of the panel right?");
  in.read(text.data(), kMost);
  if (in.bad()) throw InputError(file.string(), "cannot be read; is it a file?");
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

bool names_a_file(const std::string& given) {
  const std::string suffix = std::filesystem::path(given).extension().string();
  return given.find('/') != std::string::npos || suffix == ".yaml" || suffix == ".yml" || suffix == ".json";
}
}  // namespace

std::span<const Preset> panel_presets() {
  return embedded().presets;
}

std::string_view panel_schema() {
  return embedded().schema;
}

Panel parse_panel(std::string_view yaml, const std::filesystem::path& path,
                  const std::optional<std::filesystem::path>& classifier) {
  const std::string file = path.string();
  const YamlDocument document = read_yaml(yaml, file);
  check_against_schema(document, file);
  const json& given = document.value;
  const std::filesystem::path folder = path.parent_path();

  Panel panel;
  panel.name = given.value("name", path.stem().string());
  panel.description = given.value("description", "");
  panel.file = path;
  panel.text = std::string(yaml);
  panel.modality = modality_from(given.value("modality", "components"));
  if (given.contains("library")) panel.library = folder / given["library"].get<std::string>();
  const json camera = given.value("camera", json::object());
  panel.camera_offset = camera.value("offset", panel.camera_offset);
  panel.camera_saturation = camera.value("saturation", panel.camera_saturation);
  if (given["channels"].is_string()) {
    panel.channels = read_channel_table(folder / given["channels"].get<std::string>());
  } else {
    for (std::size_t i = 0; i < given["channels"].size(); ++i)
      panel.channels.push_back(channel_from(given["channels"][i], document.line("/channels/" + std::to_string(i))));
  }
  panel.stains = stains_from(given.value("stains", json::object()), folder);
  panel.segmentation = segmentation_from(given.value("segmentation", json::object()), panel.channels);
  if (panel.modality == Modality::brightfield && !panel.segmentation.least)
    panel.segmentation.least = kLeastNuclearDensity;
  panel.quality = quality_from(given.value("quality", json::object()));
  const json positivity = given.value("positivity", json::object());
  panel.default_positivity = rule_from(positivity.value("default", json::object()), PositivityRule{}, folder);
  for (const PanelChannel& channel : panel.channels) panel.positivity[channel.marker] = panel.default_positivity;
  for (const auto& [marker, rule] : positivity.items())
    if (marker != "default") panel.positivity[marker] = rule_from(rule, panel.default_positivity, folder);
  for (const json& marker : given.value("exclusive", json::array()))
    panel.exclusive.push_back(marker.get<std::string>());
  for (std::size_t i = 0; i < given.value("phenotypes", json::array()).size(); ++i) {
    const json& phenotype = given["phenotypes"][i];
    panel.phenotypes.push_back({phenotype["name"].get<std::string>(), phenotype["when"].get<std::string>(),
                                document.line("/phenotypes/" + std::to_string(i))});
  }
  panel.classes = given.value("classes", std::vector<std::string>());
  if (classifier || given.contains("classifier")) {
    panel.classifier = classifier ? *classifier : folder / given["classifier"].get<std::string>();
    panel.classes = read_classifier(panel.classifier).classes();
  }
  const json scores = given.value("scores", json::object());
  for (const auto& [marker, rule] : scores.items()) panel.scores[marker] = score_from(rule, folder);
  if (given.contains("infiltration")) panel.infiltration = infiltration_from(given["infiltration"]);
  check_panel(panel, document, file);
  return panel;
}

Panel load_panel(const std::string& file_or_preset, const std::optional<std::filesystem::path>& classifier) {
  std::error_code ignored;
  if (names_a_file(file_or_preset) || std::filesystem::is_regular_file(file_or_preset, ignored))
    return parse_panel(read_file(file_or_preset), file_or_preset, classifier);
  std::vector<std::string> names;
  for (const Preset& preset : panel_presets()) {
    if (preset.name == file_or_preset) {
      Panel panel = parse_panel(preset.yaml, file_or_preset + std::string(kYaml), classifier);
      panel.file.clear();
      return panel;
    }
    names.emplace_back(preset.name);
  }
  const std::string near = did_you_mean(file_or_preset, names);
  throw ConfigError(file_or_preset,
                    "is neither a file nor a preset" + (near.empty() ? "; the presets are " + listed(names) : near));
}

}  // namespace hexaplex
