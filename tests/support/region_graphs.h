#pragma once

#include <gtest/gtest.h>

#include <string>

#include "kernels/segment/region_graph.h"
#include "tests/support/labels.h"
#include "tests/support/pixels.h"

namespace hexaplex::testing {

/// Three images to sum over regions.
struct GraphImages {
  HostPlane<std::uint16_t> level, wall, linear;
  explicit GraphImages(Extent e, unsigned seed = 1)
      : level(random_plane<std::uint16_t>(e, seed)),
        wall(random_plane<std::uint16_t>(e, seed + 1)),
        linear(random_plane<std::uint16_t>(e, seed + 2)) {}
  RegionImages views() const { return {level.view(), wall.view(), linear.view()}; }
};

/// Images in which neighbouring regions are alike enough for many merges.
inline GraphImages mergeable_images(const Labels& labels, unsigned seed) {
  GraphImages images(labels.extent(), seed);
  for (std::int64_t i = 0; i < labels.extent().area(); ++i) {
    images.level.data()[i] =
        static_cast<std::uint16_t>(12000 + images.level.data()[i] % 3000 + 700 * (labels.data()[i] % 5));
    images.wall.data()[i] = static_cast<std::uint16_t>(images.wall.data()[i] % 4000);
  }
  return images;
}

inline RegionGraph graph_by_cpu(const Labels& labels, const RegionImages& images, std::uint32_t regions) {
  RegionGraphBuilder builder(regions);
  CpuQueue q;
  builder.add(q, {0, 0, labels.width(), labels.height()}, labels.view(), images, 0, 0);
  return builder.finish();
}

inline ::testing::AssertionResult same_graph(const RegionGraph& want, const RegionGraph& got) {
  if (want.regions.size() != got.regions.size()) return ::testing::AssertionFailure() << "numbers of regions differ";
  if (want.contacts.size() != got.contacts.size())
    return ::testing::AssertionFailure() << want.contacts.size() << " contacts wanted, " << got.contacts.size();
  for (std::size_t i = 0; i < want.regions.size(); ++i) {
    const RegionSums &a = want.regions[i], &b = got.regions[i];
    if (a.area != b.area || a.x != b.x || a.y != b.y || a.xx != b.xx || a.yy != b.yy || a.xy != b.xy ||
        a.level != b.level || a.wall != b.wall || a.linear != b.linear)
      return ::testing::AssertionFailure() << "region " << i << " differs";
  }
  for (std::size_t k = 0; k < want.contacts.size(); ++k) {
    const Contact &a = want.contacts[k], &b = got.contacts[k];
    if (a.first != b.first || a.second != b.second || a.length != b.length || a.level != b.level || a.wall != b.wall)
      return ::testing::AssertionFailure() << "contact " << k << " differs";
  }
  return ::testing::AssertionSuccess();
}

}  // namespace hexaplex::testing
