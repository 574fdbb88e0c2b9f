#include "kernels/runtime/error.h"

#include <gtest/gtest.h>

namespace hexaplex {
namespace {

void half_of(int even) {
  HX_EXPECT(even % 2 == 0, "the number must be even");
}

TEST(Errors, SayWhatAndWhere) {
  EXPECT_STREQ(InputError("slide.tif", "no pixel size").what(), "slide.tif: no pixel size");
  EXPECT_STREQ(InputError("panel.yaml", 12, "unknown marker").what(), "panel.yaml:12: unknown marker");
  EXPECT_STREQ(OutputError("cells.csv", "the disk is full").what(), "cells.csv: the disk is full");
  EXPECT_STREQ(OutOfMemory(64, "a plane").what(), "out of memory: a plane asked for 64 bytes");
}

TEST(Errors, KeepTheirParts) {
  const InputError input("panel.yaml", 12, "x");
  EXPECT_EQ(input.file(), "panel.yaml");
  EXPECT_EQ(input.line(), 12);
  EXPECT_EQ(OutputError("cells.csv", "x").path(), "cells.csv");
  EXPECT_EQ(OutOfMemory(64, "x").bytes_asked(), 64u);
}

TEST(Errors, AreAllOfOneKind) {
  EXPECT_THROW(throw ConfigError("a", "b"), InputError);
  EXPECT_THROW(throw InvalidArgument("a"), Error);
  EXPECT_THROW(throw DeviceError("a"), Error);
  EXPECT_THROW(throw OutOfMemory(1, "a"), Error);
  EXPECT_THROW(throw OutputError("a", "b"), Error);
}

TEST(Errors, AFailedPreconditionNamesItsFunction) {
  EXPECT_NO_THROW(half_of(4));
  try {
    half_of(3);
    FAIL();
  } catch (const InvalidArgument& e) {
    EXPECT_STREQ(e.what(), "half_of: the number must be even");
  }
}

}  // namespace
}  // namespace hexaplex
