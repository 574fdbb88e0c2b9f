#include "core/pipeline/unmixed_channels.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "core/image/tiles.h"
#include "core/io/reader_pool.h"
#include "core/io/sample_bits.h"
#include "core/pipeline/channel_ranges.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

constexpr const char* kUnmixStage = "unmix";
constexpr ComputeStage kUnmixing{"unmixing"};

// The bands of a window.
template <class T>
struct RawWindow {
  std::vector<HostPlane<T>> owned;
  std::vector<Plane<const T>> bands;

  RawWindow() = default;
  RawWindow(Slide& slide, int bands_of_slide, int z, Rect window) {
    for (int b = 0; b < bands_of_slide; ++b) {
      owned.emplace_back(window.extent());
      slide.read(b, z, window, owned.back().view());
      bands.push_back(owned.back().view());
    }
  }
};

// The same window of several planes; of those that are there.
template <class T>
std::vector<Plane<T>> windows_of(std::span<const Plane<T>> planes, Rect window) {
  std::vector<Plane<T>> out;
  for (const Plane<T>& p : planes) out.push_back(p.data != nullptr ? p.window(window) : Plane<T>{});
  return out;
}

// Components by channel, as planes in the model's order.
std::vector<Plane<float>> in_model_order(const UnmixPlan& plan, std::span<const Plane<float>> by_channel) {
  std::vector<Plane<float>> planes(plan.order.size());
  for (std::size_t i = 0; i < by_channel.size(); ++i) planes[static_cast<std::size_t>(plan.order[i])] = by_channel[i];
  return planes;
}

// A pixel of a window on its way: its bands, components, passive set, and what a search keeps of it.
template <class T>
std::size_t pixel_bytes(const UnmixPlan& plan) {
  return sizeof(T) * static_cast<std::size_t>(plan.model.bands) + 4 * plan.order.size() + 8;
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
      : ChannelSource(plan.reading.area, plan.names),
        plan_(std::move(plan)),
        is_16_bit_(fits_16_bits(info.sample_type)),
        readers_(info),
        ranges_(plan_.names.size()) {
    if (searched() && plan_.model.tabled()) sets_ = PiecePlanes<std::uint16_t>(area());
  }

  bool held() const override { return false; }

  Histogram16 histogram(CpuQueue&, int channel) const override {
    return ranges_.histogram(static_cast<std::size_t>(channel));
  }
  float largest_magnitude(const CpuQueue&, int channel) const override {
    return ranges_.largest_magnitude(static_cast<std::size_t>(channel));
  }

  /// Where the first pass writes the passive sets; without data where there are none.
  Plane<std::uint16_t> sets(Rect window) { return sets_ ? sets_->inside(window) : Plane<std::uint16_t>{}; }
  ChannelRanges& ranges() { return ranges_; }

  void save(const CpuQueue& q, CheckpointWriter& to) const {
    ranges_.save(to);
    for (std::size_t i = 0; sets_ && i < area().pieces().size(); ++i) to.plane(q, sets_->piece(i).view());
  }
  void load(CheckpointReader& from) {
    ranges_.load(from);
    for (std::size_t i = 0; sets_ && i < area().pieces().size(); ++i) from.plane(sets_->piece(i).view());
  }

 protected:
  ChannelWindow read_inside(const CpuQueue& q, std::size_t, Rect window, std::span<const int> channels) const override {
    return is_16_bit_ ? read_as<std::uint16_t>(q, window, channels) : read_as<float>(q, window, channels);
  }

 private:
  bool searched() const { return plan_.method == UnmixMethod::non_negative; }

  template <class T>
  ChannelWindow read_as(const CpuQueue& q, Rect window, std::span<const int> channels) const {
    const std::vector<Rect> tissue = area().tissue(window);
    const RawWindow<T> raw = [&] {
      if (tissue.empty()) return RawWindow<T>();
      const ReaderPool::Lease slide(readers_);
      return RawWindow<T>(*slide, plan_.model.bands, plan_.reading.z, window);
    }();
    const bool from_sets = sets_.has_value();
    // Without sets all components come at once.
    std::vector<HostPlane<float>> planes(plan_.names.size());
    for (std::size_t i = 0; i < planes.size(); ++i)
      if (!from_sets || std::find(channels.begin(), channels.end(), static_cast<int>(i)) != channels.end())
        planes[i] = HostPlane<float>(window.extent());
    const std::vector<Plane<float>> components = in_model_order(plan_, views_of(planes));
    for (const Rect& r : tissue) {
      const Rect part = seen_from(window.x, window.y, r);
      const auto bands = windows_of<const T>(raw.bands, part);
      const auto targets = windows_of<float>(components, part);
      if (from_sets) {
        unmix_from_sets(q, plan_.model, bands, sets_->inside(r), targets);
      } else if (searched()) {
        unmix_non_negative(q, plan_.model, bands, targets);
      } else {
        unmix_least_squares(q, plan_.model, bands, targets);
      }
    }
    ChannelWindow out;
    for (const int c : channels) {
      clear_outside(window, tissue, planes.at(static_cast<std::size_t>(c)).view());
      out.owned.push_back(std::move(planes.at(static_cast<std::size_t>(c))));
      out.planes.push_back(out.owned.back().view());
    }
    return out;
  }

  UnmixPlan plan_;
  bool is_16_bit_;
  mutable ReaderPool readers_;
  ChannelRanges ranges_;
  std::optional<PiecePlanes<std::uint16_t>> sets_;
};

