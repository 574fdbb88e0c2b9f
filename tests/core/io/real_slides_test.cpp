// Real files, each read as its own description says it is.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "core/io/file_bytes.h"
#include "core/io/ome_xml.h"
#include "core/io/slide.h"
#include "core/io/xml.h"
#include "tests/support/paths.h"

namespace hexaplex {
namespace {

std::filesystem::path shared(const std::string& name) {
  return ::hexaplex::testing::source_folder() / "../shared/data" / name;
}

#define SKIP_WITHOUT(path) \
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here"

HostPlane<float> whole(Slide& slide, int channel, int z = 0) {
  const Extent e = slide.info().extent;
  HostPlane<float> plane(e);
  slide.read(channel, z, {0, 0, e.width, e.height}, plane.view());
  return plane;
}

TEST(RealSlides, InformComponentData) {
  const auto path = shared("inform_fihc4/FIHC4__0929309_HP_IM3_2_component_data.tif");
  SKIP_WITHOUT(path);
  const auto slide = open_slide(path);
  const SlideInfo& info = slide->info();
  EXPECT_EQ(info.format, "inForm component data");
  EXPECT_EQ(info.compression, "LZW");
  EXPECT_TRUE((info.extent == Extent{348, 260}));
  ASSERT_EQ(info.channels.size(), 5u);
  const char* names[] = {"Alexa 594", "Cy3", "Cy5", "DAPI", "FITC"};
  for (int c = 0; c < 5; ++c) EXPECT_EQ(info.channels[static_cast<std::size_t>(c)].name, names[c]);
  ASSERT_TRUE(info.um_per_px_x && info.um_per_px_y);
  EXPECT_NEAR(*info.um_per_px_x, 0.49715, 5e-6);
  EXPECT_EQ(info.associated, std::vector<std::string>{"thumbnail"});
  ASSERT_EQ(info.spectra.size(), 1u);
  EXPECT_EQ(info.spectra[0].name, "Alexa 594");
  ASSERT_EQ(info.spectra[0].values.size(), 35u);
  EXPECT_FLOAT_EQ(info.spectra[0].values[18], 0.0089260731f);
  EXPECT_EQ(info.spectra[0].wavelengths_nm[18], 570);
  EXPECT_FLOAT_EQ(info.spectra[0].exposures[18], 18.64f);
  const auto plane = whole(*slide, 0);
  float largest = 0;
  for (std::int64_t i = 0; i < plane.extent().area(); ++i) largest = std::max(largest, plane.data()[i]);
  EXPECT_FLOAT_EQ(largest, 163.44338989257812f);  // the page's own SMaxSampleValue
}

TEST(RealSlides, InformSegmentationMaps) {
  const auto path = shared("inform_fihc4/FIHC4__0929309_HP_IM3_2_binary_seg_maps.tif");
  SKIP_WITHOUT(path);
  const LabelPages maps = read_label_pages(path);
  EXPECT_EQ(maps.names, (std::vector<std::string>{"TissueClassMap", "Nucleus", "Cytoplasm", "Membrane"}));
  std::uint32_t largest = 0;
  for (std::int64_t i = 0; i < maps.pages[1].extent().area(); ++i) largest = std::max(largest, maps.pages[1].data()[i]);
  EXPECT_EQ(largest, 270u);
}

TEST(RealSlides, AperioSvs) {
  const auto path = shared("slides/CMU-1-Small-Region.svs");
  SKIP_WITHOUT(path);
  const auto slide = open_slide(path);
  const SlideInfo& info = slide->info();
  EXPECT_EQ(info.format, "Aperio SVS");
  EXPECT_TRUE((info.extent == Extent{2220, 2967}));
  EXPECT_TRUE(info.rgb);
  EXPECT_EQ(info.um_per_px_x, 0.499);
  EXPECT_EQ(info.associated, (std::vector<std::string>{"thumbnail", "label", "macro"}));
  whole(*slide, 1);
}

TEST(RealSlides, OmeZSeriesOfSignedBytes) {
  const auto path = shared("slides/multi-channel-z-series.ome.tif");
  SKIP_WITHOUT(path);
  const auto slide = open_slide(path);
  EXPECT_EQ(slide->info().z_count, 5);
  EXPECT_EQ(slide->info().channels.size(), 3u);
  EXPECT_EQ(slide->info().sample_type, SampleType::int8);
  EXPECT_FALSE(slide->info().um_per_px_x);
  whole(*slide, 2, 4);
}

TEST(RealSlides, FolderOfMibiChannels) {
  const auto path = shared("mibi_point8/TIFs");
  SKIP_WITHOUT(path);
  const auto slide = open_slide(path);
  ASSERT_EQ(slide->info().channels.size(), 22u);
  EXPECT_EQ(slide->info().channels[0].name, "Background");
  EXPECT_EQ(slide->info().channels[18].name, "NaK ATPase");
  EXPECT_FALSE(slide->info().um_per_px_x);  // 72 px per inch
}

TEST(RealSlides, BreastCropHasItsNamesInJson) {
  const auto path = shared("mif7_breast/ABCM22001_B09_MiniCrop.tif");
  SKIP_WITHOUT(path);
  const auto slide = open_slide(path);
  ASSERT_EQ(slide->info().channels.size(), 7u);
  EXPECT_EQ(slide->info().channels[4].name, "CK-EPCAM");
}

TEST(RealSlides, OmeSamplesOfTheSchemaAreUnderstood) {
  const auto folder = shared("ome_schema/samples");
  SKIP_WITHOUT(folder);
  int images = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const FileBytes file(entry.path());
    const auto bytes = file.read_all(1 << 20);
    pugi::xml_document document;
    parse_xml(document, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file.name(), "sample");
    images += static_cast<int>(read_ome_xml(document, file.name(), "sample").images.size());
  }
  EXPECT_GT(images, 20);
}

}  // namespace
}  // namespace hexaplex
