// What each format says about itself, in files made for the purpose.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/core/slide_reading.h"
#include "tests/support/core/tiff_builder.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

/// A page of 2 x 2 pixels that are all `value`.
BuiltPage flat(std::uint64_t value, std::uint32_t side = 2) {
  return grey_page(side, side, std::vector<std::uint64_t>(std::size_t{side} * side, value));
}

BuiltPage rgb(std::uint32_t side, std::uint64_t red, std::uint64_t green, std::uint64_t blue) {
  BuiltPage page = grey_page(side * 3, side, std::vector<std::uint64_t>(std::size_t{side} * side * 3, 0));
  page.set(256, side).set(277, 3, 3).set(262, 2, 3);
  page.tags[258] = {3, {8, 8, 8}, {}};
  for (std::size_t i = 0; i < page.blocks[0].size(); i += 3) {
    page.blocks[0][i] = static_cast<std::uint8_t>(red);
    page.blocks[0][i + 1] = static_cast<std::uint8_t>(green);
    page.blocks[0][i + 2] = static_cast<std::uint8_t>(blue);
  }
  return page;
}

std::vector<std::string> names_of(const SlideInfo& info) {
  std::vector<std::string> names;
  for (const auto& c : info.channels) names.push_back(c.name);
  return names;
}

/// The value of a flat channel.
float level(Slide& slide, int channel, int z = 0) {
  return pixels_of(slide, channel, z).front();
}

class Formats : public ::testing::Test {
 protected:
  std::unique_ptr<Slide> open(const std::vector<BuiltPage>& pages, const std::string& name = "a.tif") {
    return open_slide(folder_.write(name, build_tiff(pages).bytes));
  }
  std::string error(const std::vector<BuiltPage>& pages, const std::string& name = "a.tif") {
    return input_error_of(folder_.write(name, build_tiff(pages).bytes));
  }
  TemporaryFolder folder_;
};

TEST_F(Formats, OneUncompressedStripIsReadInParts) {
  const auto height_of_block = [&](std::uint32_t rows_per_strip, bool deflate) {
    BuiltPage page = grey_page(4, 300, std::vector<std::uint64_t>(1200, 7), 8, rows_per_strip);
    if (deflate) page.set(259, 8, 3);
    return open({page})->info().block.height;
  };
  EXPECT_EQ(height_of_block(0, false), 64);
  EXPECT_EQ(height_of_block(300, false), 64);
  EXPECT_EQ(height_of_block(100, false), 100);
  EXPECT_EQ(height_of_block(300, true), 300);
}

// ---- PerkinElmer / Akoya -------------------------------------------------------------------------------------------

std::string qpi(const std::string& image_type, const std::string& inside = "", const std::string& declared = "utf-16") {
  return "<?xml version=\"1.0\" encoding=\"" + declared + "\"?>\n<PerkinElmer-QPI-ImageDescription>" +
         (image_type.empty() ? "" : "<ImageType>" + image_type + "</ImageType>") + inside +
         "</PerkinElmer-QPI-ImageDescription>";
}

BuiltPage qpi_page(std::uint64_t value, const std::string& type, const std::string& inside = "",
                   std::uint32_t side = 2) {
  BuiltPage page = flat(value, side);
  page.set_text(270, qpi(type, inside)).set_text(305, "PerkinElmer-QPI");
  page.set_fraction(282, 4294967295u, 213523).set_fraction(283, 4294967295u, 213523).set(296, 3, 3);
  return page;
}

TEST_F(Formats, InformChannelsComeByNameInAnyOrder) {
  BuiltPage thumbnail = rgb(1, 9, 9, 9);
  thumbnail.set_text(270, qpi("Thumbnail"));
  const auto slide =
      open({qpi_page(1, "FullResolution", "<IsUnmixedComponent>True</IsUnmixedComponent><Name>Opal 520</Name>"),
            qpi_page(2, "FullResolution", "<Name>DAPI</Name><ExposureTime>2500</ExposureTime>"), thumbnail});
  const SlideInfo& info = slide->info();
  EXPECT_EQ(info.format, "inForm component data");
  EXPECT_THAT(names_of(info), ElementsAre("Opal 520", "DAPI"));
  EXPECT_EQ(level(*slide, 1), 2);
  EXPECT_EQ(info.channels[1].exposure_ms, 2.5);
  EXPECT_THAT(info.associated, ElementsAre("thumbnail"));
  ASSERT_TRUE(info.um_per_px_x);  // the numerator is 2^32 - 1: only the quotient means something
  EXPECT_NEAR(*info.um_per_px_x, 0.497147, 1e-6);
}

