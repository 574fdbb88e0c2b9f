#include "core/io/tiff_prescan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <tuple>

#include "tests/support/core/slide_reading.h"
#include "tests/support/core/tiff_builder.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

using ::testing::HasSubstr;

std::vector<std::uint64_t> ramp(std::size_t n) {
  std::vector<std::uint64_t> v(n);
  for (std::size_t i = 0; i < n; ++i) v[i] = (i * 37 + 5) % 251;
  return v;
}

/// The error of a file made of these bytes.
std::string error_of(const BuiltTiff& tiff) {
  const TemporaryFolder folder;
  return input_error_of(folder.write("slide.tif", tiff.bytes));
}

BuiltPage small_page() {
  return grey_page(4, 6, ramp(24), 8, 2);
}  // three strips

class ValidTiff : public ::testing::TestWithParam<std::tuple<bool, bool, int>> {};

TEST_P(ValidTiff, IsReadInEitherKindAndByteOrder) {
  const auto [big, big_endian, bits] = GetParam();
  const auto values = ramp(5 * 7);
  const TemporaryFolder folder;
  const auto path =
      folder.write("a.tif", build_tiff({grey_page(5, 7, values, bits, 3, big_endian)}, big, big_endian).bytes);
  const auto slide = open_slide(path);
  EXPECT_EQ(slide->info().extent.width, 5);
  EXPECT_EQ(slide->info().extent.height, 7);
  EXPECT_EQ(pixels_of(*slide), std::vector<float>(values.begin(), values.end()));
}

INSTANTIATE_TEST_SUITE_P(Prescan, ValidTiff,
                         ::testing::Combine(::testing::Bool(), ::testing::Bool(), ::testing::Values(8, 16, 32)));

TEST(Prescan, FindsSubdirectories) {
  BuiltPage page = small_page();
  page.levels = {grey_page(2, 3, ramp(6)), grey_page(1, 1, ramp(1))};
  const TemporaryFolder folder;
  const FileBytes file(folder.write("a.tif", build_tiff({page}).bytes));
  const TiffIndex index = prescan_tiff(file);
  ASSERT_EQ(index.pages.size(), 1u);
  ASSERT_EQ(index.pages[0].levels.size(), 2u);
  EXPECT_EQ(index.pages[0].levels[0].width, 2u);
  EXPECT_EQ(index.pages[0].levels[1].label, "page 1, level 2");
}

TEST(Prescan, RefusesFilesThatAreNone) {
  const TemporaryFolder folder;
  EXPECT_THAT(input_error_of(folder.path() / "missing.tif"),
              HasSubstr("cannot be opened: No such file or directory; is its name right, and its disk mounted?"));
  EXPECT_THAT(input_error_of(folder.write("empty.tif", Bytes{})), HasSubstr("is empty"));
  EXPECT_THAT(input_error_of(folder.write("short.tif", Bytes{'I', 'I', 42, 0})), HasSubstr("only 4 bytes"));
  EXPECT_THAT(input_error_of(folder.write("text.tif", std::string("not a slide"))), HasSubstr("is no TIFF"));
  EXPECT_THAT(input_error_of(folder.write("none.tif", Bytes{'I', 'I', 42, 0, 0, 0, 0, 0})),
              HasSubstr("without any page"));
  EXPECT_THAT(input_error_of(folder.write("big.tif", Bytes{'I', 'I', 43, 0, 4, 0, 0, 0, 8, 0, 0, 0})),
              HasSubstr("BigTIFF header"));
  const auto pipe = folder.path() / "pipe.tif";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(input_error_of(pipe), HasSubstr("not a regular file"));
}

TEST(Prescan, RefusesCycles) {
  BuiltTiff two = build_tiff({small_page(), small_page()});
  two.put(two.next_at[1], two.directory_at[0], 4);
  EXPECT_THAT(error_of(two), HasSubstr("page 3: its directory"));
  BuiltTiff own = build_tiff({small_page()});
  own.put(own.next_at[0], own.directory_at[0], 4);
  EXPECT_THAT(error_of(own), HasSubstr("cycle"));

  BuiltPage parent = small_page();
  parent.tags[330] = {4, {8}, {}};
  BuiltTiff sub = build_tiff({parent});
  sub.put(sub.entry_at.at({0, 330}) + 8, sub.directory_at[0], 4);  // a level that is its own page
  EXPECT_THAT(error_of(sub), HasSubstr("cycle"));
}

