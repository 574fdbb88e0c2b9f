#include "core/panel/check_panel.h"

#include <algorithm>
#include <map>
#include <vector>

#include "core/panel/suggest.h"
#include "core/phenotype/rule.h"
#include "core/stains/known_stains.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

class Checker {
 public:
  Checker(const Panel& panel, const YamlDocument& document, const std::string& file)
      : panel_(panel), document_(document), file_(file) {
    for (const PanelChannel& channel : panel.channels) markers_.push_back(channel.marker);
    rule_names_ = rule_names(panel);
  }

  void channels() const {
    std::map<std::string, int> seen, dyes;
    std::map<int, int> numbers;
    for (const PanelChannel& c : panel_.channels) {
      // A CSV file names itself; a list stands in the panel.
      const std::string& where = channel_file_;
      for (char letter : c.marker + c.fluorophore + c.stain)
        if (static_cast<unsigned char>(letter) < 0x20 || letter == '`')
          throw ConfigError(where, c.line, "a marker, fluorophore or stain holds a backtick or a control character");
      if (c.marker == "true" || c.marker == "default")
        throw ConfigError(where, c.line,
                          "the marker '" + c.marker + "' has a meaning of its own; give it another name");
      if (c.marker.size() > 100)
        throw ConfigError(where, c.line,
                          "a marker has " + std::to_string(c.marker.size()) + " characters; at most 100");
      if (auto [at, is_new] = seen.emplace(c.marker, c.line); !is_new)
        throw ConfigError(where, c.line,
                          "the marker " + c.marker + " is given twice (also in line " + std::to_string(at->second) +
                              "); every marker needs its own name");
      if (c.channel_number)
        if (auto [at, is_new] = numbers.emplace(*c.channel_number, c.line); !is_new)
          throw ConfigError(where, c.line,
                            "channel_number " + std::to_string(*c.channel_number) + " is given twice (also in line " +
                                std::to_string(at->second) + ")");
      if (!c.fluorophore.empty())
        if (auto [at, is_new] = dyes.emplace(c.fluorophore, c.line); !is_new)
          throw ConfigError(where, c.line,
                            "the fluorophore " + c.fluorophore + " is given twice (also in line " +
                                std::to_string(at->second) + "); a dye carries one marker");
    }
  }

  // A brightfield panel says what colours each of its channels; no other says so.
  void stains() const {
    const bool brightfield = panel_.modality == Modality::brightfield;
    if (!brightfield && document_.value.contains("stains"))
      throw ConfigError(file_, document_.line("/stains"), "stains are of modality: brightfield; take them out");
    for (const auto& [name, vector] : panel_.stains.vectors)
      if (vector[0] + vector[1] + vector[2] <= 0)
        throw ConfigError(file_, document_.line(child_pointer("/stains/vectors", name)),
                          "the stain " + name + " has no density in any colour");
    stain_reference();
    std::map<std::string, int> seen;
    for (const PanelChannel& c : panel_.channels) {
      if (!brightfield && !c.stain.empty())
        throw ConfigError(channel_file_, c.line,
                          "the marker " + c.marker + " has a stain, which is of modality: brightfield");
      if (!brightfield) continue;
      if (c.stain.empty())
        throw ConfigError(channel_file_, c.line,
                          "the marker " + c.marker + " lacks its stain; write for instance stain: DAB");
      if (c.channel_number)
        throw ConfigError(channel_file_, c.line,
                          "the marker " + c.marker +
                              " has a channel_number, but brightfield channels come from all "
                              "three colours; take it out");
      if (panel_.stains.vectors.count(c.stain) == 0 && !known_stain(c.stain)) {
        std::vector<std::string> names;
        for (const KnownStain& s : known_stains()) names.emplace_back(s.name);
        for (const auto& [name, vector] : panel_.stains.vectors) names.push_back(name);
        const std::string near = did_you_mean(c.stain, names);
        throw ConfigError(channel_file_, c.line,
                          "the stain " + c.stain + " is not known" +
                              (near.empty() ? "; known are " + listed(names) : near) +
                              "; others are given in stains.vectors");
      }
      if (auto [at, is_new] = seen.emplace(c.stain, c.line); !is_new)
        throw ConfigError(channel_file_, c.line,
                          "the stain " + c.stain + " is given twice (also in line " + std::to_string(at->second) +
                              "); a stain shows one marker");
    }
    if (brightfield && panel_.channels.size() > kMaxStains)
      throw ConfigError(
          channel_file_, panel_.channels[0].line,
          "a brightfield panel has one to three channels, one for each stain of the slide; this one has " +
              std::to_string(panel_.channels.size()));
  }

