#include "core/io/ome_tiff_writer.h"

#include <gtest/gtest.h>
#include <tiffio.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "kernels/runtime/error.h"
#include "kernels/runtime/host_plane.h"
#include "tests/support/core/sample_result.h"
#include "tests/support/core/tiff_pages.h"
#include "tests/support/file_content.h"
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
  EXPECT_EQ(hexaplex::test::bytes_of(path).substr(0, 4), std::string("II\x2b\x00", 4)) << "BigTIFF";
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
  EXPECT_EQ(std::system(command.c_str()), 0) << hexaplex::test::bytes_of(folder.path() / "log");
}

struct PyramidCase {
  Extent extent;
  std::size_t channels;
  ImageCodec codec;
};

// Sizes around a tile; levels made within a block, and above blocks of 8, 4, 2 and 1 tiles a side (as the number of
// channels decides).
class Pyramids : public testing::TestWithParam<PyramidCase> {
 protected:
  Pyramids() {
    for (std::size_t c = 0; c < GetParam().channels; ++c)
      planes_.push_back(random_labels(GetParam().extent, static_cast<unsigned>(c)));
  }
  std::vector<OmeChannel<std::uint32_t>> channels() const {
    std::vector<OmeChannel<std::uint32_t>> out;
    for (const auto& p : planes_) out.push_back({"channel", p.view()});
    return out;
  }
  PyramidSource<std::uint32_t> source() {
    PyramidSource<std::uint32_t> s{std::vector<std::string>(planes_.size(), "channel"), GetParam().extent, {}};
    s.read = [this](const CpuQueue&, Rect w, std::span<const Plane<std::uint32_t>> pixels) {
      windows_.push_back(w);
      for (std::size_t c = 0; c < planes_.size(); ++c)
        for (int y = 0; y < w.height; ++y)
          for (int x = 0; x < w.width; ++x) pixels[c](x, y) = planes_[c](w.x + x, w.y + y);
    };
    return s;
  }
  template <class Pixels>
  std::string written(const Pixels& pixels, int threads) {
    const auto path = folder_.path() / "p.ome.tif";
    std::filesystem::remove(path);
    OutputFile file(path);
    write_ome_tiff(CpuQueue{threads}, file, pixels, {"S", 0.5, "x", GetParam().codec});
    file.close();
    return hexaplex::test::bytes_of(path);
  }

  const TemporaryFolder folder_;
  std::vector<HostPlane<std::uint32_t>> planes_;
  std::vector<Rect> windows_;
};

TEST_P(Pyramids, LevelsAreNearestNeighbours) {
  const auto all = channels();
  written(std::span<const OmeChannel<std::uint32_t>>(all), 0);
  EXPECT_NO_THROW(verify_ome_tiff(folder_.path() / "p.ome.tif", static_cast<int>(planes_.size()), GetParam().extent));
  const OpenTiff tiff(folder_.path() / "p.ome.tif");
  for (std::size_t c = 0; c < planes_.size(); ++c) {
    ASSERT_TRUE(TIFFSetDirectory(tiff.get(), static_cast<tdir_t>(c)));
    EXPECT_EQ(tiff.tag<std::uint16_t>(TIFFTAG_COMPRESSION),
              GetParam().codec == ImageCodec::zstd ? COMPRESSION_ZSTD : COMPRESSION_ADOBE_DEFLATE);
    const std::vector<toff_t> levels = tiff.levels();
    Extent e = GetParam().extent;
    for (std::size_t level = 0; level <= levels.size(); ++level) {
      if (level > 0) {
        ASSERT_TRUE(TIFFSetSubDirectory(tiff.get(), levels[level - 1]));
        e = {(e.width + 1) / 2, (e.height + 1) / 2};
      }
      const auto pixels = tiff.pixels();
      ASSERT_EQ(pixels.extent(), e);
      EXPECT_FLOAT_EQ(tiff.tag<float>(TIFFTAG_XRESOLUTION), 20000.0f / static_cast<float>(1 << level));
      for (int y = 0; y < e.height; ++y)
        for (int x = 0; x < e.width; ++x) ASSERT_EQ(pixels(x, y), planes_[c](x << level, y << level)) << level;
    }
    ASSERT_LE(e.width, 512);
    ASSERT_LE(e.height, 512);
  }
}

TEST_P(Pyramids, ThreadsAndWhereThePixelsComeFromChangeNoByte) {
  const auto all = channels();
  const std::span<const OmeChannel<std::uint32_t>> held(all);
  const std::string one = written(held, 1);
  EXPECT_TRUE(one == written(held, 2));
  EXPECT_TRUE(one == written(source(), 1));
  EXPECT_TRUE(one == written(source(), 2));
}

