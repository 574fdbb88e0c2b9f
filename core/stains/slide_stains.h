#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/io/slide.h"
#include "core/panel/panel.h"
#include "kernels/intensity/deconvolve_stains.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Red, green and blue of a window.
class RgbWindow {
 public:
  RgbWindow(Slide& slide, int z, Rect window);
  std::array<Plane<const std::uint16_t>, 3> views() const {
    return {bands_[0].view(), bands_[1].view(), bands_[2].view()};
  }

 private:
  std::array<HostPlane<std::uint16_t>, 3> bands_;
};

/// The stains of one slide as they are told apart, in the order of the panel's channels.
struct SlideStains {
  std::vector<std::string> names;
  std::vector<StainVector> vectors;  ///< of length 1
  StainVector white{255, 255, 255};
  std::vector<std::string> warnings;  ///< sentences
  std::vector<std::string> missing;   ///< stains that were looked for and not found: their vectors are the usual ones
  std::string reference;              ///< file name of the slide that vectors were found on; empty: this one
};

/// Throws: InputError unless the slide is one RGB picture of 8 bits a colour.
void require_rgb(const SlideInfo& info);

/// Finds the stains of a slide: what the panel gives, and where it says `auto` what the slide shows.
///
/// What the panel says of a reference is left aside: core/stains/reference_stains.h.
///
/// Result: bit-identical across threads
/// Throws: InputError; ConfigError where the panel's vectors cannot be told apart
SlideStains find_stains(const CpuQueue& q, const SlideInfo& info, const Panel& panel, int z);

/// The white of a slide by itself: what the panel gives, else what the slide shows. Throws: InputError
StainVector find_white(const CpuQueue& q, const SlideInfo& info, const Panel& panel, int z);

}  // namespace hexaplex