TEST_F(Formats, InformSpectraAreKept) {
  // float32 1, 2 and 13.16 as base64
  const std::string segment =
      "<SpectralSegments-i><WavelengthGroup><TunableFilterStates><TunableFilterStates-i><Wavelength>440</Wavelength>"
      "</TunableFilterStates-i><TunableFilterStates-i><Wavelength>460</Wavelength></TunableFilterStates-i>"
      "</TunableFilterStates></WavelengthGroup><Exposure><Exposure-i>XI9SQVyPUkE=</Exposure-i></Exposure>"
      "<Signal><Signal-i>AACAPwAAAEA=</Signal-i></Signal></SpectralSegments-i>";
  const std::string library =
      "<ScanProfile><root subtype=\"SpectralLibraryElement\"><Stain><Name>Dye</Name><SpectralSegments>" + segment +
      "</SpectralSegments></Stain></root></ScanProfile>";
  const auto slide = open({qpi_page(1, "FullResolution", "<Name>Dye</Name>" + library)});
  ASSERT_EQ(slide->info().spectra.size(), 1u);
  EXPECT_EQ(slide->info().spectra[0].name, "Dye");
  EXPECT_THAT(slide->info().spectra[0].values, ElementsAre(1.0f, 2.0f));
  EXPECT_THAT(slide->info().spectra[0].wavelengths_nm, ElementsAre(440, 460));
  EXPECT_THAT(slide->info().spectra[0].exposures, ElementsAre(13.16f, 13.16f));
}

TEST_F(Formats, QptiffPagesAreToldApartByImageType) {
  BuiltPage label = rgb(1, 1, 1, 1), macro = rgb(2, 1, 1, 1), thumbnail = rgb(1, 2, 2, 2);
  label.set_text(270, qpi("Label"));
  macro.set_text(270, qpi("Overview"));
  thumbnail.set_text(270, qpi("Thumbnail"));
  const auto slide = open({qpi_page(5, "FullResolution", "<Biomarker>CD3</Biomarker><Name>Opal 520</Name>", 4),
                           qpi_page(6, "FullResolution", "<Name>DAPI</Name>", 4), thumbnail,
                           qpi_page(7, "ReducedResolution", "", 2).set(254, 1), qpi_page(8, "ReducedResolution", "", 2),
                           macro, label});
  const SlideInfo& info = slide->info();
  EXPECT_EQ(info.format, "QPTIFF");
  EXPECT_THAT(names_of(info), ElementsAre("CD3", "DAPI"));
  EXPECT_EQ(info.channels[0].fluorophore, "Opal 520");
  EXPECT_THAT(info.associated, ElementsAre("thumbnail", "macro", "label"));
  EXPECT_THAT(info.levels, ElementsAre(Extent{4, 4}, Extent{2, 2}));
  EXPECT_EQ(level(*slide, 0), 5);
}

TEST_F(Formats, QptiffBrightfieldIsOnePicture) {
  BuiltPage page = rgb(2, 10, 20, 30);
  page.set_text(
      270, qpi("FullResolution", "<ScanProfile><root><PixelSizeMicrons>0.25</PixelSizeMicrons></root></ScanProfile>"));
  page.set_text(305, "PerkinElmer-QPI");
  const auto slide = open({page});
  EXPECT_TRUE(slide->info().rgb);
  EXPECT_THAT(names_of(slide->info()), ElementsAre("Red", "Green", "Blue"));
  EXPECT_EQ(level(*slide, 2), 30);
  EXPECT_EQ(slide->info().um_per_px_x, 0.25);
}

TEST_F(Formats, QpiXmlIsReadAsUtf8AndAsUtf16) {
  std::string text = qpi("FullResolution", "<Name>CD8\xC2\xB5</Name>"), wide = "\xFF\xFE";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool micro = text[i] == '\xC2';
    wide += micro ? '\xB5' : text[i];
    wide += '\0';
    if (micro) ++i;
  }
  BuiltPage page = flat(1);
  page.set_text(305, "PerkinElmer-QPI");
  page.tags[270] = {2, {}, wide};
  EXPECT_THAT(names_of(open({page})->info()), ElementsAre("CD8\xC2\xB5"));
  EXPECT_THAT(names_of(open({page.set_text(270, text)})->info()), ElementsAre("CD8\xC2\xB5"));
}

