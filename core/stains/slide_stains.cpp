#include "core/stains/slide_stains.h"

#include <fmt/format.h>

#include <cmath>

#include "core/stains/known_stains.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

StainVector unit(StainVector v) {
  const double norm = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  for (double& x : v) x /= norm;
  return v;
}

StainVector vector_of(const Panel& panel, const std::string& stain) {
  const auto own = panel.stains.vectors.find(stain);
  if (own != panel.stains.vectors.end()) return unit(own->second);
  const std::optional<StainVector> known = known_stain(stain);
  HX_EXPECT(known, "a panel's stains are known: check_panel has seen to it");
  return unit(*known);
}

}  // namespace

RgbWindow::RgbWindow(Slide& slide, int z, Rect window) {
  for (int b = 0; b < 3; ++b) {
    HostPlane<std::uint16_t>& band = bands_[static_cast<std::size_t>(b)];
    band = HostPlane<std::uint16_t>(window.extent());
    slide.read(b, z, window, band.view());
  }
}

void require_rgb(const SlideInfo& info) {
  if (!info.rgb || info.channels.size() != 3)
    throw InputError(
        info.path.string(),
        fmt::format("is no RGB picture but has {} channel{}; a brightfield panel needs red, green and blue",
                    info.channels.size(), info.channels.size() == 1 ? "" : "s"));
  if (info.sample_type != SampleType::uint8)
    throw InputError(info.path.string(),
                     "stores its colours with more than 8 bits; export it as an RGB picture of 8 bits a colour");
}

SlideStains find_stains(const CpuQueue&, const SlideInfo& info, const Panel& panel, int) {
  require_rgb(info);
  SlideStains out;
  for (const PanelChannel& c : panel.channels) {
    out.names.push_back(c.stain);
    out.vectors.push_back(vector_of(panel, c.stain));
  }
  out.white = panel.stains.white.value_or(StainVector{255, 255, 255});
  return out;
}

}  // namespace hexaplex