// What was found of a window beside its components. Exact, so that windows add up in any order.
struct WindowSums {
  ResidualSums residual;
  NonNegativeReport optimality;
  std::vector<std::int64_t> saturated;

  WindowSums(int bands, double quantum) : residual(bands, quantum), saturated(static_cast<std::size_t>(bands), 0) {}
  void merge(const WindowSums& o) {
    residual.merge(o.residual);
    optimality.merge(o.optimality);
    for (std::size_t b = 0; b < saturated.size(); ++b) saturated[b] += o.saturated[b];
  }
};

// Where the components of a window go.
struct WindowTargets {
  Rect window;
  std::span<const Plane<float>> by_channel;
  Plane<std::uint16_t> sets;  // may be without data
};

// Reads a part of a window and unmixes its tissue.
template <class T>
WindowSums unmix_part(Lane& lane, Slide& slide, Rect part, const UnmixPlan& plan, const TissueArea& area,
                      const WindowTargets& to, double quantum) {
  const UnmixModel& model = plan.model;
  const Queue q = lane.queue();
  lane.expect(static_cast<std::size_t>(part.area()) * pixel_bytes<T>(plan));
  std::vector<LanePlane<T>> raw;
  std::vector<Plane<const T>> bands;
  for (int b = 0; b < model.bands; ++b) {
    const Plane<T> read = lane.host_plane<T>(part.extent());
    slide.read(b, plan.reading.z, part, read);
    raw.push_back(lane.send(read));
    bands.push_back(raw.back().view);
  }
  const Rect place = seen_from(to.window.x, to.window.y, part);
  const std::vector<Plane<float>> wanted = windows_of<float>(to.by_channel, place);
  std::vector<LanePlane<float>> made;
  std::vector<Plane<float>> by_channel;
  for (const Plane<float>& one : wanted) by_channel.push_back(made.emplace_back(lane.target(one)).view);
  const std::vector<Plane<float>> components = in_model_order(plan, by_channel);
  const LanePlane<std::uint16_t> sets =
      lane.target(to.sets.data != nullptr ? to.sets.window(place) : Plane<std::uint16_t>{});

  WindowSums sums(model.bands, quantum);
  for (const Rect& r : area.tissue(part)) {
    const Rect in = seen_from(part.x, part.y, r);
    const auto counts = windows_of<const T>(bands, in);
    const auto targets = windows_of<float>(components, in);
    const Plane<std::uint16_t> sets_in = sets.view.data != nullptr ? sets.view.window(in) : Plane<std::uint16_t>{};
    if (plan.method == UnmixMethod::non_negative) {
      sums.optimality.merge(unmix_non_negative(q, model, counts, targets, sets_in));
    } else {
      unmix_least_squares(q, model, counts, targets);
    }
    const std::vector<Plane<const float>> written(targets.begin(), targets.end());
    unmix_residual(q, model, counts, written, Plane<float>{}, sums.residual);
    mark_saturated(q, std::span<const Plane<const T>>(counts), plan.saturation_counts, Plane<std::uint8_t>{},
                   sums.saturated);
    for (std::size_t c = 0; c < wanted.size(); ++c) lane.fetch<float>(by_channel[c].window(in), wanted[c].window(in));
    if (sets_in.data != nullptr) lane.fetch<std::uint16_t>(sets_in, to.sets.window(place).window(in));
  }
  lane.finish();
  return sums;
}

