#include "core/stains/slide_stains.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/stains/colour_table.h"
#include "core/stains/estimate.h"
#include "core/stains/known_stains.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr double kCos5 = 0.99619469809174555, kCos20 = 0.93969262078590838, kCos15 = 0.96592582628906831,
                 kCos34 = 0.82412618862201564;  // 34.5 degrees
// Two stains lie in a plane. Measured: sections in haematoxylin and DAB up to 0.015, in eosin or three stains from
// 0.035.
constexpr double kTwoStainsOffPlane = 0.025;
// Where less than this share of the stain has so much of a chromogen, the end of the colours is drawn to the
// counterstain. Measured on 60 painted sections: from 0.14 on at most 2.8 degrees, 0.014 to 0.03 up to 7.3, below 4
// to 15.
constexpr double kPlentyDensity = 0.3, kLittleShare = 0.02;

StainVector vector_of(const Panel& panel, const std::string& stain) {
  const auto own = panel.stains.vectors.find(stain);
  if (own != panel.stains.vectors.end()) return unit(own->second);
  const std::optional<StainVector> known = known_stain(stain);
  HX_EXPECT(known, "a panel's stains are known: check_panel has seen to it");
  return unit(*known);
}

// A stain that is published and looks far more like a vector than the one that the panel names; empty: none.
std::string_view better_name(const StainVector& found, const StainVector& expected) {
  const double own = dot(found, expected);
  if (own > kCos20) return "";
  const KnownStain* best = nullptr;
  for (const KnownStain& s : known_stains())
    if (best == nullptr || dot(found, unit(s.vector)) > dot(found, unit(best->vector))) best = &s;
  // Five degrees closer: cos(a - 5) of its angle a.
  const double closer = own * kCos5 + std::sqrt(std::max(0.0, 1 - own * own)) * std::sqrt(1 - kCos5 * kCos5);
  return dot(found, unit(best->vector)) >= closer ? best->name : std::string_view{};
}

// A brown or red chromogen on its counterstain: the one case in which colours off the plane of two stains tell of a
// third.
bool is_chromogen(const std::string& stain) {
  const std::optional<StainVector> v = known_stain(stain);
  return v && (*v == *known_stain("DAB") || *v == *known_stain("AEC"));
}

// Of all stain, the share in colours with so much of stain `of` or more.
double share_from(double density, const std::vector<Density>& colours, const StainVector& of,
                  const StainVector& other) {
  const double c = dot(of, other);
  double share = 0;
  for (const Density& d : colours)
    if ((dot(d.od, of) - c * dot(d.od, other)) / (1 - c * c) >= density) share += d.weight;
  return share;
}

void estimate_one(const std::vector<Density>& colours, SlideStains& out) {
  out.vectors[0] = axes_of(colours).vectors[0];
}

void estimate_two(const std::vector<Density>& colours, std::size_t counterstain, SlideStains& out) {
  const std::size_t other = 1 - counterstain;
  const StainVector expected = out.vectors[other];
  const TwoStains found = estimate_two_stains(colours, {out.vectors[counterstain], expected});
  out.vectors[counterstain] = found.vectors[0];
  out.vectors[other] = found.vectors[1];
  const std::string& name = out.names[other];
  if (found.second_is_absent) {
    out.warnings.push_back(
        fmt::format("the slide shows no {}; where there is some after all, its usual colour is used", name));
    out.missing = {name};
    return;
  }
  if (!is_chromogen(name) && found.spread_cosine > kCos20)
    out.warnings.push_back(fmt::format("{} and {} can hardly be told apart on this slide: it may show one dye only",
                                       out.names[counterstain], name));
  if (is_chromogen(name) && found.off_plane > kTwoStainsOffPlane)
    out.warnings.push_back(
        fmt::format("the colours of this slide are not mixtures of two stains ({:.3f} off their plane, where {} leaves "
                    "0.015 or less): "
                    "is {} the right stain?",
                    found.off_plane, name, name));
  const double plenty = share_from(kPlentyDensity, colours, found.vectors[1], found.vectors[0]);
  if (is_chromogen(name) && plenty < kLittleShare)
    out.warnings.push_back(fmt::format(
        "the slide shows little {} ({:.1f} % of what is stained has {} OD of it or more): its colour may be 10 degrees "
        "off, and its amounts too high; name a slide on which it is strong in stains.reference",
        name, 100 * plenty, kPlentyDensity));
  const std::string_view better = better_name(found.vectors[1], expected);
  if (better.empty()) return;
  if (known_stain(name) == known_stain(std::string(better)))
    out.warnings.push_back(fmt::format(
        "{} looks as usual on this slide, not like the panel's own vector: is the panel's vector right?", name));
  else
    out.warnings.push_back(
        fmt::format("what the panel calls {} looks more like {} on this slide: is the stain right?", name, better));
}

