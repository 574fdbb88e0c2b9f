#include "core/pipeline/read_field.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "core/panel/resolve_channels.h"
#include "core/pipeline/tiles.h"
#include "core/unmixing/crosstalk.h"
#include "kernels/intensity/unmix.h"
#include "kernels/intensity/unmix_residual.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

constexpr double kSmallestPixelUm = 0.05, kLargestPixelUm = 5;
constexpr double kSaturationWarning = 0.001;                   // share of pixels
constexpr std::int64_t kBytesAtOnce = std::int64_t{16} << 20;  // of raw pixels, by each thread

FieldChannel new_channel(std::string name, Extent extent) {
  return {std::move(name), HostPlane<float>(extent)};
}

// One reader per worker: a slide serves one thread at a time, and opening one is cheap beside decoding a band.
class ReaderPool {
 public:
  explicit ReaderPool(std::filesystem::path path) : path_(std::move(path)) {}

  std::unique_ptr<Slide> take() {
    {
      std::lock_guard<std::mutex> lock(guard_);
      if (!idle_.empty()) {
        auto slide = std::move(idle_.back());
        idle_.pop_back();
        return slide;
      }
    }
    return open_slide(path_);
  }
  void give(std::unique_ptr<Slide> slide) {
    std::lock_guard<std::mutex> lock(guard_);
    idle_.push_back(std::move(slide));
  }

 private:
  std::filesystem::path path_;
  std::mutex guard_;
  std::vector<std::unique_ptr<Slide>> idle_;
};

bool fits_16_bits(SampleType t) {
  return t == SampleType::uint8 || t == SampleType::uint16;
}

// What is collected while windows are unmixed; sums of integers, so the order does not matter.
struct UnmixTotals {
  UnmixTotals(int bands, double quantum) : residual(bands, quantum), saturated(bands, 0) {}
  std::mutex guard;
  ResidualSums residual;
  std::vector<std::int64_t> saturated;
  NonNegativeReport optimality;
};

