#pragma once

#include "core/image/channel_source.h"

namespace hexaplex::test {

/// Planes that say they are not held: every reading makes copies, as a slide that is read from its file does.
class StreamedPlanes : public ChannelSource {
 public:
  StreamedPlanes(const TissueArea& area, std::vector<std::string> names, std::vector<PiecePlanes<float>> planes);
  StreamedPlanes(Extent extent, std::vector<std::string> names, std::vector<Plane<const float>> planes);

  bool held() const override { return false; }
  Histogram16 histogram(CpuQueue& q, int channel) const override { return planes_.histogram(q, channel); }
  float largest_magnitude(const CpuQueue& q, int channel) const override {
    return planes_.largest_magnitude(q, channel);
  }

 protected:
  ChannelWindow read_inside(const CpuQueue& q, std::size_t piece, Rect window,
                            std::span<const int> channels) const override;

 private:
  HeldChannels planes_;
};

}  // namespace hexaplex::test