void estimate_three(const std::vector<Density>& colours, std::size_t counterstain, SlideStains& out) {
  const std::size_t order[3] = {counterstain, (counterstain + 1) % 3, (counterstain + 2) % 3};
  const std::array<StainVector, 3> known{out.vectors[order[0]], out.vectors[order[1]], out.vectors[order[2]]};
  const ThreeStains found = estimate_three_stains(colours, known);
  if (found.least_known_cosine > kCos34 && found.tissue_cosine >= kCos15) {
    for (std::size_t i = 0; i < 3; ++i) out.vectors[order[i]] = found.vectors[i];
    return;
  }
  const TwoStains two = estimate_two_stains(colours, {known[0], known[1]});
  out.vectors[order[0]] = two.vectors[0];
  out.vectors[order[1]] = two.vectors[1];
  out.missing = {out.names[order[2]]};
  out.warnings.push_back(fmt::format(
      "the colours of this slide do not fit {}, {} and {}: the third keeps its usual colour, and what is told by the "
      "amounts of stains may be wrong. Are the stains right? If so, give the panel the vectors that were found on "
      "another "
      "slide of the same staining: stains: {{estimate: 'off', vectors: ...}}",
      out.names[order[0]], out.names[order[1]], out.names[order[2]]));
}

}  // namespace

RgbWindow::RgbWindow(Slide& slide, int z, Rect window) {
  for (int b = 0; b < 3; ++b) {
    HostPlane<std::uint16_t>& band = bands_[static_cast<std::size_t>(b)];
    band = HostPlane<std::uint16_t>(window.extent());
    slide.read(b, z, window, band.view());
  }
}

void require_rgb(const SlideInfo& info) {
  if (!info.rgb || info.channels.size() != 3)
    throw InputError(
        info.path.string(),
        fmt::format("is no RGB picture but has {} channel{}; a brightfield panel needs red, green and blue",
                    info.channels.size(), info.channels.size() == 1 ? "" : "s"));
  if (info.sample_type != SampleType::uint8)
    throw InputError(info.path.string(),
                     "stores its colours with more than 8 bits; export it as an RGB picture of 8 bits a colour");
}

namespace {

// Stains that are one, or mixtures of each other, cannot be unmixed.
void require_apart(const SlideStains& stains, const Panel& panel) {
  try {
    (void)make_stain_model(stains.vectors, stains.white);
  } catch (const InvalidArgument& e) {
    std::string names;
    for (const std::string& name : stains.names) names += (names.empty() ? "" : ", ") + name;
    throw ConfigError(panel.file.empty() ? panel.name : panel.file.string(),
                      fmt::format("the stains {} cannot be told apart on this slide: {}", names, e.what()));
  }
}

SlideStains look_for_stains(const CpuQueue& q, const SlideInfo& info, const Panel& panel, int z) {
  require_rgb(info);
  SlideStains out;
  const std::size_t counterstain = channel_index(panel, panel.segmentation.nuclear).value_or(0);
  for (const PanelChannel& c : panel.channels) {
    out.names.push_back(c.stain);
    out.vectors.push_back(vector_of(panel, c.stain));
  }
  if (panel.stains.white) out.white = *panel.stains.white;
  if ((panel.stains.white && !panel.stains.estimate) || info.extent.empty()) return out;
  const std::vector<Colour> colours = survey_colours(q, info, z);
  if (!panel.stains.white) out.white = white_point(colours);
  if (!panel.stains.estimate) return out;
  const std::vector<Density> densities = densities_of(colours, out.white);
  if (std::none_of(densities.begin(), densities.end(), [](const Density& d) { return d.weight > 0; })) {
    out.warnings.push_back("the slide shows no stain at all; the usual colours are used");
    out.missing = out.names;
    return out;
  }
  if (out.names.size() == 1) {
    estimate_one(densities, out);
  } else if (out.names.size() == 2) {
    estimate_two(densities, counterstain, out);
  } else {
    estimate_three(densities, counterstain, out);
  }
  return out;
}

}  // namespace

SlideStains find_stains(const CpuQueue& q, const SlideInfo& info, const Panel& panel, int z) {
  SlideStains stains = look_for_stains(q, info, panel, z);
  require_apart(stains, panel);
  return stains;
}

StainVector find_white(const CpuQueue& q, const SlideInfo& info, const Panel& panel, int z) {
  require_rgb(info);
  if (panel.stains.white) return *panel.stains.white;
  if (info.extent.empty()) return SlideStains{}.white;
  return white_point(survey_colours(q, info, z));
}

}  // namespace hexaplex
