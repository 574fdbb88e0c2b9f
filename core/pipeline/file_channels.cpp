#include "core/pipeline/file_channels.h"

#include <utility>

#include "core/image/tiles.h"
#include "core/io/reader_pool.h"
#include "core/pipeline/channel_ranges.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

class FileChannels : public ChannelSource {
 public:
  FileChannels(CpuQueue& q, const SlideInfo& info, const ReadingPlan& plan, std::vector<int> channels,
               std::vector<std::string> names)
      : ChannelSource(plan.area, std::move(names)),
        z_(plan.z),
        channels_(std::move(channels)),
        readers_(info.path),
        ranges_(channels_.size()) {
    const auto pixel_bytes = static_cast<std::int64_t>(sizeof(float) * channels_.size());
    const std::vector<Rect> windows =
        plan.area.parts(reading_windows(info.extent, info.block, pixel_bytes, plan.window_bytes));
    std::vector<int> all;
    for (std::size_t i = 0; i < channels_.size(); ++i) all.push_back(static_cast<int>(i));
    for_each_task(q, static_cast<std::int64_t>(windows.size()), [&](std::int64_t w) {
      CpuQueue one{1};
      const ChannelWindow seen = read(one, windows[static_cast<std::size_t>(w)], all);
      for (std::size_t i = 0; i < seen.planes.size(); ++i) ranges_.add(one, i, seen.planes[i]);
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
    const ReaderPool::Lease slide(readers_);
    for (const int c : channels) {
      out.owned.emplace_back(window.extent());
      slide->read(channels_.at(static_cast<std::size_t>(c)), z_, window, out.owned.back().view());
      out.planes.push_back(out.owned.back().view());
    }
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
  ReaderPool readers(info.path);
  for_each_task(q, static_cast<std::int64_t>(channels.size()), [&](std::int64_t i) {
    const ReaderPool::Lease slide(readers);
    for (const Rect& piece : plan.area.pieces())
      slide->read(channels[static_cast<std::size_t>(i)], plan.z, piece,
                  planes[static_cast<std::size_t>(i)].inside(piece));
  });
  return std::make_unique<HeldChannels>(plan.area, std::move(names), std::move(planes));
}

std::unique_ptr<ChannelSource> stream_file_channels(CpuQueue& q, const SlideInfo& info, const ReadingPlan& plan,
                                                    const std::vector<int>& channels, std::vector<std::string> names) {
  return std::make_unique<FileChannels>(q, info, plan, channels, std::move(names));
}

}  // namespace hexaplex
