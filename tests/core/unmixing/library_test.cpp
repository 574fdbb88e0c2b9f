#include "core/unmixing/library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "core/unmixing/condition.h"
#include "kernels/runtime/error.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex {
namespace {

using testing::HasSubstr;

class LibraryFile : public testing::Test {
 protected:
  SpectralLibrary read(const std::string& text) { return read_spectral_library(folder_.write("library.csv", text)); }

  /// The message and line of the error that `text` causes.
  std::string error(const std::string& text, int line) {
    try {
      read(text);
    } catch (const ConfigError& e) {
      EXPECT_EQ(e.line(), line) << e.what();
      EXPECT_EQ(e.file(), file_.string());
      return e.what();
    }
    ADD_FAILURE() << "no error for\n" << text;
    return "";
  }

  const test::TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_.path() / "library.csv";
};

TEST_F(LibraryFile, IsRead) {
  const SpectralLibrary l = read(
      "band,wavelength_nm,exposure_ms,DAPI,Opal 520,autofluorescence\n"
      "cube0 440 nm,440,2.5,1,0,.25\ncube0 460 nm,460,2.5,0.5,1e-1,0.2\ncube1 520 nm,520,30,0,+1,0.5\n");
  EXPECT_EQ(l.bands, (std::vector<std::string>{"cube0 440 nm", "cube0 460 nm", "cube1 520 nm"}));
  EXPECT_EQ(l.components, (std::vector<std::string>{"DAPI", "Opal 520", kAutofluorescence}));
  EXPECT_EQ(l.wavelengths_nm, (std::vector<double>{440, 460, 520}));
  EXPECT_EQ(l.exposures_ms, (std::vector<double>{2.5, 2.5, 30}));
  EXPECT_EQ(l.matrix, (std::vector<double>{1, 0, 0.25, 0.5, 0.1, 0.2, 0, 1, 0.5}));
  EXPECT_GT(l.condition_number, 1);
  EXPECT_TRUE(l.warnings.empty());
}

TEST_F(LibraryFile, AcceptsQuotesCrlfAndByteOrderMark) {
  const SpectralLibrary l = read("\xef\xbb\xbf\"band\",\"Opal, \"\"520\"\"\",B\r\n\r\n\"a\nb\",1,0\r\n c , 0 ,\t1\r\n");
  EXPECT_EQ(l.components, (std::vector<std::string>{"Opal, \"520\"", "B"}));
  EXPECT_EQ(l.bands, (std::vector<std::string>{"a\nb", "c"}));
  EXPECT_EQ(l.matrix, (std::vector<double>{1, 0, 0, 1}));
  EXPECT_TRUE(l.wavelengths_nm.empty());
  EXPECT_TRUE(l.exposures_ms.empty());
}

TEST_F(LibraryFile, ErrorsNameLineAndMend) {
  EXPECT_THAT(error("", 0), HasSubstr("is empty"));
  EXPECT_THAT(error("name,A\nx,1\n", 1), HasSubstr("no column `band`"));
  EXPECT_THAT(error("band;A\nx;1\n", 1), HasSubstr("separated by commas"));
  EXPECT_THAT(error("band,wavelength_nm\nx,500\n", 1), HasSubstr("no component"));
  EXPECT_THAT(error("band,A,,B\nx,1,2,3\n", 1), HasSubstr("column 3 has no name"));
  EXPECT_THAT(error("band,A,band\nx,1,2\n", 1), HasSubstr("two columns `band`"));
  EXPECT_THAT(error("band,A,B\nx,1,2\ny,1\n", 3), HasSubstr("has 2 columns, and the header has 3"));
  EXPECT_THAT(error("band,A,B\nx,1,2,9\ny,1,2\n", 2), HasSubstr("has 4 columns"));
  EXPECT_THAT(error("band,A\nx,one\n", 2), HasSubstr("`one` in column `A` is not a number"));
  EXPECT_THAT(error("band,A\nx,\n", 2), HasSubstr("not a number"));
  EXPECT_THAT(error("band,A\nx,1\ny,\"0,5\"\n", 3), HasSubstr("decimal point"));
  EXPECT_THAT(error("band,A\nx,1\ny,nan\n", 3), HasSubstr("not finite"));
  EXPECT_THAT(error("band,A\nx,inf\n", 2), HasSubstr("not finite"));
  EXPECT_THAT(error("band,A\nx,1e999\n", 2), HasSubstr("not a number"));
  EXPECT_THAT(error("band,wavelength_nm,A\nx,0,1\n", 2), HasSubstr("must be above 0"));
  EXPECT_THAT(error("band,exposure_ms,A\nx,-5,1\n", 2), HasSubstr("must be above 0"));
  EXPECT_THAT(error("band,A,a\nx,1,2\ny,0,2\n", 1), HasSubstr("two components `a`"));
  EXPECT_THAT(error("band,A,B\nx,1,0\ny,1,0\n", 1), HasSubstr("`B` is zero in every band"));
  EXPECT_THAT(error("band,A,B\nx,1,2\n", 0), HasSubstr("1 bands for 2 components"));
  EXPECT_THAT(error("band,A\nx,\"1\n", 2), HasSubstr("never closed"));
  EXPECT_THAT(error("band,A\nx,\"1\"2\n", 2), HasSubstr("after a closing quote"));
  EXPECT_THAT(error(std::string("band,A\nx,1\0\n", 11), 2), HasSubstr("zero byte"));
}

TEST_F(LibraryFile, RefusesComponentsThatCannotBeToldApart) {
  const std::string message = error("band,A,B,C\nx,1,2,2\ny,2,1,4\nz,0,3,0\n", 0);
  EXPECT_THAT(message, HasSubstr("rank deficient"));
  EXPECT_THAT(message, HasSubstr("`A` and `C`"));
  // a combination of two others
  EXPECT_THAT(error("band,A,B,C\nw,1,0,1\nx,0,1,1\ny,1,1,2\nz,2,0,2\n", 0), HasSubstr("rank deficient"));
  EXPECT_THAT(error("band,A,B\nx,1,1\ny,1,1.0001\n", 0), HasSubstr("condition number"));
}

TEST_F(LibraryFile, WarnsOfComponentsThatAreHardToTellApart) {
  const SpectralLibrary l = read("band,A,B,C\nx,1,1,0\ny,1,1.01,0\nz,0,0,1\n");
  EXPECT_GT(l.condition_number, 100);
  ASSERT_EQ(l.warnings.size(), 1u);
  EXPECT_THAT(l.warnings[0], HasSubstr("`A` and `B`"));
  EXPECT_THAT(read("band,A,B\nx,1,-0.01\ny,0,1\n").warnings.at(0), HasSubstr("below 0"));
}

TEST_F(LibraryFile, MissingFileIsAnInputError) {
  EXPECT_THROW(read_spectral_library(file_.string() + ".none"), InputError);
  EXPECT_THROW(read_spectral_library(testing::TempDir()), InputError);
}

TEST(EmbeddedLibrary, IsTakenFromTheSlide) {
  SlideInfo slide;
  slide.path = "field_component_data.tif";
  EXPECT_THROW(embedded_spectral_library(slide), ConfigError);
  slide.spectra = {{"DAPI", {1, 0.5f, 0}, {}, {}}, {"FITC", {0, 0.25f, 1}, {}, {}}};
  const SpectralLibrary l = embedded_spectral_library(slide);
  EXPECT_EQ(l.components, (std::vector<std::string>{"DAPI", "FITC"}));
  EXPECT_EQ(l.matrix, (std::vector<double>{1, 0, 0.5, 0.25, 0, 1}));
  EXPECT_EQ(l.band_count(), 3);
  slide.spectra[1].values.pop_back();
  EXPECT_THROW(embedded_spectral_library(slide), ConfigError);
  slide.spectra[1] = {"FITC", {2, 1, 0}, {}, {}};
  EXPECT_THROW(embedded_spectral_library(slide), ConfigError);  // the same colour twice
  slide.spectra[1] = {"FITC", {NAN, 1, 0}, {}, {}};
  EXPECT_THROW(embedded_spectral_library(slide), ConfigError);
}

TEST_F(LibraryFile, MustFitTheSlide) {
  const SpectralLibrary l = read("band,exposure_ms,A\nx,10,1\ny,20,2\n");
  SlideInfo slide;
  slide.path = "slide.tif";
  slide.channels.resize(3);
  try {
    require_same_bands(l, slide);
    ADD_FAILURE();
  } catch (const ConfigError& e) {
    EXPECT_THAT(e.what(), HasSubstr("has 2 bands, and slide.tif has 3 channels"));
    EXPECT_THAT(e.what(), HasSubstr(file_.string()));
  }
  slide.channels.resize(2);
  EXPECT_TRUE(require_same_bands(l, slide).empty());
  slide.channels[0].exposure_ms = 5;
  slide.channels[1].exposure_ms = 10;
  EXPECT_TRUE(require_same_bands(l, slide).empty());
  slide.channels[1].exposure_ms = 20;
  EXPECT_THAT(require_same_bands(l, slide).at(0), HasSubstr("different exposure times"));
}

TEST(Condition, MatchesKnownMatrices) {
  EXPECT_DOUBLE_EQ(condition_of(std::vector<double>{3, 0, 0, 4}, 2, 2).number, 4.0 / 3);
  EXPECT_DOUBLE_EQ(condition_of(std::vector<double>{5}, 1, 1).number, 1);
  // [1 1; 0 1]: golden ratio squared
  EXPECT_NEAR(condition_of(std::vector<double>{1, 1, 0, 1}, 2, 2).number, (3 + std::sqrt(5.0)) / 2, 1e-14);
  // Hilbert matrix of order 5: 4.76607250242e5
  std::vector<double> hilbert;
  for (int i = 0; i < 5; ++i)
    for (int j = 0; j < 5; ++j) hilbert.push_back(1.0 / (i + j + 1));
  EXPECT_NEAR(condition_of(hilbert, 5, 5).number / 4.766072502422e5, 1, 1e-9);
  EXPECT_TRUE(std::isinf(condition_of(std::vector<double>{1, 2, 2, 4}, 2, 2).number));
  const Condition weak = condition_of(std::vector<double>{1, 0, 0.999, 0, 1, 0.001, 0, 0, 0.001}, 3, 3);
  EXPECT_LT(std::abs(weak.weakest[1]), 0.01);
  EXPECT_NEAR(std::abs(weak.weakest[0]), std::sqrt(0.5), 1e-3);
  EXPECT_THROW(condition_of(std::vector<double>{0, 0}, 2, 1), InvalidArgument);
  EXPECT_THROW(condition_of(std::vector<double>{1, 0}, 1, 2), InvalidArgument);
}

}  // namespace
}  // namespace hexaplex
