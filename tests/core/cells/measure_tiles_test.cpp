// Cells measured tile by tile from a source that is not held: the bits of the whole field.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>

#include "core/cells/label_boxes.h"
#include "core/cells/measure.h"
#include "kernels/runtime/error.h"
#include "tests/support/core/painted_cells.h"
#include "tests/support/core/streamed_planes.h"

namespace hexaplex {
namespace {

using test::expect_same;
using test::PaintedCells;

TEST(LabelBoxes, AreThoseOfEveryPixelOfBothPlanes) {
  const PaintedCells p;
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
  const PaintedCells p;
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
  PaintedCells p;
  p.labels.nucleus = HostPlane<std::uint32_t>();
  const HeldChannels held(p.e, p.names, p.views());
  const test::StreamedPlanes streamed(p.e, p.names, p.views());
  const std::vector<int> some{2, 0};
  const CellTable a = measure_cells(CpuQueue{}, held, some, p.labels, 0.5, 1.3, {});
  EXPECT_EQ(a.markers, (std::vector<std::string>{"M2", "M0"}));
  expect_same(a, measure_cells(CpuQueue{}, streamed, some, p.labels, 0.5, 1.3, 128));
}

TEST(MeasureTiles, NamesTheChannelOfAValueThatIsNotFinite) {
  PaintedCells p;
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
