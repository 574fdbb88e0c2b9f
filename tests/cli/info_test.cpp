// `hexaplex info`: what scripts read, and how a file that is none ends.

#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/cli/program.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Info : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& bytes) { return folder_.write(name, bytes).string(); }

  const TemporaryFolder folder_;
};

std::string number(unsigned value, int bytes) {
  std::string s;
  for (int i = 0; i < bytes; ++i) s += static_cast<char>((value >> (8 * i)) & 0xFF);
  return s;
}

/// A TIFF of 1 x 1 pixel, 0.5 µm wide.
std::string tiny_tiff() {
  struct Tag {
    unsigned id, type, value;
  };
  const Tag tags[] = {{256, 3, 1}, {257, 3, 1}, {258, 3, 8}, {259, 3, 1},  {262, 3, 1},  {273, 4, 8},
                      {277, 3, 1}, {278, 3, 1}, {279, 4, 1}, {282, 5, 12}, {283, 5, 12}, {296, 3, 3}};
  std::string s = "II" + number(42, 2) + number(20, 4) + std::string("\x07\0\0\0", 4) + number(20000, 4) + number(1, 4);
  s += number(std::size(tags), 2);
  for (const Tag& t : tags) s += number(t.id, 2) + number(t.type, 2) + number(1, 4) + number(t.value, 4);
  return s + number(0, 4);
}

TEST_F(Info, SaysWhatASlideHolds) {
  const auto path = write("a.tif", tiny_tiff());
  const auto text = run_program({"info", path});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("1 x 1 pixels"));
  EXPECT_THAT(text.out, HasSubstr("pixel size   0.5 \xC2\xB5m"));
}

TEST_F(Info, SaysItAsJson) {
  const auto result = run_program({"info", "--json", write("a.tif", tiny_tiff())});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json["stem"], "a");
  EXPECT_EQ(json["format"], "TIFF");
  EXPECT_EQ(json["width"], 1);
  EXPECT_EQ(json["um_per_px_x"], 0.5);
  EXPECT_EQ(json["sample_type"], "uint8");
  EXPECT_EQ(json["channels"].size(), 1u);
}

TEST_F(Info, EndsWithThreeAndOneSentenceForWhatIsNoSlide) {
  for (const std::string& path :
       {write("text.tif", "not a slide"), write("empty.tif", ""), write("cut.tif", tiny_tiff().substr(0, 60)),
        (folder_.path() / "missing.tif").string(), folder_.path().string() + "/nothing-here"}) {
    const auto result = run_program({"info", path});
    EXPECT_EQ(result.exit_code, 3) << path;
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  }
}

TEST_F(Info, NeedsOneSlide) {
  EXPECT_EQ(run_program({"info"}).exit_code, 2);
}

}  // namespace
}  // namespace hexaplex::test