TEST_F(Formats, DamagedOrHostileXmlIsRefused) {
  BuiltPage page = qpi_page(1, "FullResolution");
  page.set_text(270, "<PerkinElmer-QPI-ImageDescription><Name>");
  EXPECT_THAT(error({page}), HasSubstr("page 1: its XML is damaged"));
  page.set_text(270,
                "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>" + qpi("FullResolution", "<Name>&b;</Name>"));
  EXPECT_THAT(error({page}), HasSubstr("document type"));
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "<a>";
  for (int i = 0; i < 100000; ++i) deep += "</a>";
  page.set_text(270, qpi("FullResolution", deep));
  EXPECT_THAT(error({page}), HasSubstr("too deeply"));
}

TEST_F(Formats, QpiErrors) {
  EXPECT_THAT(error({qpi_page(1, "Thumbnail")}), HasSubstr("no page of type FullResolution"));
  EXPECT_THAT(error({qpi_page(1, "FullResolution"), qpi_page(1, "FullResolution", "", 4)}), HasSubstr("must be alike"));
}

// ---- OME-TIFF ------------------------------------------------------------------------------------------------------

std::string ome(const std::string& pixels_attributes, const std::string& inside, const std::string& uuid = "") {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\"" +
         (uuid.empty() ? "" : " UUID=\"" + uuid + "\"") +
         "><Image ID=\"Image:0\"><Pixels ID=\"Pixels:0\" Type=\"uint8\" " + "SizeX=\"2\" SizeY=\"2\" SizeT=\"1\" " +
         pixels_attributes + ">" + inside + "</Pixels></Image></OME>";
}

std::vector<BuiltPage> flat_pages(std::size_t count, const std::string& description) {
  std::vector<BuiltPage> pages;
  for (std::size_t i = 0; i < count; ++i) pages.push_back(flat(i + 1));
  pages[0].set_text(270, description);
  return pages;
}

const char* kTwoByThree = "SizeC=\"2\" SizeZ=\"3\"";

TEST_F(Formats, OmePlanesFollowTheDimensionOrder) {
  const auto zc = open(flat_pages(6, ome(std::string(kTwoByThree) + " DimensionOrder=\"XYZCT\"", "<TiffData/>")));
  EXPECT_EQ(zc->info().z_count, 3);
  EXPECT_EQ(level(*zc, 0, 2), 3);
  EXPECT_EQ(level(*zc, 1, 0), 4);
  const auto cz = open(flat_pages(6, ome(std::string(kTwoByThree) + " DimensionOrder=\"XYCZT\"", "")));
  EXPECT_EQ(level(*cz, 1, 0), 2);
  EXPECT_EQ(level(*cz, 0, 2), 5);
}

TEST_F(Formats, OmeTiffDataMapsEachPlane) {
  const std::string map =
      "<Channel Name=\"A\"/><Channel Name=\"B\" Fluor=\"Cy5\" EmissionWavelength=\"0.67\" "
      "EmissionWavelengthUnit=\"\xC2\xB5m\"/>"
      "<TiffData FirstC=\"1\" IFD=\"0\"/><TiffData FirstC=\"0\" IFD=\"2\" PlaneCount=\"1\"/>"
      "<Plane TheC=\"1\" TheZ=\"0\" TheT=\"0\" ExposureTime=\"20\" ExposureTimeUnit=\"ms\"/>";
  const auto slide = open(flat_pages(3, ome("SizeC=\"2\" SizeZ=\"1\" DimensionOrder=\"XYCZT\" PhysicalSizeX=\"250\" "
                                            "PhysicalSizeXUnit=\"nm\" PhysicalSizeY=\"0.25\" SignificantBits=\"7\"",
                                            map)));
  const SlideInfo& info = slide->info();
  EXPECT_EQ(info.format, "OME-TIFF");
  EXPECT_THAT(names_of(info), ElementsAre("A", "B"));
  EXPECT_EQ(level(*slide, 0), 3);
  EXPECT_EQ(level(*slide, 1), 1);
  EXPECT_EQ(info.channels[1].fluorophore, "Cy5");
  EXPECT_NEAR(*info.channels[1].emission_nm, 670, 1e-9);
  EXPECT_EQ(info.channels[1].exposure_ms, 20);
  EXPECT_EQ(info.significant_bits, 7);
  EXPECT_NEAR(*info.um_per_px_x, 0.25, 1e-12);
  EXPECT_EQ(info.um_per_px_y, 0.25);
}

