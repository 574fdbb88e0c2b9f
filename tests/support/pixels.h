#pragma once

#include <gtest/gtest.h>

#include <random>

#include "kernels/runtime/host_plane.h"

namespace hexaplex::testing {

/// Values over the whole range of T, the same on every machine.
template <class T>
HostPlane<T> random_plane(Extent extent, unsigned seed) {
  HostPlane<T> plane(extent);
  std::mt19937 random(seed);
  for (std::int64_t i = 0; i < extent.area(); ++i) plane.data()[i] = static_cast<T>(random());
  return plane;
}

/// Equal extents and pixels; names the first pixel that differs.
template <class T>
::testing::AssertionResult same_pixels(const HostPlane<T>& want, const HostPlane<T>& got) {
  if (!(want.extent() == got.extent())) return ::testing::AssertionFailure() << "extents differ";
  for (int y = 0; y < want.height(); ++y)
    for (int x = 0; x < want.width(); ++x)
      if (!(want(x, y) == got(x, y)))
        return ::testing::AssertionFailure()
               << "(" << x << ", " << y << "): want " << +want(x, y) << ", got " << +got(x, y);
  return ::testing::AssertionSuccess();
}

}  // namespace hexaplex::testing
