#include "core/quality/plan_quality.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/panel/resolve_channels.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

int brightest_band(const SpectralLibrary& library, int component) {
  int best = 0;
  const auto value = [&](int band) {
    return library
        .matrix[static_cast<std::size_t>(band) * library.components.size() + static_cast<std::size_t>(component)];
  };
  for (int b = 1; b < library.band_count(); ++b)
    if (value(b) > value(best)) best = b;
  return best;
}

// What a colour of white glass lacks here. Where nothing is left of it, no stain can be told.
LightTables absorbed(const StainVector& white) {
  LightTables tables;
  for (const double w : white) {
    tables.emplace_back();
    for (int v = 0; v < kStainLevels; ++v)
      tables.back().push_back(static_cast<std::uint16_t>(v < w ? w - v + 0.5 : 0.0));
  }
  return tables;
}

// The colour in which a stain absorbs most.
int darkest_colour(const StainVector& stain) {
  return static_cast<int>(std::max_element(stain.begin(), stain.end()) - stain.begin());
}

// A folded or dirty place of a stained section is only darker, and so are dense nuclei: what tells the ones apart in
// many bands of light does not in three colours. A colour that is black in a nucleus is no fault of the slide either.
constexpr Unusable kNotToldInColours[] = {Unusable::saturated, Unusable::debris, Unusable::fold};

// What red, green and blue of a square of glass lack of white, all together: an optical density of about 0.01 each.
// Measured (medians of squares): 1.8 on painted glass and 60 to 80 on pale painted tissue; on a compressed slide most
// glass lacks 0.1 to 3.
constexpr double kGlassCounts = 18;

}  // namespace

QualityPlan plan_quality(const Panel& panel, const SlideInfo& info, const SpectralLibrary* library,
                         const SlideStains* stains) {
  QualityPlan plan;
  // Given labels need no nuclear channel: focus is then judged on the first.
  const std::size_t nuclear = channel_index(panel, panel.segmentation.nuclear).value_or(0);
  if (panel.modality == Modality::multispectral) {
    HX_EXPECT(library != nullptr, "a multispectral panel needs its library");
    plan.channels.resize(info.channels.size());
    std::iota(plan.channels.begin(), plan.channels.end(), 0);
    const std::vector<int> components = resolve_channels(panel, library->components, library->file.string());
    plan.squares.nuclear_band = brightest_band(*library, components[nuclear]);
  } else if (panel.modality == Modality::brightfield) {
    HX_EXPECT(stains != nullptr, "a brightfield panel needs its slide's stains");
    plan.channels = {0, 1, 2};
    plan.tables = absorbed(stains->white);
    plan.squares.nuclear_band = darkest_colour(stains->vectors[nuclear]);
  } else {
    plan.channels = resolve_channels(panel, info);
    plan.squares.nuclear_band = static_cast<int>(nuclear);
  }
  plan.squares.saturation = panel.camera_saturation;
  plan.params.camera_offset = panel.camera_offset;
  if (panel.modality == Modality::brightfield) {
    plan.squares.saturation = std::numeric_limits<double>::infinity();
    plan.params.camera_offset = 0;
    plan.params.glass_counts = kGlassCounts;
  }
  plan.params.bands = static_cast<int>(plan.channels.size());
  for (int r = 0; r < kUnusableReasons; ++r)
    plan.params.look_for[static_cast<std::size_t>(r)] =
        std::count(panel.quality.ignore.begin(), panel.quality.ignore.end(), name_of(static_cast<Unusable>(r))) == 0;
  if (panel.modality == Modality::brightfield)
    for (const Unusable r : kNotToldInColours) plan.params.look_for[static_cast<std::size_t>(r)] = false;
  return plan;
}

nlohmann::json quality_parameters(const Panel& panel) {
  return {{"mask", panel.quality.mask ? "auto" : "off"}, {"ignore", panel.quality.ignore}};
}

}  // namespace hexaplex
