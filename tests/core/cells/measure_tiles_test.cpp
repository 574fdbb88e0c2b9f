// Cells measured tile by tile from a source that is not held: the bits of the whole field.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>
#include <random>

#include "core/cells/label_boxes.h"
#include "core/cells/measure.h"
#include "kernels/runtime/error.h"
#include "tests/support/core/streamed_planes.h"

namespace hexaplex {
namespace {

// Discs of all sizes, some of them cut by later ones; a ring around the field, larger than any tile's window may grow;
// a pair of spots far apart that share a label.
struct Picture {
  Extent e{900, 640};
  LabelPair labels{HostPlane<std::uint32_t>(e, 0u), HostPlane<std::uint32_t>(e, 0u)};
  std::vector<HostPlane<float>> planes;
  std::vector<std::string> names;

  Picture() {
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

void expect_same(const CellTable& a, const CellTable& b) {
  EXPECT_TRUE(same_bits(a.cell_id, b.cell_id));
  EXPECT_TRUE(same_bits(a.cell, b.cell));
  EXPECT_TRUE(same_bits(a.nucleus, b.nucleus));
  EXPECT_TRUE(same_bits(a.cytoplasm_area_px, b.cytoplasm_area_px));
  EXPECT_TRUE(same_bits(a.membrane_area_px, b.membrane_area_px));
  for (std::size_t m = 0; m < a.markers.size(); ++m)
    for (const Compartment c : kCompartments)
      for (const Statistic s : kStatistics) EXPECT_TRUE(same_bits(a.values(m, c, s), b.values(m, c, s)));
}

TEST(LabelBoxes, AreThoseOfEveryPixelOfBothPlanes) {
  const Picture p;
  std::map<std::uint32_t, LabelBox> expected;
  for (int y = 0; y < p.e.height; ++y)
    for (int x = 0; x < p.e.width; ++x)
      for (const std::uint32_t label : {p.labels.cell(x, y), p.labels.nucleus(x, y)}) {
        if (label == 0) continue;
        LabelBox& b = expected.try_emplace(label, LabelBox{label, x, y, x + 1, y + 1}).first->second;
        b.left = std::min(b.left, x), b.top = std::min(b.top, y);
        b.right = std::max(b.right, x + 1), b.bottom = std::max(b.bottom, y + 1);
      }
  for (const CpuQueue& q : {CpuQueue{1}, CpuQueue{}}) {
    const auto boxes = label_boxes(q, p.labels.cell.view(), p.labels.nucleus.view());
    ASSERT_EQ(boxes.size(), expected.size());
    std::size_t i = 0;
    for (const auto& [label, box] : expected) EXPECT_EQ(boxes[i++], box);
  }
  EXPECT_TRUE(label_boxes(CpuQueue{}, {}, {}).empty());
  const HostPlane<std::uint32_t> small({3, 3}, 1u);
  EXPECT_THROW(label_boxes(CpuQueue{}, p.labels.cell.view(), small.view()), InvalidArgument);
}

TEST(MeasureTiles, AnyTilesInAnyOrderGiveTheBitsOfTheWholeField) {
  const Picture p;
  const std::vector<int> all{0, 1, 2};
  const HeldChannels held(p.e, p.names, p.views());
  const test::StreamedPlanes streamed(p.e, p.names, p.views());
  Thumbnails whole_picture(p.e, 7, 3);
  const CellTable whole = measure_cells(CpuQueue{}, held, all, p.labels, 0.5, 1.3, {}, {}, &whole_picture);
  ASSERT_GT(whole.size(), 250u);
  for (const TileShape tile :
       {TileShape{}, TileShape(64), TileShape(100, 333, 9), TileShape(256, 48, 3), TileShape(2000)})
    for (const CpuQueue& q : {CpuQueue{1}, CpuQueue{}}) {
      Thumbnails picture(p.e, 7, 3);
      expect_same(whole, measure_cells(q, streamed, all, p.labels, 0.5, 1.3, tile, {}, &picture));
      for (std::size_t c = 0; c < 3; ++c)
        EXPECT_EQ(std::memcmp(picture.channel(c).data, whole_picture.channel(c).data,
                              sizeof(float) * static_cast<std::size_t>(picture.channel(c).extent.area())),
                  0);
    }
}

TEST(MeasureTiles, TakesAChoiceOfChannelsAndNoNuclei) {
  Picture p;
  p.labels.nucleus = HostPlane<std::uint32_t>();
  const HeldChannels held(p.e, p.names, p.views());
  const test::StreamedPlanes streamed(p.e, p.names, p.views());
  const std::vector<int> some{2, 0};
  const CellTable a = measure_cells(CpuQueue{}, held, some, p.labels, 0.5, 1.3, {});
  EXPECT_EQ(a.markers, (std::vector<std::string>{"M2", "M0"}));
  expect_same(a, measure_cells(CpuQueue{}, streamed, some, p.labels, 0.5, 1.3, 128));
}

TEST(MeasureTiles, NamesTheChannelOfAValueThatIsNotFinite) {
  Picture p;
  p.planes[1](200, 300) = std::nanf("");
  const test::StreamedPlanes streamed(p.e, p.names, p.views());
  const std::vector<int> all{0, 1, 2};
  try {
    measure_cells(CpuQueue{}, streamed, all, p.labels, 0.5, 1.3, 128);
    FAIL();
  } catch (const InvalidArgument& e) {
    EXPECT_NE(std::string(e.what()).find("channel M1"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace hexaplex
