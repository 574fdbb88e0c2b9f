#include "core/io/csv_table.h"

#include <gmock/gmock.h>

#include "kernels/runtime/error.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CsvTable : public testing::Test {
 protected:
  std::vector<CsvRow> read(const std::string& text) { return read_csv(folder_.write("t.csv", text)); }

  void expect_error(const std::string& text, int line, const char* says) {
    try {
      read(text);
      ADD_FAILURE() << "no error for " << text;
    } catch (const ConfigError& e) {
      EXPECT_EQ(e.line(), line) << text;
      EXPECT_THAT(e.what(), HasSubstr(says));
    }
  }

  const test::TemporaryFolder folder_;
};

TEST_F(CsvTable, FieldsAreTrimmedAndRowsKnowTheirLine) {
  const auto rows = read("a,b ,\tc\n\n 1 ,,\n");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_THAT(rows[0].fields, ElementsAre("a", "b", "c"));
  EXPECT_THAT(rows[1].fields, ElementsAre("1", "", ""));
  EXPECT_EQ(rows[0].line, 1);
  EXPECT_EQ(rows[1].line, 3);
}

TEST_F(CsvTable, QuotesHoldCommasQuotesAndLineBreaks) {
  const auto rows = read("\xef\xbb\xbf\"a,b\" ,\"say \"\"x\"\"\"\r\n\"two\nlines\",z\r\nlast");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_THAT(rows[0].fields, ElementsAre("a,b", "say \"x\""));
  EXPECT_THAT(rows[1].fields, ElementsAre("two\nlines", "z"));
  EXPECT_THAT(rows[2].fields, ElementsAre("last"));
  EXPECT_EQ(rows[2].line, 4);
}

TEST_F(CsvTable, BlanksInsideQuotesAreTrimmedToo) {
  EXPECT_THAT(read("\" DAPI \",x\n")[0].fields, ElementsAre("DAPI", "x"));
}

TEST_F(CsvTable, NothingIsNoRow) {
  EXPECT_TRUE(read("").empty());
  EXPECT_TRUE(read("\xef\xbb\xbf\n \n\r\n").empty());
}

TEST_F(CsvTable, WhatCannotBeReadIsSaidWithItsLine) {
  expect_error("a\n\"b\nc\n", 2, "opens a quote that is never closed");
  expect_error("a\n\"b\" c\n", 2, "has text after a closing quote");
  expect_error(std::string("a\nb\n\0", 5), 3, "holds a zero byte");
}

TEST_F(CsvTable, AnOldMacLineEndIsNamed) {
  expect_error("a,b\r1,2\r", 1, "carriage return");
}

TEST_F(CsvTable, SizeIsBounded) {
  const auto file = folder_.write("t.csv", std::string((1 << 20) + 1, 'a'));
  EXPECT_THROW(read_csv(file, 1 << 20), ConfigError);
  EXPECT_EQ(read_csv(file)[0].fields[0].size(), std::size_t{(1 << 20) + 1});
}

TEST_F(CsvTable, AFolderOrNothingIsAnInputError) {
  EXPECT_THROW(read_csv(folder_.path()), InputError);
  EXPECT_THROW(read_csv(folder_.path() / "gone.csv"), InputError);
}

}  // namespace
}  // namespace hexaplex
