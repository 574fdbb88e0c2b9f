#pragma once

#include <cstdint>
#include <vector>

#include "core/io/slide.h"
#include "kernels/intensity/deconvolve_stains.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// A colour of a picture: the mean of all pixels that share the upper 5 bits of red, green and blue.
struct Colour {
  double pixels = 0;
  StainVector mean{};
};

/// The colours of a slide, in a fixed order: counts and whole sums, so that no order of reading shows. Of slides above
/// 2^27 pixels every n-th window of 512 pixels is looked at, spread evenly.
///
/// Throws: InputError where the slide cannot be read
std::vector<Colour> survey_colours(const CpuQueue& q, const SlideInfo& info, int z);

/// The colour of empty glass: of the colours that are frequent and within 4 % of the brightest such, the one with the
/// most pixels. Without glass it is that of what comes nearest.
///
/// @param colours  not empty
StainVector white_point(const std::vector<Colour>& colours);

}  // namespace hexaplex
