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
      : ChannelSource(info.extent, std::move(names)),
        z_(plan.z),
        channels_(std::move(channels)),
        readers_(info),
        ranges_(channels_.size()) {
    const auto pixel_bytes = static_cast<std::int64_t>(sizeof(float) * channels_.size());
    const std::vector<Rect> windows = reading_windows(info.extent, info.block, pixel_bytes, plan.window_bytes);
    std::vector<int> all;
    for (std::size_t i = 0; i < channels_.size(); ++i) all.push_back(static_cast<int>(i));
    for_each_task(q, static_cast<std::int64_t>(windows.size()), [&](std::int64_t w) {
      CpuQueue one{1};
      const ChannelWindow seen = read(one, windows[static_cast<std::size_t>(w)], all);
      for (std::size_t i = 0; i < seen.planes.size(); ++i) ranges_.add(one, i, seen.planes[i]);
    });
  }

  bool held() const override { return false; }

  ChannelWindow read(const CpuQueue&, Rect window, std::span<const int> channels) const override {
    ChannelWindow out;
    const ReaderPool::Lease slide(readers_);
    for (const int c : channels) {
      out.owned.emplace_back(window.extent());
      slide->read(channels_.at(static_cast<std::size_t>(c)), z_, window, out.owned.back().view());
      out.planes.push_back(out.owned.back().view());
    }
    return out;
  }

  Histogram16 histogram(CpuQueue&, int channel) const override {
    return ranges_.histogram(static_cast<std::size_t>(channel));
  }
  float largest_magnitude(const CpuQueue&, int channel) const override {
    return ranges_.largest_magnitude(static_cast<std::size_t>(channel));
  }

 private:
  int z_;
  std::vector<int> channels_;
  mutable ReaderPool readers_;
  ChannelRanges ranges_;
};

}  // namespace

std::unique_ptr<ChannelSource> hold_file_channels(CpuQueue& q, const SlideInfo& info, int z,
                                                  const std::vector<int>& channels, std::vector<std::string> names,
                                                  double um_per_px) {
  Field field;
  field.extent = info.extent;
  field.um_per_px = um_per_px;
  for (std::string& name : names) field.channels.push_back({std::move(name), HostPlane<float>(info.extent)});
  ReaderPool readers(info);
  for_each_task(q, static_cast<std::int64_t>(channels.size()), [&](std::int64_t i) {
    const ReaderPool::Lease slide(readers);
    slide->read(channels[static_cast<std::size_t>(i)], z, {0, 0, info.extent.width, info.extent.height},
                field.channels[static_cast<std::size_t>(i)].pixels.view());
  });
  return std::make_unique<HeldChannels>(std::move(field));
}

std::unique_ptr<ChannelSource> stream_file_channels(CpuQueue& q, const SlideInfo& info, const ReadingPlan& plan,
                                                    const std::vector<int>& channels, std::vector<std::string> names) {
  return std::make_unique<FileChannels>(q, info, plan, channels, std::move(names));
}

}  // namespace hexaplex
