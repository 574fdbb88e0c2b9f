// Accuracy on real images with references (docs/segmentation.md), where they are at hand: a change that costs more
// than 0.02 of F1 is not an accident of rounding.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "core/io/slide.h"
#include "core/segmentation/cells.h"
#include "core/segmentation/diameter.h"
#include "tests/support/core/real_images.h"
#include "tests/support/core/score_labels.h"

namespace hexaplex {
namespace {

namespace fs = std::filesystem;
using testing::Labels;
using testing::read_channel;
using testing::real_image_file;
using testing::score_labels;

Labels read_reference(const fs::path& file, const std::string& name) {
  LabelPages pages = read_label_pages(file);
  for (std::size_t k = 0; k < pages.pages.size(); ++k)
    if (name.empty() || pages.names[k].find(name) != std::string::npos) return std::move(pages.pages[k]);
  ADD_FAILURE() << "no page " << name << " in " << file;
  return {};
}

struct RealImage {
  const char *name, *image, *channel, *reference, *page;
  double um_per_px, nucleus_um, least_f1;
};

class RealNuclei : public ::testing::TestWithParam<RealImage> {};

TEST_P(RealNuclei, AreFoundAsWellAsTheRecipeFindsThem) {
  const RealImage& set = GetParam();
  if (!fs::exists(real_image_file(set.image))) GTEST_SKIP() << "no " << real_image_file(set.image);
  const HostPlane<float> image = read_channel(real_image_file(set.image), set.channel);
  const Labels reference = read_reference(real_image_file(set.reference), set.page);
  SegmentationInput input;
  input.nuclear = image.view();
  CellParams p;
  p.um_per_px = set.um_per_px;
  p.nucleus_um = set.nucleus_um;
  CpuQueue q;
  const auto score = score_labels(segment_cells(q, input, p).nucleus, reference);
  EXPECT_GE(score.f1(), set.least_f1) << score.matches << " of " << score.reference << ", found " << score.found;
  RecordProperty("f1", std::to_string(score.f1()));
}

INSTANTIATE_TEST_SUITE_P(Sets, RealNuclei,
                         ::testing::Values(RealImage{"nuclei512", "nuclei/img2d.tif", "", "nuclei/mask2d.tif", "", 0.35,
                                                     8.0, 0.869},
                                           RealImage{"nuclei256", "nuclei/test_img2d.tif", "", "nuclei/test_mask2d.tif",
                                                     "", 0.8, 7.0, 0.813},
                                           RealImage{"fihc4", "inform_fihc4/FIHC4__0929309_HP_IM3_2_component_data.tif",
                                                     "DAPI", "inform_fihc4/FIHC4__0929309_HP_IM3_2_binary_seg_maps.tif",
                                                     "Nucleus", 0.497, 7.5, 0.738}),
                         [](const auto& set) { return std::string(set.param.name); });

// The automatic diameter once changed by three rungs (F1 from 0.75 to 0.65) when the pixel size moved by 0.3 %.
TEST(RealAutomaticDiameter, DoesNotHangOnTheLastDigitOfThePixelSize) {
  const fs::path image = real_image_file("inform_fihc4/FIHC4__0929309_HP_IM3_2_component_data.tif");
  if (!fs::exists(image)) GTEST_SKIP() << "no " << image;
  const HostPlane<float> nuclear = read_channel(image, "DAPI");
  const Labels reference =
      read_reference(real_image_file("inform_fihc4/FIHC4__0929309_HP_IM3_2_binary_seg_maps.tif"), "Nucleus");
  SegmentationInput input;
  input.nuclear = nuclear.view();
  for (double um_per_px : {0.4922, 0.4957, 0.497, 0.497147, 0.4986, 0.5021}) {
    CellParams p;
    p.um_per_px = um_per_px;
    CpuQueue q;
    p.nucleus_um = stable_diameter_um(q, input, p);
    EXPECT_GE(score_labels(segment_cells(q, input, p).nucleus, reference).f1(), 0.73)
        << um_per_px << " um per px: " << p.nucleus_um << " um";
  }
}

}  // namespace
}  // namespace hexaplex
