#include "core/pipeline/made_channels.h"

#include <numeric>
#include <utility>

#include "core/image/tiles.h"
#include "core/io/reader_pool.h"
#include "core/pipeline/channel_ranges.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

void make_tissue(ReaderPool& readers, const ChannelMaker& maker, const TissueArea& area, Rect window,
                 std::span<const int> channels, std::span<const Plane<float>> dst) {
  const std::vector<Rect> tissue = area.tissue(window);
  if (!tissue.empty()) {
    const ReaderPool::Lease slide(readers);
    maker.make(*slide, window, channels, dst);
  }
  for (const Plane<float>& plane : dst) clear_outside(window, tissue, plane);
}

std::vector<Rect> windows_of(const SlideInfo& info, const ReadingPlan& plan, const ChannelMaker& maker) {
  const auto pixel_bytes = static_cast<std::int64_t>(maker.raw_bytes + sizeof(float) * maker.names.size());
  return plan.area.parts(reading_windows(info.extent, info.block, pixel_bytes, plan.window_bytes));
}

std::vector<int> all_of(const ChannelMaker& maker) {
  std::vector<int> all(maker.names.size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

class MadeChannels : public ChannelSource {
 public:
  MadeChannels(CpuQueue& q, const SlideInfo& info, const ReadingPlan& plan, ChannelMaker maker)
      : ChannelSource(plan.area, maker.names), maker_(std::move(maker)), readers_(info), ranges_(maker_.names.size()) {
    const std::vector<Rect> windows = windows_of(info, plan, maker_);
    const std::vector<int> all = all_of(maker_);
    for_each_task(q, static_cast<std::int64_t>(windows.size()), [&](std::int64_t w) {
      CpuQueue one{1};
      const Rect& window = windows[static_cast<std::size_t>(w)];
      const ChannelWindow seen = read(one, window, all);
      for (const Rect& r : area().tissue(window))
        for (std::size_t i = 0; i < seen.planes.size(); ++i)
          ranges_.add(one, i, seen.planes[i].window(seen_from(window.x, window.y, r)));
    });
  }

  bool held() const override { return false; }

  Histogram16 histogram(CpuQueue&, int channel) const override {
    return ranges_.histogram(static_cast<std::size_t>(channel));
  }
  float largest_magnitude(const CpuQueue&, int channel) const override {
    return ranges_.largest_magnitude(static_cast<std::size_t>(channel));
  }

 protected:
  ChannelWindow read_inside(const CpuQueue&, std::size_t, Rect window, std::span<const int> channels) const override {
    ChannelWindow out;
    std::vector<Plane<float>> planes;
    for (std::size_t i = 0; i < channels.size(); ++i) out.owned.emplace_back(window.extent());
    for (HostPlane<float>& p : out.owned) {
      planes.push_back(p.view());
      out.planes.push_back(p.view());
    }
    make_tissue(readers_, maker_, area(), window, channels, planes);
    return out;
  }

 private:
  ChannelMaker maker_;
  mutable ReaderPool readers_;
  ChannelRanges ranges_;
};

std::unique_ptr<ChannelSource> hold(CpuQueue& q, const SlideInfo& info, const ReadingPlan& plan, ChannelMaker maker) {
  std::vector<PiecePlanes<float>> planes;
  for (std::size_t i = 0; i < maker.names.size(); ++i) planes.emplace_back(plan.area);
  ReaderPool readers(info);
  const std::vector<Rect> windows = windows_of(info, plan, maker);
  const std::vector<int> all = all_of(maker);
  for_each_task(q, static_cast<std::int64_t>(windows.size()), [&](std::int64_t w) {
    const Rect& window = windows[static_cast<std::size_t>(w)];
    std::vector<Plane<float>> dst;
    for (PiecePlanes<float>& p : planes) dst.push_back(p.inside(window));
    make_tissue(readers, maker, plan.area, window, all, dst);
  });
  return std::make_unique<HeldChannels>(plan.area, std::move(maker.names), std::move(planes));
}

}  // namespace

std::unique_ptr<ChannelSource> make_channels(CpuQueue& q, const SlideInfo& info, const ReadingPlan& plan,
                                             ChannelMaker maker) {
  if (plan.hold) return hold(q, info, plan, std::move(maker));
  return std::make_unique<MadeChannels>(q, info, plan, std::move(maker));
}

}  // namespace hexaplex