TEST(Prescan, RefusesDirectoriesThatCannotBe) {
  BuiltTiff outside = build_tiff({small_page()});
  outside.put(outside.next_at[0], 1u << 30, 4);
  EXPECT_THAT(error_of(outside), HasSubstr("page 2: its directory (offset 1073741824) lies outside"));

  BuiltTiff many = build_tiff({small_page()});
  many.put(many.directory_at[0], 60000, 2);
  EXPECT_THAT(error_of(many), HasSubstr("60000 tags"));

  BuiltTiff none = build_tiff({small_page()});
  none.put(none.directory_at[0], 0, 2);
  EXPECT_THAT(error_of(none), HasSubstr("no tags"));

  BuiltTiff cut = build_tiff({small_page()});
  cut.bytes.resize(cut.bytes.size() - 2);
  EXPECT_THAT(error_of(cut), HasSubstr("truncated"));
  cut.bytes.resize(cut.directory_at[0] + 20);
  EXPECT_THAT(error_of(cut), HasSubstr("ends inside its directory"));

  BuiltTiff twice = build_tiff({small_page()});
  twice.put(twice.entry_at.at({0, 257}), 256, 2);
  EXPECT_THAT(error_of(twice), HasSubstr("ImageWidth (256) appears twice"));
}

TEST(Prescan, RefusesTagsThatDoNotFitTheFile) {
  BuiltPage page = small_page();
  page.set_text(270, "a description of some length");
  BuiltTiff outside = build_tiff({page});
  outside.put(outside.entry_at.at({0, 270}) + 8, 1u << 28, 4);
  EXPECT_THAT(error_of(outside), HasSubstr("ImageDescription (270)"));

  BuiltTiff absurd = build_tiff({page});
  absurd.put(absurd.entry_at.at({0, 270}) + 4, 0xFFFFFFFFu, 4);
  EXPECT_THAT(error_of(absurd), HasSubstr("4294967295 values"));

  BuiltPage fraction = small_page();
  fraction.set_fraction(256, 4, 1);
  EXPECT_THAT(error_of(build_tiff({fraction})), HasSubstr("unsigned integers belong"));
}

TEST(Prescan, RefusesManyTagsThatShareOneBlob) {  // libtiff 4.5 takes 2 GiB for such a file of 1 MB
  BuiltPage page = small_page();
  for (std::uint16_t t = 40000; t < 42000; ++t) page.tags[t] = {7, {}, std::string(8, 'x')};
  BuiltTiff tiff = build_tiff({page});
  tiff.bytes.resize(tiff.bytes.size() + (1u << 20));
  for (std::uint16_t t = 40000; t < 42000; ++t) {
    tiff.put(tiff.entry_at.at({0, t}) + 4, 1u << 20, 4);
    tiff.put(tiff.entry_at.at({0, t}) + 8, 8, 4);
  }
  EXPECT_THAT(error_of(tiff), HasSubstr("of values together"));
}

TEST(Prescan, RefusesManyPagesThatShareOneBlob) {
  std::vector<BuiltPage> pages(64, small_page());
  for (auto& page : pages) page.tags[40000] = {7, {}, std::string(8, 'x')};
  BuiltTiff tiff = build_tiff(pages);
  tiff.bytes.resize(1u << 20);
  for (std::size_t p = 0; p < pages.size(); ++p) {
    tiff.put(tiff.entry_at.at({p, 40000}) + 4, 1000000, 4);
    tiff.put(tiff.entry_at.at({p, 40000}) + 8, 8, 4);
  }
  EXPECT_THAT(error_of(tiff), HasSubstr("the tags of all pages"));
}

TEST(Prescan, RefusesDimensionsThatCannotBe) {
  EXPECT_THAT(error_of(build_tiff({small_page().set(256, 0)})), HasSubstr("is 0 x 6 pixels"));
  EXPECT_THAT(error_of(build_tiff({small_page().set(257, 0xFFFFFFFFu)})), HasSubstr("beyond any slide"));
  EXPECT_THAT(error_of(build_tiff({small_page().set(257, 700)})),
              HasSubstr("lists 3 strips, but 4 x 700 pixels need 350"));
  EXPECT_THAT(error_of(build_tiff({small_page().set(278, 0)})), HasSubstr("cannot be empty"));
  EXPECT_THAT(error_of(build_tiff({small_page().set(258, 0, 3)})), HasSubstr("0 bits"));
  EXPECT_THAT(error_of(build_tiff({small_page().set(258, 65, 3)})), HasSubstr("65 bits"));
  EXPECT_THAT(error_of(build_tiff({small_page().set(277, 0, 3)})), HasSubstr("0 samples"));
  EXPECT_THAT(error_of(build_tiff({small_page().set(277, 60000, 3)})), HasSubstr("60000 samples"));
  EXPECT_THAT(error_of(build_tiff({small_page().set(284, 7, 3)})), HasSubstr("PlanarConfiguration (284) is 7"));
  BuiltPage narrow = small_page();
  narrow.tags.erase(256);
  EXPECT_THAT(error_of(build_tiff({narrow})), HasSubstr("ImageWidth (256) is missing"));
  BuiltPage tiles = small_page();
  tiles.tiled = true;
  tiles.set(322, 1).set(323, 1).set(256, 1u << 29).set(257, 1u << 29);
  EXPECT_THAT(error_of(build_tiff({tiles})), HasSubstr("tiles of 1 x 1 are more than"));
}

