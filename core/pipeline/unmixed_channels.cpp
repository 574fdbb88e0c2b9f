#include "core/pipeline/unmixed_channels.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "core/image/tiles.h"
#include "core/io/reader_pool.h"
#include "core/io/sample_bits.h"
#include "core/pipeline/channel_ranges.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

// The bands of a window.
template <class T>
struct RawWindow {
  std::vector<HostPlane<T>> owned;
  std::vector<Plane<const T>> bands;

  RawWindow(Slide& slide, int bands_of_slide, int z, Rect window) {
    for (int b = 0; b < bands_of_slide; ++b) {
      owned.emplace_back(window.extent());
      slide.read(b, z, window, owned.back().view());
      bands.push_back(owned.back().view());
    }
  }
};

// Components by channel, as planes in the model's order.
std::vector<Plane<float>> in_model_order(const UnmixPlan& plan, std::span<const Plane<float>> by_channel) {
  std::vector<Plane<float>> planes(plan.order.size());
  for (std::size_t i = 0; i < by_channel.size(); ++i) planes[static_cast<std::size_t>(plan.order[i])] = by_channel[i];
  return planes;
}

std::vector<HostPlane<float>> new_planes(std::size_t count, Extent extent) {
  std::vector<HostPlane<float>> planes;
  for (std::size_t i = 0; i < count; ++i) planes.emplace_back(extent);
  return planes;
}

std::vector<Plane<float>> views_of(std::vector<HostPlane<float>>& planes) {
  std::vector<Plane<float>> views;
  for (auto& p : planes) views.push_back(p.view());
  return views;
}

// Components that are found again from the file.
class StreamedComponents : public ChannelSource {
 public:
  StreamedComponents(const SlideInfo& info, UnmixPlan plan)
      : ChannelSource(info.extent, plan.names),
        plan_(std::move(plan)),
        is_16_bit_(fits_16_bits(info.sample_type)),
        readers_(info),
        ranges_(plan_.names.size()) {
    if (searched() && plan_.model.tabled()) sets_ = HostPlane<std::uint16_t>(info.extent);
  }

  bool held() const override { return false; }

  ChannelWindow read(const CpuQueue& q, Rect window, std::span<const int> channels) const override {
    return is_16_bit_ ? read_as<std::uint16_t>(q, window, channels) : read_as<float>(q, window, channels);
  }

  Histogram16 histogram(CpuQueue&, int channel) const override {
    return ranges_.histogram(static_cast<std::size_t>(channel));
  }
  float largest_magnitude(const CpuQueue&, int channel) const override {
    return ranges_.largest_magnitude(static_cast<std::size_t>(channel));
  }

  /// Where the first pass writes the passive sets; without data where there are none.
  Plane<std::uint16_t> sets(Rect window) {
    return sets_.extent().empty() ? Plane<std::uint16_t>{} : sets_.view().window(window);
  }
  ChannelRanges& ranges() { return ranges_; }

 private:
  bool searched() const { return plan_.method == UnmixMethod::non_negative; }

  template <class T>
  ChannelWindow read_as(const CpuQueue& q, Rect window, std::span<const int> channels) const {
    const RawWindow<T> raw = [&] {
      const ReaderPool::Lease slide(readers_);
      return RawWindow<T>(*slide, plan_.model.bands, plan_.reading.z, window);
    }();
    const bool from_sets = !sets_.extent().empty();
    // Without sets all components come at once.
    std::vector<HostPlane<float>> planes(plan_.names.size());
    for (std::size_t i = 0; i < planes.size(); ++i)
      if (!from_sets || std::find(channels.begin(), channels.end(), static_cast<int>(i)) != channels.end())
        planes[i] = HostPlane<float>(window.extent());
    const std::vector<Plane<float>> components = in_model_order(plan_, views_of(planes));
    if (from_sets) {
      unmix_from_sets(q, plan_.model, raw.bands, sets_.view().window(window), components);
    } else if (searched()) {
      unmix_non_negative(q, plan_.model, raw.bands, components);
    } else {
      unmix_least_squares(q, plan_.model, raw.bands, components);
    }
    ChannelWindow out;
    for (const int c : channels) {
      out.owned.push_back(std::move(planes.at(static_cast<std::size_t>(c))));
      out.planes.push_back(out.owned.back().view());
    }
    return out;
  }

  UnmixPlan plan_;
  bool is_16_bit_;
  mutable ReaderPool readers_;
  ChannelRanges ranges_;
  HostPlane<std::uint16_t> sets_;
};

