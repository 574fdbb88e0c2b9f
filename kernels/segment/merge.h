#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/runtime/host_memory.h"
#include "kernels/segment/region_graph.h"

namespace hexaplex {

/// Natural log-odds that two touching regions are one nucleus: a sum of weighted features of additive sums.
/// Source of the weights: logistic fit on touching pairs of six real sets and crops of phantoms; docs/segmentation.md.
struct MergeWeights {
  double bias = 8.0;
  double depth = -7.4;  ///< min of the mean levels - mean level along the contact: a dark line between them
  double step = -3.3;   ///< difference of the mean levels
  double neck = 2.0;    ///< contact length / equivalent diameter of the smaller region, at most 1.5
  double round = -9.2;  ///< area-weighted mean of A / (4 pi sqrt(det covariance)); 1 for an ellipse
  double area = -2.9;   ///< ln of the joint area over that of a median nucleus
  double wall = -8.9;   ///< mean wall along the contact - max of the mean walls inside
};

struct MergeParams {
  MergeWeights weights;
  double nucleus_px = 14;           ///< median nucleus diameter, pixels; 1e-100 .. 1e100
  double largest_nuclei = 6;        ///< no merge beyond this many nucleus areas
  double level_unit = 1 / 16384.0;  ///< of RegionSums::level, natural logarithm
  double wall_unit = 1 / 16384.0;   ///< of RegionSums::wall
  int rounds = 8;
};

/// Merges regions in rounds. In each, every region names its best neighbour (largest positive odds; ties to the lower
/// pair of labels), and pairs that name each other become one, under the lower label. Works on tables only; no order of
/// processing enters. Stops early when a round merges nothing.
///
/// @param graph  contacts of regions that have pixels; in any order, each pair once or in parts
/// @return  for each label the label it now belongs to (itself where nothing happened); entry 0 is 0
/// Side effect: `graph` is left merged: sums under the surviving labels, the rest zero.
/// Throws: InvalidArgument
HostVector<std::uint32_t> merge_regions(RegionGraph& graph, const MergeParams& p);

/// For each label the mean of the linear image over what it was merged into; 0 for labels without pixels.
/// @param graph, into  as merge_regions leaves them
HostVector<std::uint16_t> own_levels(const RegionGraph& graph, std::span<const std::uint32_t> into);

}  // namespace hexaplex