TEST_F(Formats, OmePyramidsInSubdirectoriesAreLevels) {
  auto pages = flat_pages(1, ome("SizeC=\"1\" SizeZ=\"1\"", ""));
  pages[0].levels = {flat(9, 1)};
  EXPECT_THAT(open(pages)->info().levels, ElementsAre(Extent{2, 2}, Extent{1, 1}));
}

TEST_F(Formats, OmeRgbIsOnePicture) {
  BuiltPage page = rgb(2, 1, 2, 3);
  page.set_text(270, ome("SizeC=\"3\" SizeZ=\"1\"", "<Channel SamplesPerPixel=\"3\"/>"));
  EXPECT_TRUE(open({page})->info().rgb);
  page.set_text(270, ome("SizeC=\"3\" SizeZ=\"1\"", "<Channel/><Channel/><Channel/>"));
  EXPECT_TRUE(open({page})->info().rgb);
}

std::string two_files(const std::string& second) {
  return "<TiffData FirstC=\"0\" IFD=\"0\"><UUID FileName=\"one.ome.tif\">urn:uuid:1</UUID></TiffData>"
         "<TiffData FirstC=\"1\" IFD=\"0\"><UUID FileName=\"" +
         second + "\">urn:uuid:2</UUID></TiffData>";
}

TEST_F(Formats, OmeSetsSpanFiles) {
  folder_.write("two.ome.tif", build_tiff({flat(7)}).bytes);
  const auto description = ome("SizeC=\"2\" SizeZ=\"1\"", two_files("two.ome.tif"), "urn:uuid:1");
  const auto slide = open(flat_pages(1, description), "renamed.ome.tif");  // found by its UUID, not its name
  EXPECT_EQ(level(*slide, 0), 1);
  EXPECT_EQ(level(*slide, 1), 7);
  EXPECT_THAT(slide->info().companions, ElementsAre(folder_.path() / "two.ome.tif"));
}

TEST_F(Formats, OneFileHasNoCompanions) {
  EXPECT_THAT(open(flat_pages(1, ome("SizeC=\"1\" SizeZ=\"1\"", "")))->info().companions, IsEmpty());
  std::filesystem::create_directory(folder_.path() / "channels");
  folder_.write("channels/a.tif", build_tiff({flat(7)}).bytes);
  EXPECT_THAT(open_slide(folder_.path() / "channels")->info().companions, IsEmpty());
}

TEST_F(Formats, OmeCompanionsStayInTheirFolder) {
  const TemporaryFolder elsewhere;
  elsewhere.write("two.ome.tif", build_tiff({flat(7)}).bytes);
  std::filesystem::create_symlink(elsewhere.path() / "two.ome.tif", folder_.path() / "link.ome.tif");
  const auto said = [&](const std::string& second) {
    return error(flat_pages(1, ome("SizeC=\"2\" SizeZ=\"1\"", two_files(second), "urn:uuid:1")), "one.ome.tif");
  };
  EXPECT_THAT(said("../two.ome.tif"), HasSubstr("is not a plain file name"));
  EXPECT_THAT(said((elsewhere.path() / "two.ome.tif").string()), HasSubstr("is not a plain file name"));
  EXPECT_THAT(said("link.ome.tif"), HasSubstr("leads out of the folder"));
  EXPECT_THAT(said("absent.ome.tif"), HasSubstr("is missing"));
}

