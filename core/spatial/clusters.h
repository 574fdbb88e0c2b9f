#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hexaplex {

/// A place on a slide.
struct PointUm {
  double x = 0, y = 0;
};

/// DBSCAN: a point with at least `min_points` within `radius_um` (itself included, and those at that very distance) is
/// a core; cores within reach of each other are one cluster, and a point that is no core belongs to the core in reach
/// that comes first in the list. Clusters are numbered 0 .. by their first core; -1: no cluster.
///
/// Result: depends on the list alone, and numbers aside not on its order but for points in reach of two clusters
/// Throws: InvalidArgument for a radius or coordinates that are not finite, radius_um below 1e-6, min_points < 1
/// Source: M. Ester et al., KDD 1996, 226
std::vector<std::int32_t> find_clusters(std::span<const PointUm> points, double radius_um, int min_points);

}  // namespace hexaplex