TEST_P(Pyramids, ASourceIsAskedForEachPixelOnce) {
  written(source(), 2);
  const int side = ome_tiff_window_px(planes_.size());
  HostPlane<std::uint32_t> asked(GetParam().extent, 0u);
  for (const Rect w : windows_) {
    EXPECT_EQ(w.x % side, 0);
    EXPECT_EQ(w.y % side, 0);
    EXPECT_TRUE(w.width == side || w.right() == asked.width());
    EXPECT_TRUE(w.height == side || w.bottom() == asked.height());
    for (int y = w.y; y < w.bottom(); ++y)
      for (int x = w.x; x < w.right(); ++x) ++asked(x, y);
  }
  for (int y = 0; y < asked.height(); ++y)
    for (int x = 0; x < asked.width(); ++x) ASSERT_EQ(asked(x, y), 1u) << x << ' ' << y;
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, Pyramids,
    testing::Values(PyramidCase{{1, 1}, 1, ImageCodec::deflate}, PyramidCase{{1, 1}, 2, ImageCodec::zstd},
                    PyramidCase{{511, 511}, 1, ImageCodec::zstd}, PyramidCase{{512, 512}, 2, ImageCodec::deflate},
                    PyramidCase{{513, 513}, 2, ImageCodec::zstd}, PyramidCase{{1025, 700}, 2, ImageCodec::deflate},
                    PyramidCase{{1025, 700}, 2, ImageCodec::zstd}, PyramidCase{{1, 1500}, 2, ImageCodec::zstd},
                    PyramidCase{{8300, 60}, 1, ImageCodec::zstd}, PyramidCase{{60, 4200}, 2, ImageCodec::zstd},
                    PyramidCase{{2100, 1030}, 8, ImageCodec::zstd}, PyramidCase{{1030, 520}, 17, ImageCodec::zstd}),
    [](const auto& test) {
      const PyramidCase& p = test.param;
      return std::to_string(p.extent.width) + "x" + std::to_string(p.extent.height) + "x" + std::to_string(p.channels) +
             "_" + name_of(p.codec);
    });

TEST(OmeTiffWriter, WindowsShrinkWithTheNumberOfChannels) {
  EXPECT_EQ(ome_tiff_window_px(1), 4096);
  EXPECT_EQ(ome_tiff_window_px(2), 2048);
  EXPECT_EQ(ome_tiff_window_px(8), 1024);
  EXPECT_EQ(ome_tiff_window_px(17), 512);
  EXPECT_EQ(ome_tiff_window_px(1000), 512);
}

TEST(OmeTiffWriter, AFailingSourceEndsTheWriting) {
  const TemporaryFolder folder;
  OutputFile file(folder.path() / "x");
  int calls = 0;
  PyramidSource<float> source{{"a", "b"}, {3000, 3000}, {}};
  source.read = [&](const CpuQueue&, Rect, std::span<const Plane<float>>) {
    if (++calls == 3) throw InputError("slide.tif", "a tile is damaged");
  };
  EXPECT_THROW(write_ome_tiff(CpuQueue{}, file, source, {"S", 0.5, "x"}), InputError);
  EXPECT_EQ(calls, 3);
}

TEST(OmeTiffWriter, AFaultAtAnyWriteIsAnOutputError) {
  struct ClearFault {
    ~ClearFault() { set_output_fault({}); }
  } clear_fault;
  const TemporaryFolder folder;
  const auto labels = random_labels({1100, 600}, 5);
  const OmeChannel<std::uint32_t> channels[] = {{"nucleus", labels.view()}, {"cell", labels.view()}};
  for (int fail = 0;; ++fail) {
    int step = 0;
    set_output_fault([&](OutputStep, const std::filesystem::path&) { return step++ == fail ? ENOSPC : 0; });
    try {
      OutputFile file(folder.path() / std::to_string(fail));
      write_ome_tiff(CpuQueue{2}, file, channels, {"S", 0.5, "x", ImageCodec::zstd});
      file.close();
    } catch (const OutputError& error) {
      EXPECT_NE(std::string(error.what()).find(std::strerror(ENOSPC)), std::string::npos) << error.what();
      continue;
    }
    EXPECT_EQ(fail, step) << "each of its steps has failed once";
    EXPECT_GT(fail, 20) << "9 tiles of 2 channels, the directories, the header, sync and close";
    break;
  }
}

TEST(OmeTiffWriter, OpensInTifffileWithItsLevels) {
  if (std::system("/usr/bin/python3 -c 'import tifffile' >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "Debian's python3-tifffile is not installed";
  const TemporaryFolder folder;
  HostPlane<std::uint32_t> labels({1301, 777});
  for (int y = 0; y < labels.height(); ++y)
    for (int x = 0; x < labels.width(); ++x) labels(x, y) = static_cast<std::uint32_t>(y * 1301 + x);
  const OmeChannel<std::uint32_t> channels[] = {{"nucleus", labels.view()}, {"cell", labels.view()}};
  for (const ImageCodec codec : {ImageCodec::deflate, ImageCodec::zstd}) {
    OutputFile file(folder.path() / (name_of(codec) + ".ome.tif"));
    write_ome_tiff(CpuQueue{}, file, channels, {"S", 0.5, "Hexaplex", codec});
    file.close();
  }
  // tifffile without imagecodecs finds its way through zstd files, and decodes Deflate only.
  test::write_text(folder.path() / "check.py", R"(
import sys, numpy, tifffile
whole = numpy.arange(777 * 1301, dtype=numpy.uint32).reshape(777, 1301)
for name in ("deflate", "zstd"):
    with tifffile.TiffFile(f"{sys.argv[1]}/{name}.ome.tif") as tif:
        assert tif.is_ome and tif.is_bigtiff and len(tif.series) == 1, tif
        levels = tif.series[0].levels
        assert [l.shape for l in levels] == [(2, 777, 1301), (2, 389, 651), (2, 195, 326)], levels
        assert levels[0].axes == "CYX" and levels[0].dtype == numpy.uint32
        for i, level in enumerate(levels):
            try:
                pixels = level.asarray()
            except ValueError as error:
                assert name == "zstd" and "imagecodecs" in str(error), error
                continue
            assert all((p == whole[:: 2**i, :: 2**i]).all() for p in pixels), (name, i)
)");
  const std::string command = "/usr/bin/python3 '" + (folder.path() / "check.py").string() + "' '" +
                              folder.path().string() + "' >'" + (folder.path() / "log").string() + "' 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0) << hexaplex::test::bytes_of(folder.path() / "log");
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
  EXPECT_TRUE(hexaplex::test::bytes_of(folder.path() / "0") == hexaplex::test::bytes_of(folder.path() / "1"));
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