  void segmentation() const {
    const SegmentationParams& s = panel_.segmentation;
    if (document_.value.contains("segmentation") && document_.value["segmentation"].contains("nuclear"))
      known(s.nuclear, "/segmentation/nuclear", "segmentation.nuclear");
    else if (s.nuclear.empty())
      throw ConfigError(file_, document_.line("/segmentation"),
                        "no channel shows nuclei; give segmentation.nuclear, or one channel the compartment nucleus");
    for (std::size_t i = 0; i < s.membrane.size(); ++i) {
      const std::string at = "/segmentation/membrane/" + std::to_string(i);
      known(s.membrane[i], at, "segmentation.membrane");
      if (std::count(s.membrane.begin(), s.membrane.end(), s.membrane[i]) > 1)
        throw ConfigError(file_, document_.line(at), "segmentation.membrane names " + s.membrane[i] + " twice");
      if (s.membrane[i] == s.nuclear)
        throw ConfigError(file_, document_.line(at),
                          "segmentation.membrane names " + s.nuclear + ", which is the nuclear marker");
    }
    if (s.giants) {
      known(s.giants->marker, "/segmentation/giants/marker", "segmentation.giants.marker");
      if (s.nucleus_um && s.giants->nucleus_um <= *s.nucleus_um)
        throw ConfigError(file_, document_.line("/segmentation/giants"),
                          "segmentation.giants.nucleus_um is not above segmentation.nucleus_um; giants are larger");
    }
  }

  void positivity() const {
    if (!document_.value.contains("positivity")) return;
    for (const auto& [marker, given] : document_.value["positivity"].items()) {
      const std::string at = child_pointer("/positivity", marker);
      if (marker != "default") known(marker, at, "positivity");
      const PositivityRule& rule = marker == "default" ? panel_.default_positivity : panel_.positivity.at(marker);
      positivity_rule(rule, given, at, "positivity." + marker);
    }
  }

  void exclusive() const {
    for (std::size_t i = 0; i < panel_.exclusive.size(); ++i) {
      const std::string& marker = panel_.exclusive[i];
      const std::string at = "/exclusive/" + std::to_string(i);
      known(marker, at, "exclusive");
      if (std::count(panel_.exclusive.begin(), panel_.exclusive.end(), marker) > 1)
        throw ConfigError(file_, document_.line(at), "exclusive names " + marker + " twice");
    }
  }

  void phenotypes() const {
    std::map<std::string, int> seen;
    std::vector<Rule> rules;
    for (std::size_t i = 0; i < panel_.phenotypes.size(); ++i) {
      const PhenotypeRule& p = panel_.phenotypes[i];
      if (auto [at, is_new] = seen.emplace(p.name, p.line); !is_new)
        throw ConfigError(file_, p.line,
                          "the phenotype " + p.name + " is given twice (also in line " + std::to_string(at->second) +
                              "); join the two rules with |");
      if (p.name == "Unclassified" || p.name == "Not assessable")
        throw ConfigError(file_, p.line, "the phenotype name '" + p.name + "' is what cells without a phenotype get");
      for (char letter : p.name)
        if (static_cast<unsigned char>(letter) < 0x20)
          throw ConfigError(file_, p.line, "a phenotype's name holds a control character");
      try {
        rules.emplace_back(p.when, rule_names_);
      } catch (const InvalidArgument& error) {
        throw ConfigError(file_, document_.line("/phenotypes/" + std::to_string(i) + "/when"), error.what());
      }
      if (const std::string problem = unreachable(rules); !problem.empty())
        throw ConfigError(file_, p.line, "the phenotype " + p.name + problem);
    }
    classifier_is_used(rules);
  }

