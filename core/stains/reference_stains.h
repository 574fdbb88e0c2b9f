#pragma once

#include "core/io/slide.h"
#include "core/panel/panel.h"
#include "core/stains/slide_stains.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// The stains of a slide whose panel names a reference: vectors are those that the reference shows, beside its own
/// white; white is this slide's, since lamps and glass differ where the staining does not. A slide on which a stain is
/// faint is then unmixed like one on which it is strong.
///
/// @param z, reference_z  planes of a stack, from 0
/// Result: bit-identical across threads; of the reference itself what find_stains gives
/// Throws: InputError where a slide is no RGB picture, or the reference does not show every stain of the panel
SlideStains find_stains_by_reference(const CpuQueue& q, const SlideInfo& info, int z, const SlideInfo& reference,
                                     int reference_z, const Panel& panel);

}  // namespace hexaplex