// A window, one task among many: on a device where there is one.
template <class T>
WindowSums unmix_window(ComputePlace& place, ReaderPool& readers, const UnmixPlan& plan, const TissueArea& area,
                        const WindowTargets& to, double quantum) {
  const auto on_device = [&] {
    const LanePool::Lease lane(place.lanes());
    WindowSums sums(plan.model.bands, quantum);
    in_parts_that_fit(*lane, to.window, [&](Rect part) {
      const ReaderPool::Lease slide(readers);
      sums.merge(unmix_part<T>(*lane, *slide, part, plan, area, to, quantum));
    });
    return sums;
  };
  const auto on_cpu = [&] {
    Lane lane;
    const ReaderPool::Lease slide(readers);
    return unmix_part<T>(lane, *slide, to.window, plan, area, to, quantum);
  };
  return place.either(kUnmixing, on_device, on_cpu);
}

// Raw pixels that a thread may read at once, in bytes: as much as was planned, or less where the windows of all threads
// would not lie on the device together.
template <class T>
std::int64_t window_bytes(ComputePlace& place, const UnmixPlan& plan) {
  return place.either(
      kUnmixing,
      [&] {
        const auto on_device = static_cast<std::int64_t>(pixel_bytes<T>(plan));
        const auto raw = static_cast<std::int64_t>(plan.model.bands * sizeof(T));
        const std::int64_t wanted = plan.reading.window_bytes / raw * on_device;
        const std::int64_t pixels = place.window_budget_bytes(wanted) / on_device;
        return std::clamp<std::int64_t>(pixels * raw, 1, plan.reading.window_bytes);
      },
      [&] { return plan.reading.window_bytes; });
}

// All that was found of a slide beside its channels, as a checkpoint holds it.
void save_sums(CheckpointWriter& to, const UnmixedSlide& slide) {
  to.value(slide.residual.pixels);
  to.table(slide.residual.residual_squares);
  to.table(slide.residual.signal_squares);
  to.value(slide.optimality);
  to.table(slide.saturated);
  to.table(slide.crosstalk.ratio);
  to.table(slide.crosstalk.pixels);
  to.table(slide.crosstalk.evenness);
  to.table(slide.crosstalk.support);
}

void load_sums(CheckpointReader& from, const UnmixPlan& plan, UnmixedSlide& slide) {
  const std::size_t components = plan.names.size();
  slide.residual.pixels = from.value<std::int64_t>();
  from.table(slide.residual.residual_squares, slide.residual.residual_squares.size());
  from.table(slide.residual.signal_squares, slide.residual.signal_squares.size());
  slide.optimality = from.value<NonNegativeReport>();
  from.table(slide.saturated, slide.saturated.size());
  slide.crosstalk.components = plan.names;
  from.table(slide.crosstalk.ratio, components * components);
  from.table(slide.crosstalk.pixels, components);
  from.table(slide.crosstalk.evenness, components);
  from.table(slide.crosstalk.support, components);
}

HostPlane<float> only_channel(const ChannelSource& source, Rect window, int channel) {
  ChannelWindow seen = source.read(CpuQueue{1}, window, {&channel, 1});
  if (!seen.owned.empty()) return std::move(seen.owned[0]);
  HostPlane<float> out(window.extent());
  for (int y = 0; y < window.height; ++y) std::copy_n(seen.planes[0].row(y), window.width, out.view().row(y));
  return out;
}

}  // namespace