TEST_F(Formats, OmeDescriptionMayLieInACompanion) {
  const std::string binary_only =
      "<OME UUID=\"urn:uuid:1\"><BinaryOnly MetadataFile=\"set.companion.ome\" UUID=\"urn:uuid:9\"/></OME>";
  auto pages = flat_pages(1, binary_only);
  const auto alone = open(pages, "one.ome.tif");
  EXPECT_THAT(alone->info().warnings,
              ElementsAre(HasSubstr("\"set.companion.ome\", which describes the set, is missing")));
  folder_.write("two.ome.tif", build_tiff({flat(7)}).bytes);
  folder_.write("set.companion.ome", ome("SizeC=\"2\" SizeZ=\"1\"", two_files("two.ome.tif")));
  const auto set = open(pages, "one.ome.tif");
  EXPECT_EQ(set->info().channels.size(), 2u);
  EXPECT_THAT(set->info().companions,
              UnorderedElementsAre(folder_.path() / "set.companion.ome", folder_.path() / "two.ome.tif"));
  EXPECT_EQ(level(*set, 1), 7);
}

TEST_F(Formats, OmeErrors) {
  EXPECT_THAT(error(flat_pages(5, ome(kTwoByThree, ""))), HasSubstr("names no page for channel"));
  EXPECT_THAT(error(flat_pages(1, ome("SizeC=\"1\" SizeZ=\"1\"", "<TiffData IFD=\"4\"/>"))), HasSubstr("has 1 pages"));
  std::string again;
  for (int i = 0; i < 5000; ++i) again += "<TiffData IFD=\"0\"/>";
  EXPECT_THAT(error(flat_pages(1, ome("SizeC=\"1\" SizeZ=\"1\"", again))), HasSubstr("again and again"));
  EXPECT_THAT(error(flat_pages(1, ome("SizeC=\"0\" SizeZ=\"1\"", ""))), HasSubstr("cannot be empty"));
  EXPECT_THAT(error(flat_pages(1, ome("SizeC=\"1000000\" SizeZ=\"1000000\"", ""))), HasSubstr("million planes"));
  EXPECT_THAT(error(flat_pages(1, ome("SizeC=\"1e99\" SizeZ=\"1\"", ""))), HasSubstr("no sensible number"));
  EXPECT_THAT(error(flat_pages(1, ome("SizeC=\"2\" SizeZ=\"1\"", "<Channel/>"))), HasSubstr("SizeC is 2"));
  EXPECT_THAT(error({flat(1, 4).set_text(270, ome("SizeC=\"1\" SizeZ=\"1\"", ""))}), HasSubstr("OME-XML says 2 x 2"));
  EXPECT_THAT(error(flat_pages(1, "<OME ></OME>")), HasSubstr("describes no image"));
}

// ---- ImageJ, tifffile, plain ---------------------------------------------------------------------------------------

TEST_F(Formats, ImagejHyperstacksRunThroughChannelsFirst) {
  const auto slide = open(flat_pages(6, "ImageJ=1.53\nimages=6\nchannels=2\nslices=3\nhyperstack=true\n"));
  EXPECT_EQ(slide->info().format, "ImageJ TIFF");
  EXPECT_EQ(slide->info().z_count, 3);
  EXPECT_EQ(level(*slide, 1, 0), 2);
  EXPECT_EQ(level(*slide, 0, 2), 5);
}

TEST_F(Formats, ImagejStacksMayHaveOneDirectory) {
  for (const bool big_endian : {false, true}) {
    BuiltPage page = grey_page(2, 1, {258, 259}, 16, 0, big_endian);
    for (const std::uint8_t high : {2, 3}) {  // two more images right behind: 512 + i, 768 + i
      for (std::uint8_t low = 0; low < 2; ++low) {
        page.blocks[0].push_back(big_endian ? high : low);
        page.blocks[0].push_back(big_endian ? low : high);
      }
    }
    page.tags[279] = {4, {4}, {}};
    page.set_text(270, "ImageJ=1.53\nimages=3\nchannels=3\n");
    BuiltTiff tiff = build_tiff({page}, false, big_endian);
    const auto slide = open_slide(folder_.write("stack.tif", tiff.bytes));
    EXPECT_THAT(pixels_of(*slide, 0), ElementsAre(258, 259));
    EXPECT_THAT(pixels_of(*slide, 2), ElementsAre(768, 769));
    page.set_text(270, "ImageJ=1.53\nimages=300\nchannels=300\n");
    EXPECT_THAT(input_error_of(folder_.write("stack.tif", build_tiff({page}, false, big_endian).bytes)),
                HasSubstr("ends inside image"));
  }
}

