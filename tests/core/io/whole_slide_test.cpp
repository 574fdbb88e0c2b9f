// Slides that OpenSlide reads: made here as their scanners lay them out, and one real SVS read both ways.

#include "core/io/whole_slide.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tiffio.h>
#include <turbojpeg.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "tests/support/core/slide_reading.h"
#include "tests/support/core/tiff_builder.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::uint8_t> plane_of(Slide& slide, int channel, Rect window, int level = 0) {
  HostPlane<std::uint16_t> plane(window.extent());
  slide.read(channel, 0, window, plane.view(), level);
  return std::vector<std::uint8_t>(plane.data(), plane.data() + window.extent().area());
}

std::vector<std::uint8_t> scanned_of(Slide& slide, Rect window, int level = 0) {
  HostPlane<std::uint8_t> plane(window.extent());
  slide.read_scanned(std::vector<int>{0}, 0, window, plane.view(), level);
  return std::vector<std::uint8_t>(plane.data(), plane.data() + window.extent().area());
}

template <class Call>
std::string input_error(Call call) {
  try {
    call();
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

constexpr int kTile = 256;

std::uint8_t value_at(int x, int y, int c, int level) {
  return static_cast<std::uint8_t>((x * 3 + y * 7 + c * 50 + level * 11) % 251);
}

/// One square level in tiles, some of which are not written.
void write_level(TIFF* t, int level, int side, const std::set<int>& missing, const char* description = nullptr,
                 const char* software = nullptr) {
  TIFFSetField(t, TIFFTAG_SUBFILETYPE, level == 0 ? 0 : FILETYPE_REDUCEDIMAGE);
  TIFFSetField(t, TIFFTAG_IMAGEWIDTH, side);
  TIFFSetField(t, TIFFTAG_IMAGELENGTH, side);
  TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, 3);
  TIFFSetField(t, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
  TIFFSetField(t, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(t, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
  TIFFSetField(t, TIFFTAG_TILEWIDTH, kTile);
  TIFFSetField(t, TIFFTAG_TILELENGTH, kTile);
  TIFFSetField(t, TIFFTAG_RESOLUTIONUNIT, RESUNIT_CENTIMETER);
  TIFFSetField(t, TIFFTAG_XRESOLUTION, 20000.0 / (1 << level));
  TIFFSetField(t, TIFFTAG_YRESOLUTION, 20000.0 / (1 << level));
  if (software != nullptr) TIFFSetField(t, TIFFTAG_SOFTWARE, software);
  if (description != nullptr) TIFFSetField(t, TIFFTAG_IMAGEDESCRIPTION, description);
  const int across = side / kTile;
  for (int i = 0; i < across * across; ++i) {
    if (missing.count(i) != 0) continue;
    std::vector<std::uint8_t> tile;
    for (int y = 0; y < kTile; ++y) {
      for (int x = 0; x < kTile; ++x) {
        for (int c = 0; c < 3; ++c) tile.push_back(value_at(i % across * kTile + x, i / across * kTile + y, c, level));
      }
    }
    ASSERT_GT(TIFFWriteEncodedTile(t, static_cast<std::uint32_t>(i), tile.data(), static_cast<tmsize_t>(tile.size())),
              0);
  }
  ASSERT_EQ(TIFFWriteDirectory(t), 1);
}

// ---- Leica SCN: 512 x 512 pixels on a glass of 768 x 512; half of that as a second level ---------------------------

/// `missing`: tiles of full resolution that are not there.
void write_scn(const std::filesystem::path& path, const std::set<int>& missing = {}) {
  const std::string description =
      "<?xml version=\"1.0\"?><scn xmlns=\"http://www.leica-microsystems.com/scn/2010/10/01\">"
      "<collection sizeX=\"384000\" sizeY=\"256000\"><image><device model=\"M\" version=\"1\"/>"
      "<pixels sizeX=\"512\" sizeY=\"512\"><dimension sizeX=\"512\" sizeY=\"512\" r=\"0\" ifd=\"0\"/>"
      "<dimension sizeX=\"256\" sizeY=\"256\" r=\"1\" ifd=\"1\"/></pixels>"
      "<view sizeX=\"256000\" sizeY=\"256000\" offsetX=\"0\" offsetY=\"0\"/>"
      "<scanSettings><objectiveSettings><objective>20</objective></objectiveSettings><illuminationSettings>"
      "<illuminationSource>brightfield</illuminationSource></illuminationSettings></scanSettings>"
      "</image></collection></scn>";
  TIFF* t = TIFFOpen(path.c_str(), "w8");
  ASSERT_NE(t, nullptr);
  write_level(t, 0, 512, missing, description.c_str());
  write_level(t, 1, 256, {});
  TIFFClose(t);
}

TEST(WholeSlide, ScnIsReadWithItsLevelsPixelForPixel) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.scn";
  write_scn(path);
  const auto slide = open_slide(path);
  const SlideInfo& info = slide->info();
  EXPECT_EQ(info.format, "Leica SCN");
  EXPECT_TRUE(info.rgb);
  EXPECT_THAT(info.levels, ElementsAre(Extent{768, 512}, Extent{384, 256}));
  ASSERT_TRUE(info.um_per_px_x && info.um_per_px_y);
  EXPECT_NEAR(*info.um_per_px_x, 0.5, 1e-6);
  for (const int level : {0, 1}) {
    for (const Rect r : {Rect{0, 0, 256, 256}, Rect{100, 200, 150, 50}, Rect{255, 0, 1, 1}}) {
      for (int c = 0; c < 3; ++c) {
        const auto pixels = plane_of(*slide, c, r, level);
        std::size_t i = 0;
        for (int y = r.y; y < r.bottom(); ++y) {
          for (int x = r.x; x < r.right(); ++x) ASSERT_EQ(pixels[i++], value_at(x, y, c, level)) << x << ", " << y;
        }
      }
    }
  }
  EXPECT_THAT(slide_stem(path), "a");
}

TEST(WholeSlide, GlassThatWasNotScannedIsBackgroundAndSaid) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.scn";
  write_scn(path);
  const auto slide = open_slide(path);
  EXPECT_THAT(slide->info().warnings, ElementsAre(HasSubstr("never scanned; they are read as background (#FFFFFF)")));
  for (int c = 0; c < 3; ++c) EXPECT_THAT(plane_of(*slide, c, {600, 100, 3, 1}), ElementsAre(255, 255, 255));
  EXPECT_THAT(scanned_of(*slide, {510, 100, 4, 1}), ElementsAre(1, 1, 0, 0));
  EXPECT_THAT(scanned_of(*slide, {254, 100, 4, 1}, 1), ElementsAre(1, 1, 0, 0));
}

TEST(WholeSlide, EachMissingTileIsAnErrorThatNamesThePlace) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.scn";
  for (const int tile : {0, 1, 2, 3}) {
    write_scn(path, {tile});
    const auto slide = open_slide(path);
    const int x = tile % 2 * kTile, y = tile / 2 * kTile;
    ::testing::internal::CaptureStderr();
    const std::string said = input_error([&] { plane_of(*slide, 0, {x, y, kTile, kTile}); });
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");  // libtiff would print
    EXPECT_THAT(said, HasSubstr("cannot be decoded near x 0, y 0")) << tile;
    EXPECT_THAT(said, HasSubstr("a.scn")) << tile;
  }
}

TEST(WholeSlide, DamagedTilesAreErrorsThatNameTheFile) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.scn";
  write_scn(path);
  Bytes bytes = file_bytes(path);
  for (std::size_t i = 300; i < 2000; ++i) bytes[i] = 0xA5;  // inside the first tile
  folder.write("a.scn", bytes);
  const auto slide = open_slide(path);
  const std::string said = input_error([&] { plane_of(*slide, 0, {0, 0, 8, 8}); });
  EXPECT_THAT(said, HasSubstr("a.scn"));
  EXPECT_THAT(said, HasSubstr("cannot be decoded near x 0, y 0"));
  EXPECT_THAT(said, HasSubstr("copy or export it again"));
}

