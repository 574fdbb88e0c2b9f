#include "core/image/channel_source.h"

#include <algorithm>

#include "kernels/measure/region_stats.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

ChannelWindow ChannelSource::read(const CpuQueue& q, Rect window, std::span<const int> channels) const {
  if (const auto piece = area_.piece_around(window)) return read_inside(q, *piece, window, channels);
  ChannelWindow out;
  for (std::size_t i = 0; i < channels.size(); ++i) out.owned.emplace_back(window.extent(), 0.0f);
  for (std::size_t piece = 0; piece < area_.pieces().size(); ++piece) {
    const Rect part = common(area_.pieces()[piece], window);
    if (part.extent().empty()) continue;
    const ChannelWindow seen = read_inside(q, piece, part, channels);
    for (std::size_t i = 0; i < channels.size(); ++i)
      for (int y = 0; y < part.height; ++y)
        std::copy_n(seen.planes[i].row(y), part.width,
                    out.owned[i].view().row(part.y - window.y + y) + part.x - window.x);
  }
  for (const HostPlane<float>& p : out.owned) out.planes.push_back(p.view());
  return out;
}

HeldChannels::HeldChannels(Extent extent, std::vector<std::string> names, std::vector<Plane<const float>> planes)
    : ChannelSource(TissueArea(extent), std::move(names)) {
  HX_EXPECT(planes.size() == this->names().size(), "one plane is needed for each channel");
  for (const Plane<const float>& p : planes) {
    HX_EXPECT(p.extent == extent, "the channels differ in extent");
    views_.emplace_back(p);
  }
}

HeldChannels::HeldChannels(const TissueArea& area, std::vector<std::string> names,
                           std::vector<PiecePlanes<float>> planes)
    : ChannelSource(area, std::move(names)), owned_(std::move(planes)) {
  HX_EXPECT(owned_.size() == this->names().size(), "one plane is needed for each channel");
  for (const PiecePlanes<float>& p : owned_) views_.push_back(p.view());
}

ChannelWindow HeldChannels::read_inside(const CpuQueue&, std::size_t piece, Rect window,
                                        std::span<const int> channels) const {
  ChannelWindow out;
  for (int c : channels) out.planes.push_back(views_.at(static_cast<std::size_t>(c)).inside(piece, window));
  return out;
}

Histogram16 HeldChannels::histogram(CpuQueue& q, int channel) const {
  Histogram16 h = empty_histogram();
  const PieceView<float>& view = views_.at(static_cast<std::size_t>(channel));
  for (std::size_t i = 0; i < area().pieces().size(); ++i)
    for (const Rect& r : area().tissue(area().pieces()[i])) add_to_histogram(q, view.inside(i, r), h);
  return h;
}

float HeldChannels::largest_magnitude(const CpuQueue& q, int channel) const {
  float largest = 0;
  for (std::size_t i = 0; i < area().pieces().size(); ++i)
    largest = std::max(largest, hexaplex::largest_magnitude(q, views_.at(static_cast<std::size_t>(channel)).piece(i)));
  return largest;
}

}  // namespace hexaplex
