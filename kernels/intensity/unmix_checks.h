#pragma once

#include <span>

#include "kernels/intensity/unmix_model.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/plane.h"

namespace hexaplex::detail {

/// Checks that the bands fit the model, and all planes each other; gives their extent.
template <class T, class X>
Extent check_extents(const UnmixModel& model, std::span<const Plane<const T>> bands,
                     std::span<const Plane<X>> components) {
  HX_EXPECT(static_cast<int>(bands.size()) == model.bands, "one plane per band of the library is needed");
  const Extent extent = bands[0].extent;
  for (const auto& p : bands) HX_EXPECT(p.extent == extent, "the bands differ in extent");
  for (const auto& p : components) HX_EXPECT(p.extent == extent, "components and bands differ in extent");
  return extent;
}

/// The same where every component of the model is wanted.
template <class T, class X>
Extent unmix_extent(const UnmixModel& model, std::span<const Plane<const T>> bands,
                    std::span<const Plane<X>> components) {
  HX_EXPECT(static_cast<int>(components.size()) == model.components, "one plane per component is needed");
  return check_extents(model, bands, components);
}

}  // namespace hexaplex::detail
