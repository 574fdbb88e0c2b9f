#include "core/classify/cell_features.h"

#include <algorithm>
#include <cmath>
#include <nanoflann.hpp>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr double kNearUm = 20, kFarUm = 1000, kReference = 0.2;
constexpr std::size_t kNeighbours = 10;

// The nuclei as nanoflann reads them.
struct Places {
  std::span<const NucleusValues> nuclei;
  std::size_t kdtree_get_point_count() const { return nuclei.size(); }
  double kdtree_get_pt(std::size_t i, std::size_t axis) const { return axis == 0 ? nuclei[i].x_um : nuclei[i].y_um; }
  template <class Box>
  bool kdtree_get_bbox(Box&) const {
    return false;
  }
};
using Tree = nanoflann::KDTreeSingleIndexAdaptor<nanoflann::L2_Simple_Adaptor<double, Places>, Places, 2, std::size_t>;

double stain_reference(std::span<const NucleusValues> nuclei) {
  std::vector<double> means;
  for (const NucleusValues& n : nuclei) means.push_back(n.mean);
  const auto at = means.begin() + static_cast<std::ptrdiff_t>(kReference * static_cast<double>(means.size() - 1));
  std::nth_element(means.begin(), at, means.end());
  return *at > 0 ? *at : 1.0;
}

// Others by distance, equal ones by index.
struct Neighbour {
  double squared;
  std::size_t index;
  bool operator<(const Neighbour& o) const { return squared != o.squared ? squared < o.squared : index < o.index; }
};

std::vector<Neighbour> neighbours_of(const Tree& tree, std::span<const NucleusValues> nuclei, std::size_t i) {
  const std::size_t wanted = std::min(nuclei.size(), kNeighbours + 1);
  std::vector<std::size_t> index(wanted);
  std::vector<double> squared(wanted);
  const double at[2] = {nuclei[i].x_um, nuclei[i].y_um};
  const std::size_t found = tree.knnSearch(at, wanted, index.data(), squared.data());
  std::vector<Neighbour> near;
  for (std::size_t k = 0; k < found; ++k)
    if (index[k] != i) near.push_back({squared[k], index[k]});
  std::sort(near.begin(), near.end());
  if (near.size() > kNeighbours) near.resize(kNeighbours);  // itself lay at the same place as others
  return near;
}

std::size_t count_within(const Tree& tree, const NucleusValues& n) {
  const double at[2] = {n.x_um, n.y_um};
  std::vector<std::pair<std::size_t, double>> near;
  return tree.radiusSearch(at, kNearUm * kNearUm, near, nanoflann::SearchParams()) - 1;  // without itself
}

}  // namespace

std::vector<CellFeatures> cell_features(std::span<const NucleusValues> nuclei) {
  std::vector<CellFeatures> out(nuclei.size());
  if (nuclei.empty()) return out;
  for (const NucleusValues& n : nuclei)
    HX_EXPECT(std::isfinite(n.x_um) && std::isfinite(n.y_um) && std::isfinite(n.area_um2) && std::isfinite(n.mean) &&
                  std::isfinite(n.std),
              "a nucleus needs a place, an area and a stain");
  const double reference = stain_reference(nuclei);
  const Places places{nuclei};
  const Tree tree(2, places, nanoflann::KDTreeSingleIndexAdaptorParams(16));
  for (std::size_t i = 0; i < nuclei.size(); ++i) {
    const std::vector<Neighbour> near = neighbours_of(tree, nuclei, i);
    const auto distance = [&](std::size_t k) { return k < near.size() ? std::sqrt(near[k].squared) : kFarUm; };
    const auto mean_of = [&](std::size_t others, double NucleusValues::*value) {
      const std::size_t count = std::min(others, near.size());
      double sum = nuclei[i].*value;
      for (std::size_t k = 0; k < count; ++k) sum += nuclei[near[k].index].*value;
      return sum / static_cast<double>(count + 1);
    };
    const double values[] = {nuclei[i].area_um2,
                             nuclei[i].mean / reference,
                             nuclei[i].std / reference,
                             static_cast<double>(count_within(tree, nuclei[i])),
                             distance(0),
                             distance(2),
                             distance(4),
                             mean_of(5, &NucleusValues::area_um2),
                             mean_of(5, &NucleusValues::mean) / reference,
                             mean_of(10, &NucleusValues::area_um2),
                             mean_of(10, &NucleusValues::mean) / reference};
    for (std::size_t f = 0; f < out[i].size(); ++f) out[i][f] = static_cast<float>(values[f]);
  }
  return out;
}

}  // namespace hexaplex
