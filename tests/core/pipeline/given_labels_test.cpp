// Masks given by the user: how their pages become nuclei and cells.

#include "core/pipeline/given_labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernels/runtime/error.h"
#include "tests/support/core/tiff_builder.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

BuiltPage page_of(const std::vector<std::uint64_t>& labels, const std::string& compartment = {}) {
  BuiltPage page = grey_page(static_cast<std::uint32_t>(labels.size()), 1, labels, 16);
  if (!compartment.empty())
    page.set_text(270, "<SegmentationImage><CompartmentType>" + compartment + "</CompartmentType></SegmentationImage>");
  return page;
}

std::vector<std::uint32_t> row_of(const HostPlane<std::uint32_t>& plane) {
  std::vector<std::uint32_t> out;
  for (int x = 0; x < plane.width(); ++x) out.push_back(plane(x, 0));
  return out;
}

class GivenLabels : public ::testing::Test {
 protected:
  LabelPair read(const std::vector<BuiltPage>& pages, Extent slide = {4, 1}) {
    return read_given_labels(folder_.write("mask.tif", build_tiff(pages).bytes), slide);
  }
  std::string refusal(const std::vector<BuiltPage>& pages, Extent slide = {4, 1}) {
    try {
      read(pages, slide);
    } catch (const InputError& e) {
      return e.what();
    }
    return {};
  }
  TemporaryFolder folder_;
};

TEST_F(GivenLabels, OnePageIsCellsWithoutNuclei) {
  const LabelPair labels = read({page_of({0, 7, 7, 3})});
  EXPECT_TRUE(labels.nucleus.extent().empty());
  EXPECT_THAT(row_of(labels.cell), ElementsAre(0, 7, 7, 3));
}

TEST_F(GivenLabels, TwoPagesAreNucleiAndCells) {
  const LabelPair labels = read({page_of({0, 7, 0, 0}), page_of({7, 7, 7, 0})});
  EXPECT_THAT(row_of(labels.nucleus), ElementsAre(0, 7, 0, 0));
  EXPECT_THAT(row_of(labels.cell), ElementsAre(7, 7, 7, 0));
}

TEST_F(GivenLabels, InFormCytoplasmKeepsItsPixelsUnderANeighboursNucleus) {
  const LabelPair labels =
      read({page_of({0, 0, 0, 0}), page_of({1, 0, 2, 0}, "Nucleus"), page_of({0, 1, 1, 2}, "Cytoplasm")});
  EXPECT_THAT(row_of(labels.nucleus), ElementsAre(1, 0, 2, 0));
  EXPECT_THAT(row_of(labels.cell), ElementsAre(1, 1, 1, 2));
}

TEST_F(GivenLabels, OtherPagesAndOtherExtentsAreRefused) {
  const BuiltPage page = page_of({0, 7, 7, 3});
  EXPECT_THAT(refusal({page, page, page}), HasSubstr("has 3 pages"));
  EXPECT_THAT(refusal({page}, {4, 2}), HasSubstr("measures 4 x 1 pixels and the slide 4 x 2"));
}

}  // namespace
}  // namespace hexaplex::test
