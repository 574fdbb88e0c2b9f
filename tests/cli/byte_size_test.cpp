#include "cli/byte_size.h"

#include <gtest/gtest.h>

#include "kernels/runtime/error.h"

namespace hexaplex::cli {
namespace {

TEST(ByteSize, ReadsWhatPeopleWrite) {
  EXPECT_EQ(parse_byte_size("4096"), 4096);
  EXPECT_EQ(parse_byte_size("1k"), 1024);
  EXPECT_EQ(parse_byte_size("800M"), 800ll << 20);
  EXPECT_EQ(parse_byte_size("2 GiB"), 2ll << 30);
  EXPECT_EQ(parse_byte_size("1.5GB"), 3ll << 29);
}

TEST(ByteSize, RefusesTheRest) {
  for (const char* text : {"", "G", "-1G", "0", "1X", "1GG", "nan", "1e30"})
    EXPECT_THROW(parse_byte_size(text), InvalidArgument) << text;
}

}  // namespace
}  // namespace hexaplex::cli