TEST_F(Formats, ImagejUnitsAreThoseOfTheDescription) {
  for (const char* unit : {"micron", "um", "\\u00B5m", "\xC2\xB5m", "\xB5m"}) {
    auto pages = flat_pages(1, std::string("ImageJ=1.53\nunit=") + unit + "\n");
    pages[0].set_fraction(282, 4, 1).set_fraction(283, 4, 1);
    EXPECT_EQ(open(pages)->info().um_per_px_x, 0.25) << unit;
  }
  auto pages = flat_pages(1, "ImageJ=1.53\nunit=parsec\n");
  pages[0].set_fraction(282, 4, 1);
  EXPECT_FALSE(open(pages)->info().um_per_px_x);
}

TEST_F(Formats, ImagejErrors) {
  EXPECT_THAT(error(flat_pages(2, "ImageJ=1\nimages=2\nframes=2\n")), HasSubstr("2 time points"));
  EXPECT_THAT(error(flat_pages(2, "ImageJ=1\nimages=6\nchannels=2\nslices=3\n")), HasSubstr("the file holds 2 pages"));
  EXPECT_THAT(error(flat_pages(2, "ImageJ=1\nimages=-4\n")), HasSubstr("no sensible count"));
  EXPECT_THAT(error(flat_pages(2, "ImageJ=1\nimages=2\nchannels=5\n")), HasSubstr("but 2 images"));
}

TEST_F(Formats, TifffileArraysKeepTheirNames) {
  const auto slide =
      open(flat_pages(2, R"({"axes": "CYX", "Channel": {"Name": ["DAPI", "CD3"]}, "shape": [2, 2, 2]})"));
  EXPECT_THAT(names_of(slide->info()), ElementsAre("DAPI", "CD3"));
  const auto zc = open(flat_pages(6, R"({"axes": "ZCYX", "shape": [3, 2, 2, 2]})"));
  EXPECT_EQ(level(*zc, 1, 0), 2);
  EXPECT_EQ(level(*zc, 0, 2), 5);
  EXPECT_THAT(error(flat_pages(2, R"({"axes": "TYX", "shape": [2, 2, 2]})")), HasSubstr("time points"));
  EXPECT_THAT(error(flat_pages(2, R"({"shape": [7, 2, 2]})")), HasSubstr("7 planes"));
}

TEST_F(Formats, PlainPagesAreChannels) {
  auto pages = flat_pages(3, "some scanner");
  pages[1].set_text(285, "CD20");
  pages[2] = flat(9, 1);
  const auto slide = open(pages);
  EXPECT_EQ(slide->info().format, "TIFF");
  EXPECT_THAT(names_of(slide->info()), ElementsAre("", "CD20"));
  EXPECT_THAT(slide->info().warnings, ElementsAre(HasSubstr("page 3 (1 x 1 pixels")));
}

TEST_F(Formats, WhiteIsZeroIsReadAsStored) {
  const auto slide = open({flat(200).set(262, 0, 3)});
  EXPECT_EQ(level(*slide, 0), 200);
  EXPECT_THAT(slide->info().warnings, ElementsAre(HasSubstr("white")));
}

// ---- Pixel size ----------------------------------------------------------------------------------------------------

TEST_F(Formats, PixelSizesThatCannotBeCountAsAbsent) {
  const auto um = [&](std::uint64_t numerator, std::uint64_t denominator, std::uint64_t unit) {
    return open({flat(1)
                     .set_fraction(282, numerator, denominator)
                     .set_fraction(283, numerator, denominator)
                     .set(296, unit, 3)})
        ->info()
        .um_per_px_x;
  };
  EXPECT_EQ(um(20000, 1, 3), 0.5);
  EXPECT_NEAR(*um(50800, 1, 2), 0.5, 1e-12);
  EXPECT_FALSE(um(72, 1, 2));  // a printer's
  EXPECT_FALSE(um(1, 0, 3));
  EXPECT_FALSE(um(0, 1000, 3));
  EXPECT_FALSE(um(4294967295u, 1, 3));
  EXPECT_FALSE(um(20000, 1, 1));  // no unit
}

