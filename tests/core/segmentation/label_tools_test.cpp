#include "core/segmentation/label_tools.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <random>

#include "tests/support/labels.h"
#include "tests/support/pixels.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using testing::Labels;
using testing::same_pixels;

Labels row(std::initializer_list<std::uint32_t> values) {
  Labels out({static_cast<int>(values.size()), 1});
  std::copy(values.begin(), values.end(), out.data());
  return out;
}

TEST(MeanLevels, RoundsTheMeanUnderEachLabelHalfUp) {
  const Labels labels = row({1, 1, 0, 3, 3, 1});
  HostPlane<std::uint16_t> image({6, 1});
  for (int x = 0; x < 6; ++x) image(x, 0) = static_cast<std::uint16_t>(10 * x);  // 0 10 20 30 40 50
  image(4, 0) = 31;
  CpuQueue q;
  MeanLevels whole(3), parts(3);
  whole.add(q, labels.view(), image.view());
  EXPECT_EQ(whole.levels(), (HostVector<std::uint16_t>{0, 20, 0, 31}));
  for (const Rect r : {Rect{4, 0, 2, 1}, {0, 0, 4, 1}}) parts.add(q, labels.view().window(r), image.view().window(r));
  EXPECT_EQ(parts.levels(), whole.levels());
}

std::uint32_t number_one(CpuQueue& q, Labels& nuclei, Labels& cells) {
  const LabelPiece all{nuclei.view(), cells.view()};
  return number_by_nucleus(q, {&all, 1});
}

TEST(NumberByNucleus, NamesPartsOfASlideInItsRasterOrder) {
  // Beside each other: rows of the slide alternate between the parts. Each part has names of its own.
  Labels left({2, 3}, 0), right({2, 2}, 0);
  left(1, 0) = left(0, 1) = 1, left(1, 2) = 2;
  right(0, 0) = 2, right(1, 1) = 1;
  Labels left_cells = left.copy(), right_cells = right.copy();
  left_cells(0, 2) = 2, right_cells(0, 1) = 9;  // 9 has no nucleus
  const LabelPiece parts[] = {{left.view(), left_cells.view(), 10, 5}, {right.view(), right_cells.view(), 40, 5}};
  CpuQueue q;
  EXPECT_EQ(number_by_nucleus(q, parts), 4u);
  const auto pixels = [](const Labels& l) {
    return std::vector<std::uint32_t>(l.data(), l.data() + l.extent().area());
  };
  EXPECT_EQ(pixels(left), (std::vector<std::uint32_t>{0, 1, 1, 0, 0, 4}));
  EXPECT_EQ(pixels(left_cells), (std::vector<std::uint32_t>{0, 1, 1, 0, 4, 4}));
  EXPECT_EQ(pixels(right), (std::vector<std::uint32_t>{2, 0, 0, 3}));
  EXPECT_EQ(pixels(right_cells), (std::vector<std::uint32_t>{2, 0, 0, 3}));
}

TEST(NumberByNucleus, NamesCellsInTheOrderOfTheirNuclei) {
  Labels nuclei({5, 1}, 0), cells({5, 1}, 7);  // 7 has no nucleus
  nuclei(1, 0) = 1000, nuclei(2, 0) = 3, nuclei(4, 0) = 1000;
  cells(0, 0) = cells(1, 0) = 1000, cells(2, 0) = 3;
  CpuQueue q;
  EXPECT_EQ(number_one(q, nuclei, cells), 2u);
  EXPECT_TRUE(same_pixels(nuclei, row({0, 1, 2, 0, 1})));
  EXPECT_TRUE(same_pixels(cells, row({1, 1, 2, 0, 0})));
}

TEST(NumberByNucleus, IsTheSameForAnyThreadCount) {
  std::mt19937 random(3);
  Labels src({120, 210});
  for (std::int64_t i = 0; i < src.extent().area(); ++i) src.data()[i] = random() % 500;
  std::map<std::uint32_t, std::uint32_t> name{{0, 0}};
  Labels want(src.extent());
  for (std::int64_t i = 0; i < src.extent().area(); ++i)
    want.data()[i] = name.try_emplace(src.data()[i], name.size()).first->second;
  testing::for_thread_counts([&] {
    Labels nuclei = src.copy(), cells = src.copy();
    CpuQueue q;
    EXPECT_EQ(number_one(q, nuclei, cells), name.size() - 1);
    EXPECT_TRUE(same_pixels(nuclei, want));
    EXPECT_TRUE(same_pixels(cells, want));
  });
}

TEST(LabelTools, TakeEmptyPlanes) {
  CpuQueue q;
  for (const Extent e : testing::kEmptyShapes) {
    Labels nuclei(e), cells(e);
    EXPECT_EQ(number_one(q, nuclei, cells), 0u);
  }
}

}  // namespace
}  // namespace hexaplex
