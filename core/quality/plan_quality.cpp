#include "core/quality/plan_quality.h"

#include <algorithm>
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

}  // namespace

QualityPlan plan_quality(const Panel& panel, const SlideInfo& info, const SpectralLibrary* library) {
  QualityPlan plan;
  // Given labels need no nuclear channel: focus is then judged on the first.
  const auto found = std::find_if(panel.channels.begin(), panel.channels.end(),
                                  [&](const PanelChannel& c) { return c.marker == panel.segmentation.nuclear; });
  const auto nuclear =
      found == panel.channels.end() ? std::size_t{0} : static_cast<std::size_t>(found - panel.channels.begin());
  if (panel.modality == Modality::multispectral) {
    HX_EXPECT(library != nullptr, "a multispectral panel needs its library");
    plan.channels.resize(info.channels.size());
    std::iota(plan.channels.begin(), plan.channels.end(), 0);
    const std::vector<int> components = resolve_channels(panel, library->components, library->file.string());
    plan.squares.nuclear_band = brightest_band(*library, components[nuclear]);
  } else {
    plan.channels = resolve_channels(panel, info);
    plan.squares.nuclear_band = static_cast<int>(nuclear);
  }
  plan.squares.saturation = panel.camera_saturation;
  plan.params.camera_offset = panel.camera_offset;
  plan.params.bands = static_cast<int>(plan.channels.size());
  for (int r = 0; r < kUnusableReasons; ++r)
    plan.params.look_for[static_cast<std::size_t>(r)] =
        std::count(panel.quality.ignore.begin(), panel.quality.ignore.end(), name_of(static_cast<Unusable>(r))) == 0;
  return plan;
}

nlohmann::json quality_parameters(const Panel& panel) {
  return {{"mask", panel.quality.mask ? "auto" : "off"}, {"ignore", panel.quality.ignore}};
}

}  // namespace hexaplex
