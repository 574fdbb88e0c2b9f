#pragma once

#include "core/segmentation/nuclei.h"

namespace hexaplex {

/// The same images seen at pixels of factor x factor: means of squares that start at the image's first pixel.
NucleiImages coarser(const NucleiImages& images, int factor);

}  // namespace hexaplex
