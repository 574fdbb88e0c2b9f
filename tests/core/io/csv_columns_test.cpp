#include "core/io/csv_columns.h"

#include <gmock/gmock.h>

#include <random>

#include "core/io/csv_table.h"
#include "core/report/text.h"
#include "kernels/runtime/error.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct ReadRows {
  std::vector<std::vector<std::string>> rows{};
  std::vector<int> lines{};
};

ReadRows read(const std::string& text, const std::vector<std::size_t>& columns) {
  const TemporaryFolder folder;
  ReadRows out;
  read_csv_columns(
      folder.write("t.csv", text), [&](std::span<const std::string>) { return columns; },
      [&](int line, std::span<const std::string> fields) {
        out.rows.emplace_back(fields.begin(), fields.end());
        out.lines.push_back(line);
      });
  return out;
}

std::string message(const std::string& text) {
  try {
    read(text, {0});
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(CsvColumns, ChosenColumnsInTheirOrder) {
  const ReadRows got = read(
      "\xef\xbb\xbf"
      "a,b,c\r\n1, 2 ,3\r\n\r\n\"x, \"\"y\"\"\",\"two\nlines\",\n7,8,9",
      {2, 0, 1});
  EXPECT_THAT(got.rows, ElementsAre(ElementsAre("3", "1", "2"), ElementsAre("", "x, \"y\"", "two\nlines"),
                                    ElementsAre("9", "7", "8")));
  EXPECT_THAT(got.lines, ElementsAre(2, 4, 6));
}

TEST(CsvColumns, SayWhereATableIsWrong) {
  EXPECT_THAT(message("a,b\n1,2\n3\n"), HasSubstr("t.csv:3: has 1 fields where the first row has 2"));
  EXPECT_THAT(message("a,b\n1,\"2\n3,4\n"), HasSubstr("t.csv:2: opens a quote that is never closed"));
  EXPECT_THAT(message(""), HasSubstr("is empty"));
  EXPECT_THROW(read_csv_columns("/nonexistent.csv", {}, {}), InputError);
}

TEST(CsvColumns, ReadWhatReadCsvReads) {
  std::mt19937 random(1);
  const std::vector<std::string> pieces{"a", "1.5", "x y", "p,q", "say \"hi\"", "=1+1", "two\nlines", "", "µm"};
  std::string text = "c0,c1,c2,c3\n";
  for (int row = 0; row < 300; ++row)
    for (int column = 0; column < 4; ++column)
      text += csv_field(pieces[random() % pieces.size()]) + (column < 3 ? "," : "\n");
  const TemporaryFolder folder;
  const std::vector<CsvRow> want = read_csv(folder.write("t.csv", text));
  const ReadRows got = read(text, {0, 1, 2, 3});
  std::size_t row = 1;  // read_csv keeps the header
  ASSERT_EQ(got.rows.size() + 1, want.size());
  for (std::size_t i = 0; i < got.rows.size(); ++i, ++row) {
    EXPECT_EQ(got.rows[i], want[row].fields) << "row " << row;
    EXPECT_EQ(got.lines[i], want[row].line);
  }
}

TEST(CsvColumns, NamesAreKnownAsTheyWereWritten) {
  EXPECT_EQ(as_read_from_csv("CD34+, \"bright\""), "CD34+, \"bright\"");
  EXPECT_EQ(as_read_from_csv("+CD34"), "'+CD34");
}

}  // namespace
}  // namespace hexaplex::test