template <class T>
void unmix_window(Slide& slide, int z, Rect window, const UnmixModel& model, const Panel& panel, UnmixMethod method,
                  std::span<const Plane<float>> components, UnmixTotals& totals) {
  CpuQueue one{1};  // the window is one task among many
  std::vector<HostPlane<T>> raw;
  std::vector<Plane<const T>> bands;
  for (int b = 0; b < model.bands; ++b) {
    raw.emplace_back(window.extent());
    slide.read(b, z, window, raw.back().view());
    bands.push_back(raw.back().view());
  }
  std::vector<Plane<float>> targets;
  std::vector<Plane<const float>> written;
  for (const auto& c : components) {
    targets.push_back(c.window(window));
    written.push_back(targets.back());
  }
  NonNegativeReport report;
  if (method == UnmixMethod::non_negative) {
    report = unmix_non_negative(one, model, bands, targets);
  } else {
    unmix_least_squares(one, model, bands, targets);
  }
  ResidualSums residual(model.bands, totals.residual.quantum);
  unmix_residual(one, model, bands, written, Plane<float>{}, residual);
  std::vector<std::int64_t> saturated(model.bands, 0);
  mark_saturated(one, bands, panel.camera_saturation, Plane<std::uint8_t>{}, saturated);
  std::lock_guard<std::mutex> lock(totals.guard);
  totals.residual.merge(residual);
  totals.optimality.merge(report);
  for (int b = 0; b < model.bands; ++b) totals.saturated[b] += saturated[b];
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

MeasuredField read_components(CpuQueue& q, const SlideInfo& info, const Panel& panel, int z, double um_per_px) {
  const std::vector<int> index = resolve_channels(panel, info);
  MeasuredField out;
  out.field.extent = info.extent;
  out.field.um_per_px = um_per_px;
  out.panel_channels = panel.channels.size();
  for (const PanelChannel& c : panel.channels) out.field.channels.push_back(new_channel(c.marker, info.extent));
  ReaderPool readers(info.path);
  for_each_task(q, static_cast<std::int64_t>(index.size()), [&](std::int64_t i) {
    auto slide = readers.take();
    slide->read(index[i], z, {0, 0, info.extent.width, info.extent.height}, out.field.channels[i].pixels.view());
    readers.give(std::move(slide));
  });
  return out;
}

MeasuredField unmix_slide(CpuQueue& q, const SlideInfo& info, const Panel& panel, const SpectralLibrary& library, int z,
                          double um_per_px, UnmixMethod method) {
  const std::vector<std::string> band_warnings = require_same_bands(library, info);
  const std::vector<int> component_of = resolve_channels(panel, library.components, library.file.string());
  const UnmixModel model =
      make_unmix_model(library.matrix, library.band_count(), library.component_count(), panel.camera_offset);

  // Panel order first, then the components that the panel does not name (autofluorescence).
  std::vector<int> order = component_of;
  for (int c = 0; c < library.component_count(); ++c)
    if (std::find(component_of.begin(), component_of.end(), c) == component_of.end()) order.push_back(c);
  MeasuredField out;
  out.field.extent = info.extent;
  out.field.um_per_px = um_per_px;
  out.panel_channels = panel.channels.size();
  std::vector<Plane<float>> planes(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool named = i < panel.channels.size();
    out.field.channels.push_back(
        new_channel(named ? panel.channels[i].marker : library.components[order[i]], info.extent));
    planes[order[i]] = out.field.channels.back().pixels.view();
  }

  UnmixTotals totals(model.bands, fits_16_bits(info.sample_type) ? kCountQuantum : kFloatQuantum);
  ReaderPool readers(info.path);
  const int sample_bytes = fits_16_bits(info.sample_type) ? 2 : 4;
  const std::int64_t pixel_bytes = static_cast<std::int64_t>(sample_bytes) * model.bands;
  // A few windows for each thread, also of a small field.
  const std::int64_t fair = pixel_bytes * info.extent.area() / (4 * cpu_threads());
  const std::vector<Rect> windows =
      reading_windows(info.extent, info.block, pixel_bytes, std::clamp<std::int64_t>(fair, 1, kBytesAtOnce));
  for_each_task(q, static_cast<std::int64_t>(windows.size()), [&](std::int64_t i) {
    auto slide = readers.take();
    if (fits_16_bits(info.sample_type)) {
      unmix_window<std::uint16_t>(*slide, z, windows[i], model, panel, method, planes, totals);
    } else {
      unmix_window<float>(*slide, z, windows[i], model, panel, method, planes, totals);
    }
    readers.give(std::move(slide));
  });

  out.warnings = library.warnings;
  out.warnings.insert(out.warnings.end(), band_warnings.begin(), band_warnings.end());
  const double pixels = static_cast<double>(info.extent.area());
  for (int b = 0; b < model.bands; ++b) {
    const double share = static_cast<double>(totals.saturated[b]) / pixels;
    if (share > kSaturationWarning)
      out.warnings.push_back(
          fmt::format("band {} ({}): {:.2f} % of the pixels are saturated", b + 1, library.bands[b], 100 * share));
  }
  for (std::size_t i = 0; i < panel.channels.size(); ++i)
    if (totals.saturated[main_band(library, component_of[i])] == info.extent.area())
      out.unassessable[panel.channels[i].marker] = "every pixel of its brightest band is saturated";

  UnmixingSummary summary;
  summary.method = method == UnmixMethod::non_negative ? "non-negative least squares" : "least squares";
  summary.condition_number = library.condition_number;
  summary.residual = totals.residual.relative_residual();
  std::vector<Plane<const float>> views;
  for (const FieldChannel& c : out.field.channels) {
    summary.components.push_back(c.name);
    views.push_back(c.pixels.view());
  }
  for (int b = 0; b < model.bands; ++b) summary.residual_rms_counts.push_back(totals.residual.rms_residual(b));
  const CrosstalkTable crosstalk = crosstalk_table(q, summary.components, views);
  for (int i = 0; i < static_cast<int>(views.size()); ++i) {
    summary.crosstalk_assessable.push_back(crosstalk.assessable(i));
    summary.crosstalk.emplace_back();
    for (int j = 0; j < static_cast<int>(views.size()); ++j) summary.crosstalk.back().push_back(crosstalk.at(i, j));
  }
  if (method == UnmixMethod::non_negative) {
    const double violation = totals.optimality.max_violation;
    summary.max_kkt_violation = violation;
    if (violation > kOptimalityPromise)
      out.warnings.push_back(fmt::format(
          "unmixing is optimal to {:.1e} only, where {:.0e} is promised: abundances that cancel each other do not fit "
          "the precision of the output; look for negative values in the library",
          violation, kOptimalityPromise));
  }
  out.unmixing = std::move(summary);
  return out;
}

}  // namespace hexaplex
