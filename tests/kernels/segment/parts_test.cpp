#include "kernels/segment/parts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <map>
#include <vector>

#include "kernels/runtime/error.h"
#include "kernels/segment/parts_chain.h"
#include "kernels/segment/relabel_chain.h"
#include "kernels/segment/specks_chain.h"
#include "tests/support/failing_calls.h"
#include "tests/support/labels.h"
#include "tests/support/landscapes.h"
#include "tests/support/pixels.h"
#include "tests/support/queues.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

using testing::crop;
using testing::flood_fill;
using testing::for_thread_counts;
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

TEST(HighestLabel, IsFoundByAnyNumberOfThreads) {
  Labels labels = random_labels({120, 210}, 499, 1, 4);
  labels(119, 209) = 0xfffffffeu;
  for_thread_counts([&] {
    EXPECT_EQ(highest_label(CpuQueue{}, labels.view()), 0xfffffffeu);
    EXPECT_EQ(detail::highest_label_chain(CpuQueue{}, Plane<const std::uint32_t>(labels.view())), 0xfffffffeu);
  });
}

// The CPU's operators are held against flood filling above; the chains, and the twins on devices, against the CPU's.

/// Shapes that are hard on union-find: one component that winds through everything, combs, diagonals, nothing at all.
std::vector<std::pair<std::string, Labels>> hard_labels() {
  std::vector<std::pair<std::string, Labels>> out;
  for (const auto& [name, land] : testing::hard_landscapes()) {
    Labels labels(land.extent());
    for (std::int64_t i = 0; i < land.extent().area(); ++i) labels.data()[i] = land.data()[i] % 7;
    out.emplace_back(name, std::move(labels));
  }
  const Extent e{67, 53};
  Labels comb(e, 0), teeth(e, 0), rings(e, 0);
  for (int y = 0; y < e.height; ++y)
    for (int x = 0; x < e.width; ++x) {
      comb(x, y) = x % 2 == 0 || y == e.height - 1 ? 1 : 0;  // the teeth meet only in the last row
      teeth(x, y) = x % 2 == 0 ? 1 : 2;
      rings(x, y) = static_cast<std::uint32_t>(std::min({x, y, e.width - 1 - x, e.height - 1 - y})) % 2;
    }
  out.emplace_back("comb", std::move(comb));
  out.emplace_back("teeth", std::move(teeth));
  out.emplace_back("rings", std::move(rings));
  for (const Extent edge : testing::kEdgeShapes) out.emplace_back("edge shape", random_labels(edge, 2, 1, 9));
  for (int grain : {1, 3, 9}) out.emplace_back("random", random_labels({131, 117}, 6, grain, 5));
  return out;
}

Mask mask_of(const Labels& labels) {
  Mask out(labels.extent());
  for (std::int64_t i = 0; i < labels.extent().area(); ++i) out.data()[i] = labels.data()[i] % 2;
  return out;
}

const std::vector<double> kSizes{-1.0, 0.0, 1.0, 2.5, 9.0, 500.0, 1e12, std::numeric_limits<double>::infinity()};

TEST(PartsChain, EqualsTheCpuOnAnyNumberOfThreads) {
  for (const auto& [name, labels] : hard_labels())
    for (const double smallest : kSizes) {
      Labels want = labels.copy();
      const std::uint32_t count = keep_largest_parts(CpuQueue{}, want.view(), smallest);
      for_thread_counts([&] {
        Labels got = labels.copy();
        EXPECT_EQ(count, detail::keep_largest_parts_chain(CpuQueue{}, got.view(), smallest)) << name << smallest;
        EXPECT_TRUE(same_pixels(want, got)) << name << ", smallest " << smallest;
      });
      for (std::uint8_t value : {0, 1}) {
        Mask flipped = mask_of(labels);
        drop_small_components(CpuQueue{}, flipped.view(), value, smallest);
        for_thread_counts([&] {
          Mask got = mask_of(labels);
          detail::drop_small_components_chain(CpuQueue{}, got.view(), value, smallest);
          EXPECT_TRUE(same_pixels(flipped, got)) << name << ", value " << +value << ", smallest " << smallest;
        });
      }
    }
}

