#include "core/run/input_record.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "core/run/sha256.h"
#include "kernels/runtime/error.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex {
namespace {

namespace fs = std::filesystem;

// Long ago, so that no time stamp is too young to be trusted.
void age(const fs::path& file) {
  const timespec times[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
}

std::string why_changed(const InputRecord& record) {
  try {
    require_unchanged(record);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(RequireUnchanged, TakesWhatNobodyTouched) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.write("a.tif", "pixels");
  EXPECT_EQ(why_changed(record_input("slide", file)), "") << "a fresh file is hashed again";
  age(file);
  EXPECT_EQ(why_changed(record_input("slide", file)), "");
}

TEST(RequireUnchanged, TakesAnotherNameOrOtherPermissionsForNoChange) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.write("a.tif", "pixels");
  age(file);
  const InputRecord record = record_input("slide", file);
  fs::create_hard_link(file, folder.path() / "b.tif");
  fs::permissions(file, fs::perms::owner_read);
  EXPECT_EQ(why_changed(record), "");
}

TEST(RequireUnchanged, FindsContentThatWasReplacedWithItsTimesKept) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.write("a.tif", "pixels");
  age(file);
  const InputRecord record = record_input("slide", file);
  const fs::path other = folder.write("b.tif", "PIXELS");
  age(other);
  fs::rename(other, file);
  EXPECT_NE(why_changed(record).find("was changed or replaced while it was being read"), std::string::npos);
}

TEST(RequireUnchanged, FindsContentThatWasWrittenToInPlace) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.write("a.tif", "pixels");
  InputRecord record = record_input("slide", file);
  folder.write("a.tif", "PIXELS");  // within the same tick, perhaps
  EXPECT_NE(why_changed(record).find("was changed"), std::string::npos);
  age(file);
  record = record_input("slide", file);
  folder.write("a.tif", "pix");
  EXPECT_NE(why_changed(record).find("was changed while it was being read; nothing was kept of it"), std::string::npos);
}

TEST(RequireUnchanged, FindsAnInputThatIsGone) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.write("a.tif", "pixels");
  const InputRecord record = record_input("slide", file);
  fs::remove(file);
  EXPECT_NE(why_changed(record).find("was taken away while it was being read"), std::string::npos);
}

TEST(RequireUnchanged, LooksAtEveryFileOfAFolder) {
  const test::TemporaryFolder folder;
  fs::create_directory(folder.path() / "slide");
  const fs::path first = folder.write("slide/a.tif", "pixels"), second = folder.write("slide/b.tif", "pixels");
  age(first);
  age(second);
  const InputRecord record = record_input("slide", folder.path() / "slide");
  EXPECT_EQ(record.states.size(), 2u);
  EXPECT_EQ(why_changed(record), "");
  folder.write("slide/b.tif", "more pixels");
  EXPECT_NE(why_changed(record).find("b.tif"), std::string::npos);
}

TEST(RequireUnchanged, AsksNothingOfARecordThatHasNoStates) {
  InputRecord record;
  record.path = "/nowhere/a.tif";
  EXPECT_EQ(why_changed(record), "");
}

// --- an input of several files

struct Set {
  test::TemporaryFolder folder;
  fs::path first = folder.write("b.ome.tif", "pixels of b");
  fs::path second = folder.write("a.ome.tif", "pixels of a");
  fs::path third;
  Set() {
    fs::create_directory(folder.path() / "b");
    third = folder.write("b/Data.dat", "more");
    for (const fs::path& file : {first, second, third}) age(file);
  }
  InputRecord record() const { return record_input("slide", first, {third, second}); }
};

TEST(RecordInput, OfOneFileIsItsPlainHash) {
  const test::TemporaryFolder folder;
  const InputRecord record = record_input("slide", folder.write("a.tif", "abc"));
  EXPECT_EQ(record.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2
  EXPECT_EQ(record.bytes, 3u);
  EXPECT_TRUE(record.files.empty());
}

TEST(RecordInput, OfASetIsThatOfItsSortedNamesAndHashes) {
  const Set set;
  const InputRecord record = set.record();
  const std::string lines = hash_file(set.second).sha256 + "  a.ome.tif\n" + hash_file(set.first).sha256 +
                            "  b.ome.tif\n" + hash_file(set.third).sha256 + "  b/Data.dat\n";
  EXPECT_EQ(record.sha256, sha256_of(lines));
  EXPECT_EQ(record.bytes, 11u + 11u + 4u);
  EXPECT_EQ(record.states.size(), 3u);
  ASSERT_EQ(record.files.size(), 3u);
  EXPECT_EQ(record.files[0].name, "a.ome.tif");
  EXPECT_EQ(record.files[2].name, "b/Data.dat");
  EXPECT_EQ(record_input("slide", set.first, {set.second, set.third}).sha256, record.sha256) << "any order";
  EXPECT_NE(record_input("slide", set.first, {set.second}).sha256, record.sha256);
}

TEST(RequireUnchanged, LooksAtEveryFileOfASet) {
  const Set set;
  const InputRecord record = set.record();
  EXPECT_EQ(why_changed(record), "");
  set.folder.write("b/Data.dat", "MORE");
  EXPECT_NE(why_changed(record).find("b/Data.dat: was changed while it was being read"), std::string::npos)
      << why_changed(record);
  age(set.third);  // another content under the same size and time
  EXPECT_NE(why_changed(record).find("was changed or replaced"), std::string::npos) << why_changed(record);
  fs::remove(set.second);
  EXPECT_NE(why_changed(record).find("was taken away"), std::string::npos);
}

TEST(RecordInput, OfASetNeedsEveryFile) {
  const Set set;
  fs::remove(set.second);
  EXPECT_THROW((void)set.record(), InputError);
}

}  // namespace
}  // namespace hexaplex
