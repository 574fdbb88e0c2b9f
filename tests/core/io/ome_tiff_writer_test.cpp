#include "core/io/ome_tiff_writer.h"

#include <gtest/gtest.h>
#include <tiffio.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include "kernels/runtime/error.h"
#include "kernels/runtime/host_plane.h"
#include "tests/support/core/sample_result.h"
#include "tests/support/core/tiff_pages.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex {
namespace {

using test::TemporaryFolder;

HostPlane<std::uint32_t> random_labels(Extent e, unsigned seed) {
  std::mt19937 random(seed);
  HostPlane<std::uint32_t> plane(e);
  for (std::int64_t i = 0; i < e.area(); ++i) plane.data()[i] = static_cast<std::uint32_t>(random());
  return plane;
}

struct OpenTiff {
  std::unique_ptr<TIFF, void (*)(TIFF*)> tiff;
  explicit OpenTiff(const std::filesystem::path& path) : tiff(TIFFOpen(path.c_str(), "r"), TIFFClose) {}
  TIFF* get() const { return tiff.get(); }

  std::vector<toff_t> levels() const {
    std::uint16_t count = 0;
    toff_t* offsets = nullptr;
    if (!TIFFGetField(get(), TIFFTAG_SUBIFD, &count, &offsets)) return {};
    return {offsets, offsets + count};
  }
  template <class T = std::uint32_t>
  T tag(std::uint32_t id) const {
    T value{};
    EXPECT_TRUE(TIFFGetField(get(), id, &value)) << id;
    return value;
  }
  HostPlane<std::uint32_t> pixels() const {
    HostPlane<std::uint32_t> plane(
        {static_cast<int>(tag(TIFFTAG_IMAGEWIDTH)), static_cast<int>(tag(TIFFTAG_IMAGELENGTH))});
    std::vector<std::uint32_t> tile(512 * 512);
    for (int y = 0; y < plane.height(); y += 512)
      for (int x = 0; x < plane.width(); x += 512) {
        EXPECT_GT(TIFFReadTile(get(), tile.data(), static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y), 0, 0),
                  0);
        for (int v = 0; v < std::min(512, plane.height() - y); ++v)
          for (int u = 0; u < std::min(512, plane.width() - x); ++u)
            plane(x + u, y + v) = tile[static_cast<std::size_t>(v) * 512 + static_cast<std::size_t>(u)];
      }
    return plane;
  }
};

TEST(OmeTiffWriter, PyramidOfEveryChannelReadsBack) {
  const TemporaryFolder folder;
  const Extent e{1301, 777};
  const auto a = random_labels(e, 1), b = random_labels(e, 2);
  const OmeChannel<std::uint32_t> channels[] = {{"nucleus", a.view()}, {"cell", b.view()}};
  const auto path = folder.path() / "labels.ome.tif";
  OutputFile file(path);
  write_ome_tiff(CpuQueue{}, file, channels, {"S", 0.5, "Hexaplex 0.1.0"});
  file.close();
  EXPECT_NO_THROW(verify_ome_tiff(path, 2, e));
  EXPECT_THROW(verify_ome_tiff(path, 3, e), OutputError);
  EXPECT_EQ(test::read_text(path).substr(0, 4), std::string("II\x2b\x00", 4)) << "BigTIFF";
  EXPECT_EQ(pyramid_levels(e), 3);

  const OpenTiff tiff(path);
  for (const auto* plane : {&a, &b}) {
    EXPECT_EQ(tiff.tag<std::uint16_t>(TIFFTAG_COMPRESSION), COMPRESSION_ADOBE_DEFLATE);
    EXPECT_EQ(tiff.tag(TIFFTAG_TILEWIDTH), 512u);
    EXPECT_EQ(tiff.tag<std::uint16_t>(TIFFTAG_BITSPERSAMPLE), 32);
    EXPECT_FLOAT_EQ(tiff.tag<float>(TIFFTAG_XRESOLUTION), 20000.0f);
    const std::vector<toff_t> levels = tiff.levels();
    ASSERT_EQ(levels.size(), 2u);
    auto directory = TIFFCurrentDirectory(tiff.get());
    for (int level = 0; level < 3; ++level) {
      if (level > 0) {
        ASSERT_TRUE(TIFFSetSubDirectory(tiff.get(), levels[static_cast<std::size_t>(level - 1)]));
        EXPECT_EQ(tiff.tag(TIFFTAG_SUBFILETYPE), static_cast<std::uint32_t>(FILETYPE_REDUCEDIMAGE));
      }
      const auto pixels = tiff.pixels();
      for (int y = 0; y < pixels.height(); ++y)
        for (int x = 0; x < pixels.width(); ++x) ASSERT_EQ(pixels(x, y), (*plane)(x << level, y << level));
    }
    if (plane == &a) {
      ASSERT_TRUE(TIFFSetDirectory(tiff.get(), static_cast<tdir_t>(directory + 1)));
    }
  }
}