TEST(WholeSlide, ChecksItsArguments) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.scn";
  write_scn(path);
  const auto slide = open_slide(path);
  EXPECT_THROW(plane_of(*slide, 3, {0, 0, 1, 1}), InvalidArgument);
  EXPECT_THROW(plane_of(*slide, 0, {760, 0, 10, 1}), InvalidArgument);
  EXPECT_THROW(plane_of(*slide, 0, {0, 0, 1, 1}, 2), InvalidArgument);
  EXPECT_THAT(plane_of(*slide, 0, {0, 0, 0, 0}), IsEmpty());
}

// ---- Philips TIFF: 1024 x 1024 pixels and half of that; tiles of glass are left out ---------------------------------

void write_philips(const std::filesystem::path& path, const std::set<int>& missing, const std::set<int>& of_level_1) {
  const auto spacing = [](const std::string& mm) {
    return "<Attribute Name=\"DICOM_PIXEL_SPACING\" Group=\"0x0028\" Element=\"0x0030\" PMSVR=\"IDoubleArray\">"
           "&quot;" +
           mm + "&quot; &quot;" + mm + "&quot;</Attribute>";
  };
  const auto level = [&](const std::string& mm) {
    return "<DataObject ObjectType=\"PixelDataRepresentation\">" + spacing(mm) + "</DataObject>";
  };
  const std::string description =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?><DataObject ObjectType=\"DPUfsImport\"><Attribute "
      "Name=\"PIM_DP_SCANNED_IMAGES\"><Array><DataObject ObjectType=\"DPScannedImage\"><Attribute "
      "Name=\"PIM_DP_IMAGE_TYPE\">WSI</Attribute>" +
      spacing("0.0005") + "<Attribute Name=\"PIIM_PIXEL_DATA_REPRESENTATION_SEQUENCE\"><Array>" + level("0.0005") +
      level("0.001") + "</Array></Attribute></DataObject></Array></Attribute></DataObject>";
  TIFF* t = TIFFOpen(path.c_str(), "w8");
  ASSERT_NE(t, nullptr);
  write_level(t, 0, 1024, missing, description.c_str(), "Philips DP v1.0");
  write_level(t, 1, 512, of_level_1);
  TIFFClose(t);
}

