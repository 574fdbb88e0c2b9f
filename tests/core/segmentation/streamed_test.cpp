// Segmentation of channels that are not held: the labels of those that are.
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "core/segmentation/cells.h"
#include "core/segmentation/diameter.h"
#include "tests/support/core/streamed_planes.h"

namespace hexaplex {
namespace {

// Blobs of light on noise, some of them giant, with a marker around these.
struct Tissue {
  Extent e{420, 360};
  std::vector<HostPlane<float>> planes;
  Tissue() {
    std::mt19937 random(8);
    for (int c = 0; c < 4; ++c) {
      planes.emplace_back(e);
      for (std::int64_t i = 0; i < e.area(); ++i) planes.back().data()[i] = static_cast<float>(random() % 100) * 0.01f;
    }
    for (int i = 0; i < 220; ++i) {
      const bool giant = i < 4;
      const int cx = static_cast<int>(random() % 420), cy = static_cast<int>(random() % 360), r = giant ? 24 : 6;
      for (int y = std::max(0, cy - 2 * r); y <= std::min(359, cy + 2 * r); ++y)
        for (int x = std::max(0, cx - 2 * r); x <= std::min(419, cx + 2 * r); ++x) {
          const float d2 = static_cast<float>((x - cx) * (x - cx) + (y - cy) * (y - cy)) / static_cast<float>(r * r);
          if (d2 < 1) planes[0](x, y) += 20 * (1.2f - d2);
          if (d2 > 0.7f && d2 < 1.6f) planes[1 + i % 2](x, y) += 9;
          if (giant && d2 < 2) planes[3](x, y) += 30;
        }
    }
  }
};

bool same(const HostPlane<std::uint32_t>& a, const HostPlane<std::uint32_t>& b) {
  return a.extent() == b.extent() && std::memcmp(a.data(), b.data(), a.bytes()) == 0;
}

TEST(StreamedSegmentation, GivesTheLabelsOfPlanesInMemory) {
  const Tissue t;
  std::vector<Plane<const float>> views;
  for (const auto& p : t.planes) views.push_back(p.view());
  const test::StreamedPlanes streamed(t.e, {"DAPI", "a", "b", "giant"}, views);
  CpuQueue q;
  CellParams params;
  params.nucleus_um = 6;
  for (const bool giants : {false, true}) {
    SegmentationInput input{views[0], {views[1], views[2]}, {}};
    SegmentationChannels which{0, {1, 2}, {}};
    if (giants) {
      input.giant_marker = views[3];
      which.giant_marker = 3;
      params.giants.emplace();
    }
    params.tile_px = 0;
    const LabelPair whole = segment_cells(q, input, params);
    EXPECT_GT(*std::max_element(whole.cell.data(), whole.cell.data() + t.e.area()), 50u);
    for (const TileShape tile : {TileShape(64), TileShape(90, 200, 5)}) {
      params.tile_px = tile;
      params.keep_images = tile.order_seed == 0;
      const NucleiSource source(q, streamed, which, tile);
      const LabelPair tiled = segment_cells(q, source, params);
      EXPECT_TRUE(same(whole.nucleus, tiled.nucleus)) << giants;
      EXPECT_TRUE(same(whole.cell, tiled.cell)) << giants;
      EXPECT_EQ(stable_diameter_um(q, source, params), stable_diameter_um(q, input, params));
    }
  }
}

}  // namespace
}  // namespace hexaplex
