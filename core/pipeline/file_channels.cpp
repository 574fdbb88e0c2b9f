#include "core/pipeline/file_channels.h"

#include <utility>

#include "core/image/tiles.h"
#include "core/io/reader_pool.h"
#include "core/pipeline/channel_ranges.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

// Some channels of a window; dark where there is no tissue.
void read_tissue(ReaderPool& readers, std::span<const int> channels, int z, const TissueArea& area, Rect window,
                 std::span<const Plane<float>> dst) {
  const std::vector<Rect> tissue = area.tissue(window);
  if (!tissue.empty()) {
    const ReaderPool::Lease slide(readers);
    for (std::size_t i = 0; i < channels.size(); ++i) slide->read(channels[i], z, window, dst[i]);
  }
  for (const Plane<float>& plane : dst) clear_outside(window, tissue, plane);
}

class FileChannels : public ChannelSource {
 public:
  FileChannels(CpuQueue& q, const SlideInfo& info, const ReadingPlan& plan, std::vector<int> channels,
               std::vector<std::string> names)
      : ChannelSource(plan.area, std::move(names)),
        z_(plan.z),
        channels_(std::move(channels)),
        readers_(info),
        ranges_(channels_.size()) {
    const auto pixel_bytes = static_cast<std::int64_t>(sizeof(float) * channels_.size());
    const std::vector<Rect> windows =
        plan.area.parts(reading_windows(info.extent, info.block, pixel_bytes, plan.window_bytes));
    std::vector<int> all;
    for (std::size_t i = 0; i < channels_.size(); ++i) all.push_back(static_cast<int>(i));
    for_each_task(q, static_cast<std::int64_t>(windows.size()), [&](std::int64_t w) {
      CpuQueue one{1};
      const ChannelWindow seen = read(one, windows[static_cast<std::size_t>(w)], all);
      for (const Rect& r : area().tissue(windows[static_cast<std::size_t>(w)])) {
        const Rect part = seen_from(windows[static_cast<std::size_t>(w)].x, windows[static_cast<std::size_t>(w)].y, r);
        for (std::size_t i = 0; i < seen.planes.size(); ++i) ranges_.add(one, i, seen.planes[i].window(part));
      }
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
    for (std::size_t i = 0; i < channels.size(); ++i) {
      out.owned.emplace_back(window.extent());
      out.planes.push_back(out.owned.back().view());
    }
    std::vector<int> of_file;
    for (const int c : channels) of_file.push_back(channels_.at(static_cast<std::size_t>(c)));
    std::vector<Plane<float>> planes;
    for (HostPlane<float>& p : out.owned) planes.push_back(p.view());
    read_tissue(readers_, of_file, z_, area(), window, planes);
    return out;
  }

 private:
  int z_;
  std::vector<int> channels_;
  mutable ReaderPool readers_;
  ChannelRanges ranges_;
};

}  // namespace

std::unique_ptr<ChannelSource> hold_file_channels(CpuQueue& q, const SlideInfo& info, const ReadingPlan& plan,
                                                  const std::vector<int>& channels, std::vector<std::string> names) {
  std::vector<PiecePlanes<float>> planes;
  for (std::size_t i = 0; i < channels.size(); ++i) planes.emplace_back(plan.area);
  ReaderPool readers(info);
  for_each_task(q, static_cast<std::int64_t>(channels.size()), [&](std::int64_t i) {
    const int channel = channels[static_cast<std::size_t>(i)];
    for (const Rect& piece : plan.area.pieces()) {
      const Plane<float> pixels = planes[static_cast<std::size_t>(i)].inside(piece);
      read_tissue(readers, {&channel, 1}, plan.z, plan.area, piece, {&pixels, 1});
    }
  });
  return std::make_unique<HeldChannels>(plan.area, std::move(names), std::move(planes));
}

std::unique_ptr<ChannelSource> stream_file_channels(CpuQueue& q, const SlideInfo& info, const ReadingPlan& plan,
                                                    const std::vector<int>& channels, std::vector<std::string> names) {
  return std::make_unique<FileChannels>(q, info, plan, channels, std::move(names));
}

}  // namespace hexaplex