  void classes() const {
    const bool none = panel_.classifier.empty();
    for (const std::string& name : panel_.classes)
      if (std::find(markers_.begin(), markers_.end(), name) != markers_.end() || name == "true")
        throw ConfigError(file_, document_.line(none ? "/classes" : "/classifier"),
                          (none ? "classes has " : "the classifier has a class ") + name +
                              ", which is the name of a marker too; rename one");
    const auto asked = document_.value.value("classes", std::vector<std::string>());
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const int line = document_.line("/classes/" + std::to_string(i));
      if (std::count(asked.begin(), asked.end(), asked[i]) > 1)
        throw ConfigError(file_, line, "classes names " + asked[i] + " twice");
      if (std::count(panel_.classes.begin(), panel_.classes.end(), asked[i]) == 0)
        throw ConfigError(file_, line,
                          "the panel asks for the class " + asked[i] + ", which the classifier " +
                              panel_.classifier.string() + " does not have; it has " + listed(panel_.classes) +
                              "; name the classes of the annotations as the panel does, and train it again");
    }
  }

  // A classifier that no rule asks was meant for another panel.
  void classifier_is_used(const std::vector<Rule>& rules) const {
    if (panel_.classifier.empty()) return;
    for (const Rule& rule : rules)
      for (const int name : rule.markers())
        if (name >= static_cast<int>(markers_.size())) return;
    throw ConfigError(file_, document_.line("/classifier"),
                      "no phenotype names a class of the classifier " + panel_.classifier.string() + " (" +
                          listed(panel_.classes) +
                          "), so it would change nothing; take it out, or name its classes in the rules of phenotypes");
  }

  // Vectors come from one place only. Those of a stain that is not published are where its search begins.
  void stain_reference() const {
    const StainRules& rules = panel_.stains;
    if (rules.reference.empty()) return;
    if (!rules.estimate)
      throw ConfigError(
          file_, document_.line("/stains/reference"),
          "stains.reference finds vectors on a slide, and stains.estimate is 'off'; take one of them out");
    for (const auto& [name, vector] : rules.vectors)
      if (known_stain(name))
        throw ConfigError(file_, document_.line("/stains/reference"),
                          "stains.reference and stains.vectors." + name +
                              " both say what colour the stain has; take one of them out");
  }

  void scores() const {
    for (const auto& [marker, rule] : panel_.scores) {
      const std::string at = child_pointer("/scores", marker);
      known(marker, at, "scores");
      ascending(rule.bins, child_pointer(at, "bins"), "scores." + marker + ".bins");
      if (rule.control.empty() ? !rule.control_drawing.empty()
                               : rule.control_drawing.empty() != rule.control_region.empty())
        throw ConfigError(
            file_, document_.line(at),
            "scores." + marker +
                ": a region of another slide needs `control` (the slide), `control_region` (its name) and "
                "`control_drawing` (the GeoJSON it is drawn in); one of the slide itself `control_region` "
                "alone");
      if (rule.levels && (!rule.has_control() || !((*rule.levels)[0] < (*rule.levels)[1])))
        throw ConfigError(file_, document_.line(child_pointer(at, "levels")),
                          "scores." + marker +
                              ".levels must be two ascending numbers, beside the `control` that they are relative to");
      ascending(rule.irs_percent, child_pointer(at, "irs_percent"), "scores." + marker + ".irs_percent");
    }
  }

  void infiltration() const {
    if (!panel_.infiltration) return;
    const std::string at = "/infiltration";
    if (panel_.modality != Modality::brightfield)
      throw ConfigError(file_, document_.line(at), "infiltration is measured on modality: brightfield; take it out");
    std::vector<std::string> names;
    for (const PhenotypeRule& p : panel_.phenotypes) names.push_back(p.name);
    for (std::size_t i = 0; i < panel_.infiltration->tumour.size(); ++i) {
      const std::string& name = panel_.infiltration->tumour[i];
      if (std::count(names.begin(), names.end(), name) > 0) continue;
      const std::string near = did_you_mean(name, names);
      throw ConfigError(file_, document_.line(at + "/tumour/" + std::to_string(i)),
                        "infiltration.tumour names " + name + ", which is no phenotype of the panel" +
                            (near.empty() ? names.empty() ? "; it has none" : "; they are " + listed(names) : near));
    }
    ascending(panel_.infiltration->params.grades, at + "/grades", "infiltration.grades");
    if (panel_.infiltration->params.grades[0] <= 0)
      throw ConfigError(file_, document_.line(at + "/grades"), "infiltration.grades must be above 0");
  }

  void set_channel_file(const std::string& file) { channel_file_ = file; }

 private:
  template <class Numbers>
  void ascending(const Numbers& three, const std::string& pointer, const std::string& key) const {
    if (!(three[0] < three[1] && three[1] < three[2]))
      throw ConfigError(file_, document_.line(pointer), key + " must ascend, as in [0.2, 0.4, 0.6]");
  }

  void known(const std::string& marker, const std::string& pointer, const std::string& key) const {
    if (std::find(markers_.begin(), markers_.end(), marker) != markers_.end()) return;
    const std::string near = did_you_mean(marker, markers_);
    throw ConfigError(file_, document_.line(pointer),
                      key + " names " + marker + ", which is no marker of the panel" +
                          (near.empty() ? "; the markers are " + listed(markers_) : near));
  }

  void positivity_rule(const PositivityRule& rule, const nlohmann::json& given, const std::string& at,
                       const std::string& path) const {
    using Method = PositivityRule::Method;
    const auto need = [&](const char* key, const char* example) {
      if (!given.contains(key))
        throw ConfigError(file_, document_.line(at),
                          path + " lacks the key '" + std::string(key) + "', which its method needs; write " + example);
    };
    const auto useless = [&](const char* key, const char* methods) {
      if (given.contains(key))
        throw ConfigError(file_, document_.line(child_pointer(at, key)),
                          path + " gives '" + std::string(key) + "', which only " + methods + " use; take it out");
    };
    const bool automatic = rule.method == Method::otsu || rule.method == Method::mixture;
    if (rule.method == Method::fixed) need("value", "for instance {method: fixed, value: 120}");
    if (rule.method == Method::control)
      need("slide", "for instance {method: control, slide: isotype.tif, quantile: 0.99}");
    if (rule.method != Method::fixed) useless("value", "method: fixed");
    if (rule.method != Method::control) useless("slide", "method: control");
    if (rule.method != Method::control && rule.method != Method::quantile) useless("quantile", "quantile and control");
    if (!automatic) useless("min_separation", "otsu and mixture");
    if (rule.method == Method::fixed) useless("scope", "automatic methods");
  }

  // A rule that no cell can reach is a mistake of order. All states of the markers involved are tried, where those are
  // few enough.
  std::string unreachable(const std::vector<Rule>& rules) const {
    std::vector<int> involved;
    for (const Rule& rule : rules) involved.insert(involved.end(), rule.markers().begin(), rule.markers().end());
    std::sort(involved.begin(), involved.end());
    involved.erase(std::unique(involved.begin(), involved.end()), involved.end());
    if (involved.size() > 12) return "";
    std::vector<Truth> states(rule_names_.size(), Truth::no);
    bool possible = false;
    for (unsigned bits = 0; bits < 1u << involved.size(); ++bits) {
      for (std::size_t k = 0; k < involved.size(); ++k)
        states[static_cast<std::size_t>(involved[k])] = (bits >> k & 1u) != 0 ? Truth::yes : Truth::no;
      if (exclude_each_other(states) || rules.back().evaluate(states) != Truth::yes) continue;
      possible = true;
      if (std::none_of(rules.begin(), rules.end() - 1, [&](const Rule& r) { return r.evaluate(states) == Truth::yes; }))
        return "";
    }
    return possible
               ? " can never be reached: every cell that fits it fits an earlier one, and the first match wins; move "
                 "it up"
               : " can never be reached: its rule contradicts itself or asks for two exclusive markers";
  }

  bool exclude_each_other(const std::vector<Truth>& states) const {
    int carried = 0, kinds = 0;
    for (std::size_t k = markers_.size(); k < rule_names_.size(); ++k) kinds += states[k] == Truth::yes;
    for (std::size_t k = 0; k < markers_.size(); ++k)
      carried +=
          states[k] == Truth::yes && std::count(panel_.exclusive.begin(), panel_.exclusive.end(), markers_[k]) > 0;
    return carried > 1 || kinds > 1;
  }

  const Panel& panel_;
  const YamlDocument& document_;
  const std::string& file_;
  std::string channel_file_ = file_;
  std::vector<std::string> markers_, rule_names_;  // the latter with the classes of cells
};

}  // namespace

void check_panel(const Panel& panel, const YamlDocument& document, const std::string& file) {
  Checker checker(panel, document, file);
  if (const auto& channels = document.value.at("channels"); channels.is_string())
    checker.set_channel_file((panel.file.parent_path() / channels.get<std::string>()).string());
  checker.channels();
  checker.stains();
  checker.segmentation();
  checker.positivity();
  checker.exclusive();
  checker.classes();
  checker.phenotypes();
  checker.scores();
  checker.infiltration();
}

}  // namespace hexaplex