TEST(Prescan, RefusesEachMissingOrTruncatedStrip) {  // missing data is never black pixels
  for (std::size_t strip = 0; strip < 3; ++strip) {
    BuiltPage empty = small_page();
    empty.blocks[strip].clear();
    EXPECT_THAT(error_of(build_tiff({empty})), HasSubstr("strip " + std::to_string(strip + 1) + " of 3 is missing"));
    BuiltPage shorter = small_page();
    shorter.blocks[strip].pop_back();
    EXPECT_THAT(error_of(build_tiff({shorter})), HasSubstr("has 7 bytes, but its pixels need 8"));
    BuiltPage outside = small_page();
    outside.tags[273] = {4, {8, 16, 24}, {}};
    outside.tags[273].values[strip] = 1u << 20;
    EXPECT_THAT(error_of(build_tiff({outside})), HasSubstr("lies outside the file"));
  }
  BuiltPage shared = small_page();
  shared.blocks.resize(3, Bytes(8));
  shared.tags[279] = {4, {200, 200, 200}, {}};
  EXPECT_THAT(error_of(build_tiff({shared.set_text(270, std::string(200, 'x'))})), HasSubstr("bytes together"));
}

TEST(Prescan, RefusesBombs) {
  for (const std::uint64_t codec : {5u, 7u, 8u, 32946u, 50000u}) {
    BuiltPage page = small_page().set(259, codec, 3).set(256, 30000).set(257, 30000).set(278, 30000);
    page.blocks = {Bytes(100)};
    EXPECT_THAT(error_of(build_tiff({page})), HasSubstr("at most 268435456 are accepted")) << codec;
  }
  BuiltPage page = small_page().set(259, 8, 3).set(256, 10000).set(257, 10000).set(278, 10000);
  page.blocks = {Bytes(100)};
  EXPECT_THAT(error_of(build_tiff({page})), HasSubstr("Deflate cannot expand"));
}

TEST(Prescan, RefusesCodecsAndLayoutsByName) {
  EXPECT_THAT(error_of(build_tiff({small_page().set(259, 32773, 3)})),
              HasSubstr("PackBits compression is not supported"));
  EXPECT_THAT(error_of(build_tiff({small_page().set(262, 5, 3)})), HasSubstr("CMYK"));
  EXPECT_THAT(error_of(build_tiff({small_page().set(262, 32845, 3)})), HasSubstr("LogLuv"));
  EXPECT_THAT(error_of(build_tiff({grey_page(2, 2, ramp(4), 64)})), HasSubstr("64-bit unsigned integer samples"));
  EXPECT_THAT(error_of(build_tiff({grey_page(2, 2, ramp(4), 16).set(339, 6, 3)})), HasSubstr("complex floating-point"));
  BuiltPage palette = small_page().set(262, 3, 3);
  palette.tags[320] = {3, std::vector<std::uint64_t>(768, 0), {}};
  palette.tags[320].values[10] = 500;  // brighter than the next entry
  EXPECT_THAT(error_of(build_tiff({palette})), HasSubstr("palette colours"));
}

TEST(Prescan, ReadsPalettesThatOnlyBrightenAsIntensities) {
  BuiltPage palette = small_page().set(262, 3, 3);
  palette.tags[320] = {3, {}, {}};
  for (int channel = 0; channel < 3; ++channel) {
    for (std::uint64_t i = 0; i < 256; ++i) palette.tags[320].values.push_back(channel == 0 ? i * 256 : 0);
  }
  const TemporaryFolder folder;
  const auto slide = open_slide(folder.write("a.tif", build_tiff({palette}).bytes));
  const auto values = ramp(24);
  EXPECT_EQ(pixels_of(*slide), std::vector<float>(values.begin(), values.end()));
  EXPECT_THAT(slide->info().warnings, ::testing::ElementsAre(HasSubstr("colour table")));
}

}  // namespace
}  // namespace hexaplex::test