TEST(OmeTiffWriter, SmallFloatsAndNamesThatNeedEscapes) {
  const TemporaryFolder folder;
  HostPlane<float> plane({3, 2}, 0.25f);
  plane(2, 1) = -7.5f;
  const OmeChannel<float> channel{"<CD3> & \"x\"", plane.view()};
  const auto path = folder.path() / "u.ome.tif";
  OutputFile file(path);
  write_ome_tiff(CpuQueue{}, file, {&channel, 1}, {"S", 0.497, "Hexaplex 0.1.0"});
  file.close();
  const auto pages = test::read_tiff_pages(path);
  ASSERT_EQ(pages.size(), 1u);
  EXPECT_EQ(pages[0].pixels(2, 1), -7.5f);
  EXPECT_NE(pages[0].description.find("Name=\"&lt;CD3&gt; &amp; &quot;x&quot;\""), std::string::npos);
  EXPECT_NE(pages[0].description.find("PhysicalSizeX=\"0.497\""), std::string::npos);
  EXPECT_EQ(pages[0].description.find("UUID"), std::string::npos);
}

TEST(OmeTiffWriter, TheXmlFitsTheSchema) {
  const auto schema = test::shared_data("ome_schema");
  if (schema.empty()) GTEST_SKIP() << "shared/data/ome_schema is absent";
  if (std::system("xmllint --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "xmllint is not installed";
  const TemporaryFolder folder;
  const auto labels = random_labels({20, 10}, 3);
  const OmeChannel<std::uint32_t> channels[] = {{"nucleus", labels.view()}, {"cell", labels.view()}};
  OutputFile file(folder.path() / "l.ome.tif");
  write_ome_tiff(CpuQueue{}, file, channels, {"S", 0.5, "Hexaplex 0.1.0"});
  file.close();
  test::write_text(folder.path() / "ome.xml", test::read_tiff_pages(folder.path() / "l.ome.tif").at(0).description);
  const std::string command = "xmllint --nonet --noout --schema '" + (schema / "ome.xsd").string() + "' '" +
                              (folder.path() / "ome.xml").string() + "' 2>'" + (folder.path() / "log").string() + "'";
  EXPECT_EQ(std::system(command.c_str()), 0) << test::read_text(folder.path() / "log");
}

TEST(OmeTiffWriter, ThreadsChangeNoByte) {
  const TemporaryFolder folder;
  const auto labels = random_labels({1100, 1030}, 4);
  const OmeChannel<std::uint32_t> channel{"cell", labels.view()};
  for (const int threads : {1, 0}) {
    OutputFile file(folder.path() / std::to_string(threads));
    write_ome_tiff(CpuQueue{threads}, file, {&channel, 1}, {"S", 0.5, "x"});
    file.close();
  }
  EXPECT_TRUE(test::read_text(folder.path() / "0") == test::read_text(folder.path() / "1"));
}

TEST(OmeTiffWriter, ATruncatedFileDoesNotVerify) {
  const TemporaryFolder folder;
  const auto labels = random_labels({600, 600}, 4);
  const OmeChannel<std::uint32_t> channel{"cell", labels.view()};
  const auto path = folder.path() / "l.ome.tif";
  OutputFile file(path);
  write_ome_tiff(CpuQueue{}, file, {&channel, 1}, {"S", 0.5, "x"});
  file.close();
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 200);
  EXPECT_THROW(verify_ome_tiff(path, 1, {600, 600}), OutputError);
}

TEST(OmeTiffWriter, Refuses) {
  const TemporaryFolder folder;
  OutputFile file(folder.path() / "x");
  EXPECT_THROW(write_ome_tiff(CpuQueue{}, file, std::span<const OmeChannel<float>>{}, {}), InvalidArgument);
  const OmeChannel<float> empty{"a", {}};
  EXPECT_THROW(write_ome_tiff(CpuQueue{}, file, {&empty, 1}, {}), InvalidArgument);
}

}  // namespace
}  // namespace hexaplex