class Parts : public testing::QueueTest {};

TEST_P(Parts, EqualTheCpu) {
  for (const auto& [name, labels] : hard_labels())
    for (const double smallest : {1.0, 9.0}) {
      Labels want = labels.copy();
      const std::uint32_t count = keep_largest_parts(CpuQueue{}, want.view(), smallest);
      auto got = on_queue(labels);
      EXPECT_EQ(highest_label(queue(), got.view()), testing::highest_label(labels)) << name;
      EXPECT_EQ(count, keep_largest_parts(queue(), got.view(), smallest)) << name;
      EXPECT_TRUE(same_pixels(want, got.pixels())) << name;
      Mask flipped = mask_of(labels);
      drop_small_components(CpuQueue{}, flipped.view(), 0, smallest);
      auto mask = on_queue(mask_of(labels));
      drop_small_components(queue(), mask.view(), 0, smallest);
      EXPECT_TRUE(same_pixels(flipped, mask.pixels())) << name;
    }
}

TEST_P(Parts, AreRenamedByATableOnTheQueue) {
  const Labels labels = random_labels({61, 40}, 4, 2, 3);
  Labels names({5, 1});
  for (int i = 0; i < 5; ++i) names(i, 0) = static_cast<std::uint32_t>(10 * i * i);
  Labels want = labels.copy();
  for (std::int64_t i = 0; i < want.extent().area(); ++i) want.data()[i] = names(static_cast<int>(want.data()[i]), 0);
  auto got = on_queue(labels);
  auto table = on_queue(names);
  rename_labels(queue(), got.view(), {table.view().data, 5});
  EXPECT_TRUE(same_pixels(want, got.pixels()));
}

TEST_P(Parts, KeepToTheirWindow) {
  const Labels labels = random_labels({61, 47}, 3, 2, 8);
  const Rect window{7, 5, 33, 29};
  Labels want = crop(labels, window);
  keep_largest_parts(CpuQueue{}, want.view(), 4);
  auto got = on_queue(labels);
  keep_largest_parts(queue(), got.view().window(window), 4);
  Labels all = got.pixels();
  EXPECT_TRUE(same_pixels(want, crop(all, window)));
  for (int y = window.y; y < window.bottom(); ++y)
    for (int x = window.x; x < window.right(); ++x) all(x, y) = labels(x, y);
  EXPECT_TRUE(same_pixels(labels, all));
}

TEST_P(Parts, OfEmptyPlanesAreNone) {
  for (const Extent e : testing::kEmptyShapes) {
    EXPECT_NO_THROW(drop_small_components(queue(), {nullptr, e, e.width}, 1, 5));
    EXPECT_EQ(keep_largest_parts(queue(), {nullptr, e, e.width}, 5), 0u);
    EXPECT_EQ(highest_label(queue(), {nullptr, e, e.width}), 0u);
    EXPECT_NO_THROW(rename_labels(queue(), {nullptr, e, e.width}, {}));
  }
  auto mask = on_queue(Mask({3, 3}, 1));
  EXPECT_THROW(drop_small_components(queue(), mask.view(), 2, 5), InvalidArgument);
  auto labels = on_queue(Labels({3, 3}, 0));
  EXPECT_THROW(rename_labels(queue(), labels.view(), {}), InvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(Queues, Parts, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

#if HX_WITH_CUDA
TEST(PartsOnDevice, EndInATypedErrorOrTheRightLabelsWhicheverCallFails) {
  const Labels labels = random_labels({23, 17}, 3, 2, 8);
  Labels want = labels.copy();
  const std::uint32_t count = keep_largest_parts(CpuQueue{}, want.view(), 3);
  testing::expect_right_answers_or_typed_errors(
      [&](testing::DeviceUse& use) {
        const auto got = use.upload(labels);
        return keep_largest_parts(use.queue(), got, 3) == count && same_pixels(want, use.download(got));
      },
      20);
}
#endif

}  // namespace
}  // namespace hexaplex
