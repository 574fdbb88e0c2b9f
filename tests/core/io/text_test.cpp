#include "core/io/text.h"

#include <gtest/gtest.h>

namespace hexaplex {
namespace {

TEST(Text, BecomesValidUtf8WithoutControls) {
  EXPECT_EQ(clean_text("  CD3 \n"), "CD3");
  EXPECT_EQ(clean_text("\xB5m"), "\xC2\xB5m");        // Latin-1
  EXPECT_EQ(clean_text("\xC2\xB5m"), "\xC2\xB5m");    // already UTF-8
  EXPECT_EQ(clean_text("a\x1B[31mb\x7F"), "a[31mb");  // a terminal's escapes
  EXPECT_EQ(clean_text("a\xC2\x9B"
                       "31mb"),
            "a31mb");  // and their one-character form
  EXPECT_EQ(clean_text("a\tb\nc"), "a b c");
  EXPECT_EQ(clean_text("\xC0\xAF"), "\xC3\x80\xC2\xAF");              // an overlong slash is no slash
  EXPECT_EQ(clean_text("\xED\xA0\x80"), "\xC3\xAD\xC2\xA0\xC2\x80");  // half a surrogate pair
  EXPECT_EQ(clean_text("\xF0\x9F\x94\xAC"), "\xF0\x9F\x94\xAC");
  EXPECT_EQ(clean_text(""), "");
}

TEST(Text, NumbersAreWholeAndFinite) {
  EXPECT_EQ(parse_number(" 0.5 "), 0.5);
  EXPECT_EQ(parse_number("-2e3"), -2000);
  for (const char* bad : {"", " ", "0.5px", "nan", "inf", "1e999", "0,5"}) EXPECT_FALSE(parse_number(bad)) << bad;
}

TEST(Text, Base64) {
  EXPECT_EQ(decode_base64("AAEC"), (std::vector<std::uint8_t>{0, 1, 2}));
  EXPECT_EQ(decode_base64("AA E=\n"), (std::vector<std::uint8_t>{0, 1}));
  EXPECT_EQ(decode_base64("/w=="), (std::vector<std::uint8_t>{255}));
  EXPECT_EQ(decode_base64(""), (std::vector<std::uint8_t>{}));
  EXPECT_FALSE(decode_base64("A?=="));
  EXPECT_FALSE(decode_base64("AA==AA"));
}

TEST(Text, UnitsOfLength) {
  EXPECT_EQ(um_per_unit("\xC2\xB5m"), 1);
  EXPECT_EQ(um_per_unit("\\u00B5m"), 1);
  EXPECT_EQ(um_per_unit("Micron"), 1);
  EXPECT_EQ(um_per_unit("nm"), 1e-3);
  EXPECT_EQ(um_per_unit("inch"), 25400);
  EXPECT_EQ(um_per_unit("\xC3\x85"), 1e-4);
  EXPECT_FALSE(um_per_unit("pixel"));
  EXPECT_FALSE(um_per_unit(""));
}

}  // namespace
}  // namespace hexaplex
