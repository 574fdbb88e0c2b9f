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

using testing::flood_fill;
using testing::Labels;
using testing::Mask;
using testing::random_labels;
using testing::random_mask;
using testing::same_pixels;

std::map<std::uint32_t, std::int64_t> areas(const Labels& labels) {
  std::map<std::uint32_t, std::int64_t> out;
  for (std::int64_t i = 0; i < labels.extent().area(); ++i) ++out[labels.data()[i]];
  return out;
}

TEST(DropSmallComponents, FillsHolesAndDropsSpecksBelowTheSize) {
  for (double density : {0.3, 0.6, 0.8})
    for (std::uint8_t value : {0, 1})
      for (double smallest : {0.0, 1.0, 2.5, 9.0, 1e9}) {
        const Mask mask = random_mask({61, 140}, density, 1);
        Labels part(mask.extent());
        for (std::int64_t i = 0; i < mask.extent().area(); ++i) part.data()[i] = mask.data()[i] == value ? 1 : 0;
        part = flood_fill(part);
        const auto size = areas(part);
        Mask want = mask.copy(), got = mask.copy();
        for (std::int64_t i = 0; i < mask.extent().area(); ++i)
          if (part.data()[i] != 0 && static_cast<double>(size.at(part.data()[i])) < smallest)
            want.data()[i] = static_cast<std::uint8_t>(1 - value);
        CpuQueue q;
        drop_small_components(q, got.view(), value, smallest);
        EXPECT_TRUE(same_pixels(want, got)) << density << ", value " << +value << ", smallest " << smallest;
      }
}

TEST(KeepLargestParts, KeepsTheLargestOrFirstPartAndRenumbers) {
  // Label 5 has two parts of two pixels: the first in raster order stays. Label 3 is a speck. Label 9 comes last.
  Labels labels({7, 2}, 0);
  labels(0, 0) = labels(1, 0) = 5, labels(3, 0) = labels(3, 1) = 5, labels(5, 0) = 3, labels(6, 1) = labels(5, 1) = 9;
  CpuQueue q;
  EXPECT_EQ(keep_largest_parts(q, labels.view(), 2), 2u);
  Labels want({7, 2}, 0);
  want(0, 0) = want(1, 0) = 1, want(6, 1) = want(5, 1) = 2;
  EXPECT_TRUE(same_pixels(want, labels));
}

TEST(KeepLargestParts, LeavesOneCanonicalObjectALabel) {
  for (int grain : {1, 2, 5}) {
    const Labels src = random_labels({83, 150}, 40, grain, 2);
    Labels got = src.copy();
    CpuQueue q;
    const std::uint32_t count = keep_largest_parts(q, got.view(), 3);
    EXPECT_EQ(count, testing::highest_label(got));
    // Each surviving object is a part of one label, and no part of that label is larger.
    const Labels parts = flood_fill(src);
    const auto part_area = areas(parts);
    std::map<std::uint32_t, std::int64_t> largest;
    for (std::int64_t i = 0; i < src.extent().area(); ++i)
      if (src.data()[i] != 0) largest[src.data()[i]] = std::max(largest[src.data()[i]], part_area.at(parts.data()[i]));
    std::map<std::uint32_t, std::uint32_t> part_of, label_of;
    for (std::int64_t i = 0; i < src.extent().area(); ++i) {
      if (got.data()[i] == 0) continue;
      const auto [part, fresh] = part_of.try_emplace(got.data()[i], parts.data()[i]);
      ASSERT_EQ(part->second, parts.data()[i]);
      const auto [label, first] = label_of.try_emplace(got.data()[i], src.data()[i]);
      ASSERT_EQ(part_area.at(part->second), largest.at(label->second));
      ASSERT_GE(part_area.at(part->second), 3);
    }
    std::uint32_t last = 0;
    for (std::int64_t i = 0; i < src.extent().area(); ++i) {
      ASSERT_LE(got.data()[i], last + 1) << "raster order";
      last = std::max(last, got.data()[i]);
    }
  }
}

Labels row(std::initializer_list<std::uint32_t> values) {
  Labels out({static_cast<int>(values.size()), 1});
  std::copy(values.begin(), values.end(), out.data());
  return out;
}

TEST(RenameLabels, LooksEachLabelUp) {
  Labels labels = row({0, 2, 1, 2});
  CpuQueue q;
  rename_labels(q, labels.view(), std::vector<std::uint32_t>{0, 7, 0});
  EXPECT_TRUE(same_pixels(labels, row({0, 0, 7, 0})));
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
    EXPECT_EQ(highest_label(q, nuclei.view()), 499u);
    EXPECT_EQ(number_one(q, nuclei, cells), name.size() - 1);
    EXPECT_TRUE(same_pixels(nuclei, want));
    EXPECT_TRUE(same_pixels(cells, want));
  });
}

TEST(LabelTools, TakeEmptyPlanes) {
  CpuQueue q;
  for (const Extent e : testing::kEmptyShapes) {
    EXPECT_NO_THROW(drop_small_components(q, {nullptr, e, e.width}, 1, 5));
    EXPECT_EQ(keep_largest_parts(q, {nullptr, e, e.width}, 5), 0u);
    EXPECT_EQ(highest_label(q, {nullptr, e, e.width}), 0u);
    Labels nuclei(e), cells(e);
    EXPECT_EQ(number_one(q, nuclei, cells), 0u);
  }
}

}  // namespace
}  // namespace hexaplex
