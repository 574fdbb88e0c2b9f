#include "core/pipeline/measured_slide.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/panel/resolve_channels.h"
#include "core/pipeline/made_channels.h"
#include "core/pipeline/stain_channels.h"
#include "core/pipeline/unmixed_channels.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr double kSmallestPixelUm = 0.05, kLargestPixelUm = 5;
constexpr double kSaturationWarning = 0.001;  // share of pixels

std::vector<std::string> markers_of(const Panel& panel) {
  std::vector<std::string> names;
  for (const PanelChannel& c : panel.channels) names.push_back(c.marker);
  return names;
}

// The band that shows most of a component.
int main_band(const SpectralLibrary& library, int component) {
  int best = 0;
  for (int b = 1; b < library.band_count(); ++b)
    if (library.matrix[b * library.component_count() + component] >
        library.matrix[best * library.component_count() + component])
      best = b;
  return best;
}

// Panel order first, then the components that the panel does not name (autofluorescence).
UnmixPlan plan_unmixing(const Panel& panel, const SpectralLibrary& library, const std::vector<int>& component_of,
                        const ReadingPlan& reading, UnmixMethod method) {
  UnmixPlan plan;
  plan.model = make_unmix_model(library.matrix, library.band_count(), library.component_count(), panel.camera_offset);
  plan.method = method;
  plan.reading = reading;
  plan.saturation_counts = panel.camera_saturation;
  plan.order = component_of;
  plan.names = markers_of(panel);
  for (int c = 0; c < library.component_count(); ++c)
    if (std::find(component_of.begin(), component_of.end(), c) == component_of.end()) {
      plan.order.push_back(c);
      plan.names.push_back(library.components[static_cast<std::size_t>(c)]);
    }
  return plan;
}

UnmixingSummary summary_of(const UnmixedSlide& slide, const SpectralLibrary& library, UnmixMethod method) {
  UnmixingSummary summary;
  summary.method = method == UnmixMethod::non_negative ? "non-negative least squares" : "least squares";
  summary.condition_number = library.condition_number;
  summary.residual = slide.residual.relative_residual();
  summary.components = slide.channels->names();
  for (int b = 0; b < library.band_count(); ++b) summary.residual_rms_counts.push_back(slide.residual.rms_residual(b));
  const int components = static_cast<int>(summary.components.size());
  for (int i = 0; i < components; ++i) {
    summary.crosstalk_assessable.push_back(slide.crosstalk.assessable(i));
    summary.crosstalk.emplace_back();
    for (int j = 0; j < components; ++j) summary.crosstalk.back().push_back(slide.crosstalk.at(i, j));
  }
  if (method == UnmixMethod::non_negative) summary.max_kkt_violation = slide.optimality.max_violation;
  return summary;
}

}  // namespace

double resolve_um_per_px(const SlideInfo& info, std::optional<double> override_um) {
  if (override_um) {
    if (!(*override_um >= kSmallestPixelUm && *override_um <= kLargestPixelUm))
      throw InvalidArgument(fmt::format("--um-per-px {} lies outside {}..{} micrometres", *override_um,
                                        kSmallestPixelUm, kLargestPixelUm));
    return *override_um;
  }
  if (!info.um_per_px_x || !info.um_per_px_y)
    throw InputError(info.path.string(), "the file gives no usable pixel size; give it with --um-per-px");
  const double x = *info.um_per_px_x, y = *info.um_per_px_y;
  if (std::abs(x - y) > 0.01 * std::min(x, y))
    throw InputError(info.path.string(),
                     fmt::format("pixels measure {} x {} micrometres, and only square ones can be analysed; if that is "
                                 "wrong, give the size with --um-per-px",
                                 x, y));
  return x;
}

int resolve_z(const SlideInfo& info, std::optional<int> z) {
  if (info.z_count == 1 && !z) return 0;
  if (!z)
    throw ConfigError(info.path.string(), fmt::format("this is a stack of {} planes; choose one with --z 1 to --z {}",
                                                      info.z_count, info.z_count));
  if (*z < 1 || *z > info.z_count)
    throw ConfigError(info.path.string(),
                      fmt::format("--z {} is not there; the slide has planes 1 to {}", *z, info.z_count));
  return *z - 1;
}

MeasuredSlide read_components(CpuQueue& q, const SlideInfo& info, const Panel& panel, const ReadingPlan& plan) {
  const std::vector<int> index = resolve_channels(panel, info);
  ChannelMaker maker{markers_of(panel), sizeof(float), {}};
  maker.make = [index, z = plan.z](Slide& slide, Rect window, std::span<const int> channels,
                                   std::span<const Plane<float>> dst) {
    for (std::size_t i = 0; i < channels.size(); ++i)
      slide.read(index[static_cast<std::size_t>(channels[i])], z, window, dst[i]);
  };
  MeasuredSlide out;
  out.panel_channels = panel.channels.size();
  out.channels = make_channels(q, info, plan, std::move(maker));
  return out;
}

MeasuredSlide deconvolve_channels(CpuQueue& q, const SlideInfo& info, const Panel& panel, const SlideStains& stains,
                                  const ReadingPlan& plan) {
  MeasuredSlide out;
  out.panel_channels = panel.channels.size();
  out.channels = make_channels(q, info, plan, stain_maker(stains, markers_of(panel), plan.z));
  out.warnings = stains.warnings;
  return out;
}

MeasuredSlide unmix_components(CpuQueue& q, ComputePlace& place, const SlideInfo& info, const Panel& panel,
                               const SpectralLibrary& library, const ReadingPlan& plan, UnmixMethod method,
                               Checkpoints& checkpoints) {
  const std::vector<std::string> band_warnings = require_same_bands(library, info);
  const std::vector<int> component_of = resolve_channels(panel, library.components, library.file.string());
  UnmixedSlide slide =
      unmix_slide(q, place, info, plan_unmixing(panel, library, component_of, plan, method), checkpoints);

  MeasuredSlide out;
  out.panel_channels = panel.channels.size();
  out.unmixing = summary_of(slide, library, method);
  out.warnings = library.warnings;
  out.warnings.insert(out.warnings.end(), band_warnings.begin(), band_warnings.end());
  const std::int64_t pixels = plan.area.pixels();
  for (std::size_t b = 0; b < slide.saturated.size(); ++b) {
    const double share = static_cast<double>(slide.saturated[b]) / static_cast<double>(pixels);
    if (share > kSaturationWarning)
      out.warnings.push_back(
          fmt::format("band {} ({}): {:.2f} % of the pixels are saturated", b + 1, library.bands[b], 100 * share));
  }
  for (std::size_t i = 0; i < panel.channels.size(); ++i)
    if (pixels > 0 && slide.saturated[static_cast<std::size_t>(main_band(library, component_of[i]))] == pixels)
      out.unassessable[panel.channels[i].marker] = "every pixel of its brightest band is saturated";
  const double violation = out.unmixing->max_kkt_violation.value_or(0);
  if (violation > kOptimalityPromise)
    out.warnings.push_back(fmt::format(
        "unmixing is optimal to {:.1e} only, where {:.0e} is promised: abundances that cancel each other do not fit "
        "the precision of the output; look for negative values in the library",
        violation, kOptimalityPromise));
  out.channels = std::move(slide.channels);
  return out;
}

}  // namespace hexaplex