TEST_F(Formats, PixelsThatAreNotSquareAreReported) {
  BuiltPage page = flat(1).set_fraction(282, 20000, 1).set_fraction(283, 10000, 1).set(296, 3, 3);
  const auto slide = open({page});
  EXPECT_EQ(slide->info().um_per_px_x, 0.5);
  EXPECT_EQ(slide->info().um_per_px_y, 1.0);
  EXPECT_THAT(slide->info().warnings, ElementsAre(HasSubstr("not square")));
}

// ---- Folders, labels, others ---------------------------------------------------------------------------------------

TEST_F(Formats, FoldersHoldOneChannelAFile) {
  folder_.write("CD3.tif", build_tiff({flat(3)}).bytes);
  folder_.write("CD20.tiff", build_tiff({flat(20)}).bytes);
  folder_.write("notes.txt", std::string("not a channel"));
  folder_.write(".hidden.tif", std::string("not a TIFF"));
  const auto slide = open_slide(folder_.path());
  EXPECT_EQ(slide->info().format, "folder of TIFFs");
  EXPECT_THAT(names_of(slide->info()), ElementsAre("CD20", "CD3"));
  EXPECT_EQ(level(*slide, 0), 20);
  folder_.write("X.tif", build_tiff({flat(1, 3)}).bytes);
  EXPECT_THAT(input_error_of(folder_.path()), HasSubstr("X.tif has 3 x 3 pixels"));
  folder_.write("X.tif", build_tiff({flat(1), flat(2)}).bytes);
  EXPECT_THAT(input_error_of(folder_.path()), HasSubstr("X.tif holds 2 channels"));
}

TEST_F(Formats, EmptyFoldersAndStrangeFilesAreRefusedWithAHint) {
  EXPECT_THAT(input_error_of(folder_.path()), HasSubstr("without TIFF files"));
  EXPECT_THAT(input_error_of(folder_.write("field.im3", std::string("spectral cube"))),
              HasSubstr("export component data"));
}

TEST_F(Formats, LabelMasksKeepTheirNumbers) {
  BuiltPage nucleus = grey_page(2, 1, {0, 4000000000u}, 32), cell = grey_page(2, 1, {7, 4000000000u}, 32);
  nucleus.set_text(
      270,
      "<?xml version=\"1.0\" encoding=\"utf-16\"?><SegmentationImage><CompartmentType>Nucleus</CompartmentType>"
      "</SegmentationImage>");
  const LabelPages labels = read_label_pages(folder_.write("m.tif", build_tiff({nucleus, cell}).bytes));
  ASSERT_EQ(labels.pages.size(), 2u);
  EXPECT_EQ(labels.pages[0](1, 0), 4000000000u);
  EXPECT_EQ(labels.pages[1](0, 0), 7u);
  EXPECT_THAT(labels.names, ElementsAre("Nucleus", ""));
}

TEST_F(Formats, LabelMasksThatCannotBeAreRefused) {
  const auto said = [&](const BuiltPage& page) {
    try {
      read_label_pages(folder_.write("m.tif", build_tiff({page}).bytes));
    } catch (const InputError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_THAT(said(grey_page(2, 1, {1, 0xFFFE}, 16).set(339, 2, 3)), HasSubstr("the label -2 at x 1, y 0"));
  EXPECT_THAT(said(grey_page(2, 1, {0, 0}, 32).set(339, 3, 3)), HasSubstr("floating-point"));
  EXPECT_THAT(said(rgb(2, 1, 2, 3)), HasSubstr("colour picture"));
}

TEST(SlideStem, IsTheNameWithoutTheKnownEndings) {
  EXPECT_EQ(slide_stem("/x/a.ome.tif"), "a");
  EXPECT_EQ(slide_stem("b.OME.TIFF"), "b");
  EXPECT_EQ(slide_stem("c.d.qptiff"), "c.d");
  EXPECT_EQ(slide_stem("e_component_data.tif"), "e_component_data");
  EXPECT_EQ(slide_stem("f.png"), "f");
  EXPECT_EQ(slide_stem("g.unknown"), "g.unknown");
  EXPECT_EQ(slide_stem(".tif"), ".tif");
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "h.tif");
  EXPECT_EQ(slide_stem(folder.path() / "h.tif"), "h.tif");
  EXPECT_EQ(slide_stem((folder.path() / "h.tif").string() + "/"), "h.tif");
}

}  // namespace
}  // namespace hexaplex::test
