// Cells whose labels lie near 2^31 and up to the largest of 32 bits, from the mask to every result file.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/cells/measure.h"
#include "core/io/slide.h"
#include "core/pipeline/given_labels.h"
#include "core/report/publish.h"
#include "tests/support/core/sample_result.h"
#include "tests/support/core/tiff_builder.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kLargest = 0xffffffffu;

void shift(HostPlane<std::uint32_t>& labels, std::uint32_t offset) {
  for (std::int64_t i = 0; i < labels.extent().area(); ++i)
    if (labels.data()[i] != 0) labels.data()[i] += offset;
}

// The column `id` of every row but the header, `offset` taken away.
std::string with_small_ids(const std::string& text, char separator, std::size_t id, std::uint32_t offset) {
  std::string out;
  bool header = true;
  for (auto& row : split_table(text, separator)) {
    if (!header && id < row.size()) row[id] = std::to_string(std::stoull(row[id]) - offset);
    header = false;
    for (const auto& field : row) out += field + "|";
    out += "\n";
  }
  return out;
}

class LargeLabelsInResults : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(LargeLabelsInResults, AreMeasuredAndWrittenAsSmallOnes) {
  const TemporaryFolder out;
  SampleResult small, large;
  const std::uint32_t cells = static_cast<std::uint32_t>(small.result.cells.size());
  const std::uint32_t offset = GetParam() == kLargest ? kLargest - small.result.cells.cell_id.back() : GetParam();
  shift(large.labels.nucleus, offset);
  shift(large.labels.cell, offset);
  std::vector<MeasuredChannel> channels;
  for (std::size_t i = 0; i < large.planes.size(); ++i)
    channels.push_back({small.result.cells.markers[i], large.planes[i].view()});
  large.result.cells = measure_cells(CpuQueue{}, channels, large.labels, 0.5, 0.75);
  ASSERT_EQ(large.result.cells.size(), cells);
  for (std::uint32_t i = 0; i < cells; ++i)
    ASSERT_EQ(large.result.cells.cell_id[i], small.result.cells.cell_id[i] + offset);

  large.result.stem = small.result.stem = "sample";
  const fs::path a = publish_results(small.result, {.out = out.path() / "small"});
  const fs::path b = publish_results(large.result, {.out = out.path() / "large"});
  EXPECT_EQ(with_small_ids(hexaplex::test::bytes_of(a / "cells.csv"), ',', 0, 0),
            with_small_ids(hexaplex::test::bytes_of(b / "cells.csv"), ',', 0, offset));
  EXPECT_EQ(with_small_ids(hexaplex::test::bytes_of(a / "mcquant.csv"), ',', 0, 0),
            with_small_ids(hexaplex::test::bytes_of(b / "mcquant.csv"), ',', 0, offset));
  EXPECT_EQ(with_small_ids(hexaplex::test::bytes_of(a / "cell_seg_data.txt"), '\t', 4, 0),
            with_small_ids(hexaplex::test::bytes_of(b / "cell_seg_data.txt"), '\t', 4, offset));
  EXPECT_EQ(hexaplex::test::bytes_of(a / "overlay.png"), hexaplex::test::bytes_of(b / "overlay.png"));

  const std::string geojson = gunzip(hexaplex::test::bytes_of(b / "cells.geojson.gz"));
  for (const std::uint32_t id : {large.result.cells.cell_id.front(), large.result.cells.cell_id.back()})
    EXPECT_NE(geojson.find("\"Cell ID\":" + std::to_string(id) + ","), std::string::npos) << id;

  const LabelPages pages = read_label_pages(b / "labels.ome.tif");
  ASSERT_EQ(pages.pages.size(), 2u);
  const LabelPair given = read_given_labels(b / "labels.ome.tif", large.result.extent);
  for (int y = 0; y < large.result.extent.height; ++y)
    for (int x = 0; x < large.result.extent.width; ++x) {
      ASSERT_EQ(pages.pages[0](x, y), large.labels.nucleus(x, y));
      ASSERT_EQ(pages.pages[1](x, y), large.labels.cell(x, y));
      ASSERT_EQ(given.cell(x, y), large.labels.cell(x, y));
    }
}

INSTANTIATE_TEST_SUITE_P(Offsets, LargeLabelsInResults, ::testing::Values(0x7fffffc0u, 0x80000000u, kLargest));

TEST(LargeGivenLabels, KeepEvery32BitNumber) {
  const TemporaryFolder folder;
  const std::vector<std::uint64_t> labels{0, 1, 0x7fffffff, 0x80000000, 4294967294, 4294967295};
  const auto mask = folder.write("mask.tif", build_tiff({grey_page(6, 1, labels, 32)}).bytes);
  const LabelPair given = read_given_labels(mask, {6, 1});
  for (int x = 0; x < 6; ++x) EXPECT_EQ(given.cell(x, 0), labels[static_cast<std::size_t>(x)]);
}

}  // namespace
}  // namespace hexaplex::test
