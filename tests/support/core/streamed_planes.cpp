#include "tests/support/core/streamed_planes.h"

#include <algorithm>

namespace hexaplex::test {

StreamedPlanes::StreamedPlanes(Extent extent, std::vector<std::string> names, std::vector<Plane<const float>> planes)
    : ChannelSource(extent, names), planes_(extent, names, std::move(planes)) {}

StreamedPlanes::StreamedPlanes(const TissueArea& area, std::vector<std::string> names,
                               std::vector<PiecePlanes<float>> planes)
    : ChannelSource(area, names), planes_(area, names, std::move(planes)) {}

ChannelWindow StreamedPlanes::read_inside(const CpuQueue& q, std::size_t, Rect window,
                                          std::span<const int> channels) const {
  ChannelWindow out;
  for (const auto& view : planes_.read(q, window, channels).planes) {
    out.owned.emplace_back(window.extent());
    for (int y = 0; y < window.height; ++y) std::copy_n(view.row(y), window.width, out.owned.back().view().row(y));
    out.planes.push_back(out.owned.back().view());
  }
  return out;
}

}  // namespace hexaplex::test
