#include "kernels/filter/gaussian.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "kernels/filter/gaussian_pixel.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex {
namespace {

HostPlane<std::uint16_t> noise(Extent extent, unsigned seed) {
  HostPlane<std::uint16_t> plane(extent);
  std::mt19937 random(seed);
  for (std::int64_t i = 0; i < extent.area(); ++i) plane.data()[i] = static_cast<std::uint16_t>(random());
  return plane;
}

HostPlane<std::uint16_t> by_functor(const HostPlane<std::uint16_t>& src, double sigma_px) {
  const GaussianWeights weights = gaussian_weights(sigma_px);
  HostPlane<std::uint16_t> rows(src.extent()), out(src.extent());
  const detail::GaussianVertical vertical{src.view(), rows.view(), weights};
  const detail::GaussianHorizontal horizontal{rows.view(), out.view(), weights};
  for (int y = 0; y < src.height(); ++y)
    for (int x = 0; x < src.width(); ++x) vertical(x, y);
  for (int y = 0; y < src.height(); ++y)
    for (int x = 0; x < src.width(); ++x) horizontal(x, y);
  return out;
}

TEST(Gaussian, VectorLoopsEqualTheFunctor) {
  Queue q = CpuQueue{};
  for (const Extent extent : {Extent{1, 1}, {1, 70}, {70, 1}, {3, 5}, {257, 65}, {1100, 40}})
    for (double sigma_px : {0.2, 0.7, 2.0, 5.3, 64.0}) {
      const auto src = noise(extent, 1);
      HostPlane<std::uint16_t> dst(extent, 0);
      gaussian_blur(q, src.view(), dst.view(), {sigma_px});
      const auto want = by_functor(src, sigma_px);
      EXPECT_TRUE(std::equal(want.data(), want.data() + extent.area(), dst.data()))
          << extent.width << " x " << extent.height << " sigma " << sigma_px;
    }
}

}  // namespace
}  // namespace hexaplex