// Unmixes one window and adds up what it was like. The window is one task among many.
template <class T>
void unmix_window(Slide& slide, Rect window, const UnmixPlan& plan, std::span<const Plane<float>> by_channel,
                  Plane<std::uint16_t> sets, UnmixedSlide& out, std::mutex& guard) {
  const CpuQueue one{1};
  const UnmixModel& model = plan.model;
  const RawWindow<T> raw(slide, model.bands, plan.reading.z, window);
  const std::vector<Plane<float>> targets = in_model_order(plan, by_channel);
  NonNegativeReport report;
  if (plan.method == UnmixMethod::non_negative) {
    report = unmix_non_negative(one, model, raw.bands, targets, sets);
  } else {
    unmix_least_squares(one, model, raw.bands, targets);
  }
  const std::vector<Plane<const float>> written(targets.begin(), targets.end());
  ResidualSums residual(model.bands, out.residual.quantum);
  unmix_residual(one, model, raw.bands, written, Plane<float>{}, residual);
  std::vector<std::int64_t> saturated(static_cast<std::size_t>(model.bands), 0);
  mark_saturated(one, raw.bands, plan.saturation_counts, Plane<std::uint8_t>{}, saturated);
  const std::lock_guard<std::mutex> lock(guard);
  out.residual.merge(residual);
  out.optimality.merge(report);
  for (std::size_t b = 0; b < saturated.size(); ++b) out.saturated[b] += saturated[b];
}

HostPlane<float> only_channel(const ChannelSource& source, Rect window, int channel) {
  ChannelWindow seen = source.read(CpuQueue{1}, window, {&channel, 1});
  if (!seen.owned.empty()) return std::move(seen.owned[0]);
  HostPlane<float> out(window.extent());
  for (int y = 0; y < window.height; ++y) std::copy_n(seen.planes[0].row(y), window.width, out.view().row(y));
  return out;
}

}  // namespace

UnmixedSlide unmix_slide(CpuQueue& q, const SlideInfo& info, const UnmixPlan& plan) {
  const bool hold = plan.reading.hold;
  const bool is_16_bit = fits_16_bits(info.sample_type);
  const UnmixModel& model = plan.model;
  UnmixedSlide out{nullptr,
                   ResidualSums(model.bands, is_16_bit ? kCountQuantum : kFloatQuantum),
                   {},
                   std::vector<std::int64_t>(static_cast<std::size_t>(model.bands), 0),
                   {}};
  Field field;
  std::unique_ptr<StreamedComponents> streamed;
  if (hold) {
    field.extent = info.extent;
    for (const std::string& name : plan.names) field.channels.push_back({name, HostPlane<float>(info.extent)});
  } else {
    streamed = std::make_unique<StreamedComponents>(info, plan);
  }

  const std::int64_t pixel_bytes = static_cast<std::int64_t>(is_16_bit ? 2 : 4) * model.bands;
  // A few windows for each thread, also of a small field.
  const std::int64_t fair = pixel_bytes * info.extent.area() / (4 * cpu_threads());
  const std::vector<Rect> windows = reading_windows(info.extent, info.block, pixel_bytes,
                                                    std::clamp<std::int64_t>(fair, 1, plan.reading.window_bytes));
  CrosstalkCollector crosstalk(plan.names, info.extent);
  ReaderPool readers(info);
  std::mutex guard;
  for_each_task(q, static_cast<std::int64_t>(windows.size()), [&](std::int64_t i) {
    const Rect window = windows[static_cast<std::size_t>(i)];
    std::vector<HostPlane<float>> made;
    if (!hold) made = new_planes(plan.names.size(), window.extent());
    std::vector<Plane<float>> targets = views_of(made);
    for (FieldChannel& c : field.channels) targets.push_back(c.pixels.view().window(window));
    const Plane<std::uint16_t> sets = hold ? Plane<std::uint16_t>{} : streamed->sets(window);
    {
      const ReaderPool::Lease slide(readers);
      if (is_16_bit) {
        unmix_window<std::uint16_t>(*slide, window, plan, targets, sets, out, guard);
      } else {
        unmix_window<float>(*slide, window, plan, targets, sets, out, guard);
      }
    }
    CpuQueue one{1};
    crosstalk.add(window, std::vector<Plane<const float>>(targets.begin(), targets.end()));
    if (!hold)
      for (std::size_t c = 0; c < targets.size(); ++c) streamed->ranges().add(one, c, targets[c]);
  });
  if (hold) {
    out.channels = std::make_unique<HeldChannels>(std::move(field));
  } else {
    out.channels = std::move(streamed);
  }
  out.crosstalk =
      crosstalk.finish([&](Rect window, int channel) { return only_channel(*out.channels, window, channel); });
  return out;
}

}  // namespace hexaplex
