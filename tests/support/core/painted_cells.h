#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "core/cells/cell_table.h"
#include "core/image/labels.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex::test {

/// Labelled discs of all sizes, some of them cut by later ones; a ring around the field, larger than any tile's window
/// may grow; a pair of spots far apart that share a label. And three channels of noise.
struct PaintedCells {
  Extent e{900, 640};
  LabelPair labels{HostPlane<std::uint32_t>(e, 0u), HostPlane<std::uint32_t>(e, 0u)};
  std::vector<HostPlane<float>> planes;
  std::vector<std::string> names;

  PaintedCells() {
    std::mt19937 random(4);
    for (std::uint32_t label = 5000; label > 4400; label -= 2) {
      const int cx = static_cast<int>(random() % 900), cy = static_cast<int>(random() % 640),
                r = static_cast<int>(random() % (label % 25 == 0 ? 70 : 12));
      for (int y = std::max(0, cy - r); y <= std::min(e.height - 1, cy + r); ++y)
        for (int x = std::max(0, cx - r); x <= std::min(e.width - 1, cx + r); ++x) {
          const int d2 = (x - cx) * (x - cx) + (y - cy) * (y - cy);
          if (d2 > r * r) continue;
          labels.cell(x, y) = label;
          labels.nucleus(x, y) = 2 * d2 <= r * r && label % 5 != 0 ? label : 0;
        }
    }
    for (int x = 3; x < 897; ++x) labels.cell(x, 3) = labels.cell(x, 636) = labels.nucleus(x, 3) = 77;
    for (int y = 3; y < 637; ++y) labels.cell(3, y) = labels.cell(896, y) = 77;
    labels.cell(10, 10) = labels.cell(880, 600) = 4000000000u;
    std::uniform_real_distribution<float> value(-3.0f, 47.0f);
    for (int c = 0; c < 3; ++c) {
      planes.emplace_back(e);
      for (std::int64_t i = 0; i < e.area(); ++i) planes.back().data()[i] = value(random);
      names.push_back("M" + std::to_string(c));
    }
  }
  std::vector<Plane<const float>> views() const {
    std::vector<Plane<const float>> out;
    for (const auto& p : planes) out.push_back(p.view());
    return out;
  }
};

template <class T>
bool same_bits(const HostVector<T>& a, const HostVector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

inline void expect_same(const CellTable& a, const CellTable& b) {
  EXPECT_TRUE(same_bits(a.cell_id, b.cell_id));
  EXPECT_TRUE(same_bits(a.cell, b.cell));
  EXPECT_TRUE(same_bits(a.nucleus, b.nucleus));
  EXPECT_TRUE(same_bits(a.cytoplasm_area_px, b.cytoplasm_area_px));
  EXPECT_TRUE(same_bits(a.membrane_area_px, b.membrane_area_px));
  for (std::size_t m = 0; m < a.markers.size(); ++m)
    for (const Compartment c : kCompartments)
      for (const Statistic s : kStatistics) EXPECT_TRUE(same_bits(a.values(m, c, s), b.values(m, c, s)));
}

}  // namespace hexaplex::test
