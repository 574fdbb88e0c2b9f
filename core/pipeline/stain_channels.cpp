#include "core/pipeline/stain_channels.h"

#include <utility>

namespace hexaplex {

ChannelMaker stain_maker(const SlideStains& stains, std::vector<std::string> names, int z) {
  ChannelMaker maker;
  maker.names = std::move(names);
  maker.raw_bytes = 3 * sizeof(std::uint16_t);
  const StainModel model = make_stain_model(stains.vectors, stains.white);
  maker.make = [model, z](Slide& slide, Rect window, std::span<const int> channels, std::span<const Plane<float>> dst) {
    const RgbWindow rgb(slide, z, window);
    std::vector<Plane<float>> amounts(static_cast<std::size_t>(model.stains));
    for (std::size_t i = 0; i < channels.size(); ++i) amounts[static_cast<std::size_t>(channels[i])] = dst[i];
    deconvolve_stains(CpuQueue{1}, model, rgb.views(), amounts);
  };
  return maker;
}

}  // namespace hexaplex