TEST(WholeSlide, TilesThatEveryLevelLeavesOutWereNeverScanned) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.tiff";
  write_philips(path, {10, 11, 14, 15}, {3});  // the lower right quarter
  const auto slide = open_slide(path);
  EXPECT_EQ(slide->info().format, "Philips TIFF");
  EXPECT_THAT(slide->info().levels, ElementsAre(Extent{1024, 1024}, Extent{512, 512}));
  ASSERT_TRUE(slide->info().um_per_px_x);
  EXPECT_NEAR(*slide->info().um_per_px_x, 0.5, 1e-9);
  EXPECT_THAT(slide->info().warnings, ElementsAre(HasSubstr("never scanned")));
  EXPECT_THAT(plane_of(*slide, 1, {511, 600, 3, 1}), ElementsAre(value_at(511, 600, 1, 0), 255, 255));
  EXPECT_THAT(scanned_of(*slide, {511, 600, 3, 1}), ElementsAre(1, 0, 0));
}

TEST(WholeSlide, ATileThatTheOverviewHasIsMissing) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.tiff";
  for (const int tile : {5, 10}) {
    write_philips(path, {tile}, {});
    const auto slide = open_slide(path);
    EXPECT_THAT(slide->info().warnings, IsEmpty());
    const int x = tile % 4 * kTile, y = tile / 4 * kTile;
    const std::string said = input_error([&] { plane_of(*slide, 0, {x, y, 10, 10}); });
    EXPECT_THAT(said, HasSubstr("has no pixels at x " + std::to_string(x) + ", y " + std::to_string(y)));
    EXPECT_THAT(said, HasSubstr("a tile is missing; copy or export it again"));
  }
}

// ---- Hamamatsu NDPI: a classic TIFF with one JPEG for each level ----------------------------------------------------

Bytes jpeg_of(int width, int height, const Bytes& rgb) {
  tjhandle h = tjInitCompress();
  unsigned char* out = nullptr;
  unsigned long size = 0;
  tjCompress2(h, rgb.data(), width, 0, height, TJPF_RGB, &out, &size, TJSAMP_444, 95, TJFLAG_ACCURATEDCT);
  Bytes bytes(out, out + size);
  tjFree(out);
  tjDestroy(h);
  return bytes;
}