UnmixedSlide unmix_slide(CpuQueue& q, ComputePlace& place, const SlideInfo& info, const UnmixPlan& plan,
                         Checkpoints& checkpoints) {
  const bool hold = plan.reading.hold;
  const bool is_16_bit = fits_16_bits(info.sample_type);
  const UnmixModel& model = plan.model;
  const auto nothing_yet = [&]() -> UnmixedSlide {
    return {nullptr,
            ResidualSums(model.bands, is_16_bit ? kCountQuantum : kFloatQuantum),
            {},
            std::vector<std::int64_t>(static_cast<std::size_t>(model.bands), 0),
            {}};
  };
  UnmixedSlide out = nothing_yet();
  const TissueArea& area = plan.reading.area;
  std::vector<PiecePlanes<float>> held;
  std::unique_ptr<StreamedComponents> streamed;
  if (hold) {
    for (std::size_t i = 0; i < plan.names.size(); ++i) held.emplace_back(area);
  } else {
    streamed = std::make_unique<StreamedComponents>(info, plan);
    if (checkpoints.load(kUnmixStage, [&](CheckpointReader& from) {
          load_sums(from, plan, out);
          streamed->load(from);
        })) {
      out.channels = std::move(streamed);
      return out;
    }
    // One that turns out to be damaged may have been read in part.
    out = nothing_yet();
    streamed = std::make_unique<StreamedComponents>(info, plan);
  }

  const std::int64_t raw_bytes = static_cast<std::int64_t>(is_16_bit ? 2 : 4) * model.bands;
  // A few windows for each thread, also of a small field.
  const std::int64_t fair = raw_bytes * area.pixels() / (4 * cpu_threads());
  const std::int64_t most = is_16_bit ? window_bytes<std::uint16_t>(place, plan) : window_bytes<float>(place, plan);
  const std::vector<Rect> windows =
      area.parts(reading_windows(info.extent, info.block, raw_bytes, std::clamp<std::int64_t>(fair, 1, most)));
  CrosstalkCollector crosstalk(plan.names, info.extent, area.pixels());
  ReaderPool readers(info);
  std::mutex guard;
  for_each_task(q, static_cast<std::int64_t>(windows.size()), [&](std::int64_t i) {
    const Rect window = windows[static_cast<std::size_t>(i)];
    std::vector<HostPlane<float>> made;
    if (!hold) made = new_planes(plan.names.size(), window.extent());
    std::vector<Plane<float>> targets = views_of(made);
    for (PiecePlanes<float>& planes : held) targets.push_back(planes.inside(window));
    const Plane<std::uint16_t> sets = hold ? Plane<std::uint16_t>{} : streamed->sets(window);
    const std::vector<Rect> tissue = area.tissue(window);
    if (!tissue.empty()) {
      const WindowTargets to{window, targets, sets};
      const double quantum = out.residual.quantum;
      const WindowSums sums = is_16_bit ? unmix_window<std::uint16_t>(place, readers, plan, area, to, quantum)
                                        : unmix_window<float>(place, readers, plan, area, to, quantum);
      const std::lock_guard<std::mutex> lock(guard);
      out.residual.merge(sums.residual);
      out.optimality.merge(sums.optimality);
      for (std::size_t b = 0; b < sums.saturated.size(); ++b) out.saturated[b] += sums.saturated[b];
    }
    if (hold)
      for (const Plane<float>& plane : targets) clear_outside(window, tissue, plane);
    CpuQueue one{1};
    for (const Rect& r : tissue) {
      const std::vector<Plane<float>> parts = windows_of<float>(targets, seen_from(window.x, window.y, r));
      crosstalk.add(r, std::vector<Plane<const float>>(parts.begin(), parts.end()));
      for (std::size_t c = 0; c < parts.size() && !hold; ++c) streamed->ranges().add(one, c, parts[c]);
    }
  });
  place.release_lanes();
  if (hold) {
    out.channels = std::make_unique<HeldChannels>(area, plan.names, std::move(held));
  } else {
    out.channels = std::move(streamed);
  }
  out.crosstalk =
      crosstalk.finish([&](Rect window, int channel) { return only_channel(*out.channels, window, channel); });
  if (!hold)
    checkpoints.save(kUnmixStage, [&](CheckpointWriter& to) {
      save_sums(to, out);
      static_cast<const StreamedComponents&>(*out.channels).save(q, to);
    });
  return out;
}

}  // namespace hexaplex