Bytes pixels_of_jpeg(const Bytes& jpeg, int width, int height) {
  Bytes rgb(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  tjhandle h = tjInitDecompress();
  tjDecompress2(h, jpeg.data(), jpeg.size(), rgb.data(), width, 0, height, TJPF_RGB, TJFLAG_ACCURATEDCT);
  tjDestroy(h);
  return rgb;
}

Bytes ndpi(const Bytes& jpeg, std::uint32_t width, std::uint32_t height) {
  BuiltPage page;
  page.blocks = {Bytes(4, 0)};  // the offset of the first directory has 8 bytes in NDPI
  page.blocks[0].insert(page.blocks[0].end(), jpeg.begin(), jpeg.end());
  page.set(256, width).set(257, height).set(259, 7, 3).set(262, 6, 3).set(277, 3, 3).set(278, height);
  page.tags[258] = {3, {8, 8, 8}, {}};
  page.set(273, 12).set(279, jpeg.size());
  page.set_fraction(282, 44000, 1).set_fraction(283, 44000, 1).set(296, 3, 3);
  page.set_text(271, "Hamamatsu").set(65420, 1).set(65421, 0x41A00000, 11);  // flag; 20x
  page.set(65422, 0, 9).set(65423, 0, 9).set(65424, 0, 9);                   // signed
  Bytes bytes = build_tiff({page}).bytes;
  bytes.resize(bytes.size() + 64, 0);  // the end of the chain has 8 bytes too
  return bytes;
}

TEST(WholeSlide, NdpiIsFoundByItsTagAndReadExactly) {
  const int width = 96, height = 64;
  Bytes rgb;
  for (int i = 0; i < width * height * 3; ++i) rgb.push_back(static_cast<std::uint8_t>(i * 7 % 200 + i / 200));
  const Bytes jpeg = jpeg_of(width, height, rgb);
  const TemporaryFolder folder;
  const auto slide = open_slide(folder.write("slide.tif", ndpi(jpeg, width, height)));
  EXPECT_EQ(slide->info().format, "Hamamatsu");
  EXPECT_TRUE((slide->info().extent == Extent{width, height}));
  ASSERT_TRUE(slide->info().um_per_px_x);
  EXPECT_NEAR(*slide->info().um_per_px_x, 10000.0 / 44000, 1e-9);
  const Bytes expected = pixels_of_jpeg(jpeg, width, height);
  for (int c = 0; c < 3; ++c) {
    const auto pixels = plane_of(*slide, c, {0, 0, width, height});
    for (std::size_t i = 0; i < pixels.size(); ++i) ASSERT_EQ(pixels[i], expected[i * 3 + static_cast<std::size_t>(c)]);
  }
}

TEST(WholeSlide, NdpiThatIsCutShortIsAnError) {
  const Bytes rgb(96 * 64 * 3, 100);
  Bytes jpeg = jpeg_of(96, 64, rgb);
  for (std::size_t i = 0; i < 8; ++i) jpeg[i] = 0;
  const TemporaryFolder folder;
  const auto path = folder.write("slide.ndpi", ndpi(jpeg, 96, 64));
  EXPECT_THAT(input_error([&] { read_everything(path); }), HasSubstr("slide.ndpi"));
}

// ---- MIRAX: a picture to look at, and a folder with settings, an index and the data ---------------------------------

void add_int32(Bytes& b, std::size_t value) {
  for (int shift = 0; shift < 32; shift += 8) b.push_back(static_cast<std::uint8_t>(value >> shift));
}

/// 2 x 2 pictures of 256 pixels at full resolution, those in `missing` left out; one picture of half the resolution.
std::vector<Bytes> write_mirax(const TemporaryFolder& folder, const std::set<int>& missing) {
  const auto level = [](int number, double um, int concat) {
    return "[LEVEL_" + std::to_string(number) +
           "]\nOVERLAP_X=0\nOVERLAP_Y=0\nMICROMETER_PER_PIXEL_X=" + std::to_string(um) +
           "\nMICROMETER_PER_PIXEL_Y=" + std::to_string(um) +
           "\nIMAGE_FORMAT=JPEG\nIMAGE_FILL_COLOR_BGR=15789280\nDIGITIZER_WIDTH=256\nDIGITIZER_HEIGHT=256\n"
           "IMAGE_CONCAT_FACTOR=" +
           std::to_string(concat) + "\n";
  };
  std::filesystem::create_directories(folder.path() / "a");
  folder.write("a/Slidedat.ini",
               "[GENERAL]\nSLIDE_VERSION=01.02\nSLIDE_ID=ABC\nIMAGENUMBER_X=2\nIMAGENUMBER_Y=2\n"
               "OBJECTIVE_MAGNIFICATION=20\n[HIERARCHICAL]\nHIER_COUNT=1\nNONHIER_COUNT=0\nINDEXFILE=Index.dat\n"
               "HIER_0_NAME=Slide zoom level\nHIER_0_COUNT=2\nHIER_0_VAL_0_SECTION=LEVEL_0\n"
               "HIER_0_VAL_1_SECTION=LEVEL_1\n[DATAFILE]\nFILE_COUNT=1\nFILE_0=Data.dat\n" +
                   level(0, 0.25, 0) + level(1, 0.5, 1));
  std::vector<Bytes> pictures;
  for (int k = 0; k < 5; ++k) {
    Bytes rgb;
    for (int i = 0; i < 256 * 256 * 3; ++i) rgb.push_back(static_cast<std::uint8_t>(40 * k + i * 7 / 900 % 60));
    pictures.push_back(jpeg_of(256, 256, rgb));
  }
  Bytes data{0};
  std::vector<std::vector<std::size_t>> records[2];
  for (int k = 0; k < 5; ++k) {
    const Bytes& p = pictures[static_cast<std::size_t>(k)];
    if (k == 4 || missing.count(k) == 0)
      records[k / 4].push_back({static_cast<std::size_t>(k == 4 ? 0 : k), data.size(), p.size(), 0});
    data.insert(data.end(), p.begin(), p.end());
  }
  const std::string version = "01.02ABC";
  Bytes index(version.begin(), version.end());
  const std::size_t table = index.size() + 8;
  add_int32(index, table);
  add_int32(index, 0);
  const std::size_t first = table + 8, second = first + 16 + records[0].size() * 16;
  add_int32(index, first);
  add_int32(index, second);
  for (const std::size_t at : {first, second}) {
    const auto& pages = records[at == first ? 0 : 1];
    add_int32(index, 0);
    add_int32(index, at + 8);
    add_int32(index, pages.size());
    add_int32(index, 0);
    for (const auto& record : pages) {
      for (const std::size_t v : record) add_int32(index, v);
    }
  }
  folder.write("a/Index.dat", index);
  folder.write("a/Data.dat", data);
  folder.write("a.mrxs", jpeg_of(8, 8, Bytes(8 * 8 * 3, 100)));
  std::vector<Bytes> pixels;
  for (const Bytes& p : pictures) pixels.push_back(pixels_of_jpeg(p, 256, 256));
  return pixels;
}

TEST(WholeSlide, MiraxIsReadFromItsFolder) {
  const TemporaryFolder folder;
  const auto pictures = write_mirax(folder, {});
  const auto slide = open_slide(folder.path() / "a.mrxs");
  EXPECT_EQ(slide->info().format, "MIRAX");
  EXPECT_THAT(slide->info().levels, ElementsAre(Extent{512, 512}, Extent{256, 256}));
  EXPECT_NEAR(slide->info().um_per_px_x.value_or(0), 0.25, 1e-9);
  for (int k = 0; k < 4; ++k) {
    for (int c = 0; c < 3; ++c) {
      const auto pixels = plane_of(*slide, c, {k % 2 * 256, k / 2 * 256, 256, 256});
      for (std::size_t i = 0; i < pixels.size(); ++i)
        ASSERT_EQ(pixels[i], pictures[static_cast<std::size_t>(k)][i * 3 + static_cast<std::size_t>(c)]) << k;
    }
  }
  EXPECT_EQ(plane_of(*slide, 1, {0, 0, 256, 256}, 1)[300], pictures[4][901]);
  EXPECT_EQ(slide_stem(folder.path() / "a.mrxs"), "a");
  const auto inside = folder.path() / "a";
  EXPECT_THAT(slide->info().companions,
              ElementsAre(inside / "Data.dat", inside / "Index.dat", inside / "Slidedat.ini"));
}

TEST(WholeSlide, FilesOfAVmsAreThoseItNames) {
  const TemporaryFolder folder;
  for (const char* name : {"a.jpg", "a(0,1).jpg", "map.jpg", "a.opt", "macro.jpg", "other.jpg"})
    folder.write(name, "x");
  const FileBytes vms(folder.write("a.vms",
                                   "[Virtual Microscope Specimen]\r\nNoLayers=1\r\nImageFile=a.jpg\r\n"
                                   "ImageFile(0,1)=a(0,1).jpg\r\nMapFile=map.jpg\r\nOptimisationFile= a.opt \r\n"
                                   "ImageFile(1,0)=../elsewhere.jpg\r\nMacroImage=macro.jpg\r\nImageFile(1,1)="));
  EXPECT_THAT(companions_of_whole_slide(vms), ElementsAre(folder.path() / "a(0,1).jpg", folder.path() / "a.jpg",
                                                          folder.path() / "a.opt", folder.path() / "map.jpg"));
}

TEST(WholeSlide, MiraxThatLostAPictureOrItsDataIsAnError) {
  const TemporaryFolder folder;
  write_mirax(folder, {3});
  const auto path = folder.path() / "a.mrxs";
  const auto slide = open_slide(path);
  EXPECT_THAT(input_error([&] { plane_of(*slide, 0, {300, 300, 1, 1}); }), HasSubstr("a tile is missing"));
  write_mirax(folder, {});
  std::filesystem::resize_file(folder.path() / "a" / "Data.dat", 3000);
  EXPECT_THAT(input_error([&] { read_everything(path); }), HasSubstr("a.mrxs"));
  std::filesystem::remove(folder.path() / "a" / "Index.dat");
  EXPECT_THAT(input_error([&] { open_slide(path); }), HasSubstr("copy the slide again, with all its files"));
}

// ---- What is no such slide -----------------------------------------------------------------------------------------

TEST(WholeSlide, MrxsWithoutItsFolderSaysSo) {
  const TemporaryFolder folder;
  const auto path = folder.write("a.mrxs", jpeg_of(8, 8, Bytes(8 * 8 * 3, 100)));
  EXPECT_THAT(input_error([&] { open_slide(path); }), HasSubstr("its folder is not beside it"));
}

TEST(WholeSlide, FilesThatOnlyBeginLikeOneAreRefused) {
  const TemporaryFolder folder;
  for (const char* start : {"SQLite format 3", "[Virtual Microscope Specimen]\nNoLayers=1\n"}) {
    const auto path = folder.write("a.bin", std::string(start));
    EXPECT_THAT(input_error([&] { open_slide(path); }), HasSubstr("a.bin")) << start;
  }
}

TEST(WholeSlide, OrdinaryFilesNeverReachOpenSlide) {
  const TemporaryFolder folder;
  BuiltPage page = grey_page(2, 2, {1, 2, 3, 4});
  for (const char* text : {"", "ImageJ=1.53\n", "Aperio Image Library\r\n2x2|MPP = 0.5", "<OME></OME>"}) {
    page.set_text(270, text);
    EXPECT_FALSE(is_for_openslide(FileBytes(folder.write("a.tif", build_tiff({page}).bytes)))) << text;
  }
  page.set_text(270, "Aperio Image Library\r\n2x2|MPP = 0.5").set(259, 33005, 3);
  EXPECT_TRUE(is_for_openslide(FileBytes(folder.write("a.tif", build_tiff({page}).bytes))));
}

// ---- A real one, both ways -----------------------------------------------------------------------------------------

TEST(WholeSlide, RealSvsGivesTheSamePixelsAsOurOwnReader) {
  const std::filesystem::path path =
      ::hexaplex::testing::source_folder() / "../shared/data/slides/CMU-1-Small-Region.svs";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
  const auto ours = open_slide(path);
  const auto theirs = open_whole_slide(FileBytes(path));
  ASSERT_NE(theirs, nullptr);
  EXPECT_EQ(ours->info().format, theirs->info().format);
  EXPECT_EQ(theirs->info().compression, "by OpenSlide");
  ASSERT_TRUE(ours->info().levels == theirs->info().levels);
  EXPECT_EQ(ours->info().um_per_px_x, theirs->info().um_per_px_x);
  for (const std::string& name : ours->info().associated) EXPECT_THAT(theirs->info().associated, Contains(name));
  const Extent e = ours->info().extent;
  for (int c = 0; c < 3; ++c)
    EXPECT_EQ(plane_of(*ours, c, {0, 0, e.width, e.height}), plane_of(*theirs, c, {0, 0, e.width, e.height})) << c;
}

}  // namespace
}  // namespace hexaplex::test
