#include "core/classify/cell_classifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "kernels/runtime/error.h"

namespace hexaplex {
namespace {

using ::testing::HasSubstr;

struct Samples {
  std::vector<CellFeatures> features;
  std::vector<int> kinds;
};

// Two clouds that overlap a little in one feature and not at all in another.
Samples two_clouds(int count, unsigned seed) {
  std::mt19937 random(seed);
  const auto real = [&] { return static_cast<float>(random() >> 8) / (1 << 24); };
  Samples s;
  for (int i = 0; i < count; ++i) {
    CellFeatures f{};
    for (float& v : f) v = real();
    const int kind = i % 2;
    f[0] = 20 + 20 * static_cast<float>(kind) + 15 * real();
    f[3] += 0.5f * static_cast<float>(kind);
    s.features.push_back(f);
    s.kinds.push_back(kind);
  }
  return s;
}

TEST(CellClassifierTest, TellsApartWhatItWasShown) {
  const Samples shown = two_clouds(60, 1), others = two_clouds(400, 2);
  const CellClassifier c = CellClassifier::train({"Resident", "Tumour"}, shown.features, shown.kinds);
  EXPECT_THAT(c.classes(), ::testing::ElementsAre("Resident", "Tumour"));
  const std::vector<int> got = c.predict(others.features);
  int right = 0;
  for (std::size_t i = 0; i < got.size(); ++i) right += got[i] == others.kinds[i];
  EXPECT_GT(right, 390);
  EXPECT_TRUE(c.predict({}).empty());
}

TEST(CellClassifierTest, IsTheSameEachTimeAndAfterAFile) {
  const Samples shown = two_clouds(60, 1), others = two_clouds(400, 2);
  const CellClassifier a = CellClassifier::train({"R", "T"}, shown.features, shown.kinds);
  const CellClassifier b = CellClassifier::train({"R", "T"}, shown.features, shown.kinds);
  EXPECT_EQ(a.text(), b.text());
  const CellClassifier back = CellClassifier::read(a.text(), "model.json");
  EXPECT_EQ(back.classes(), a.classes());
  EXPECT_EQ(back.predict(others.features), a.predict(others.features));
  EXPECT_EQ(back.text(), a.text());
}

TEST(CellClassifierTest, RefusesWhatItCannotLearnFromOrRead) {
  const Samples s = two_clouds(10, 1);
  EXPECT_THROW(CellClassifier::train({"one"}, s.features, s.kinds), InvalidArgument);
  EXPECT_THROW(CellClassifier::train({"a", "b", "never shown"}, s.features, s.kinds), InvalidArgument);
  EXPECT_THROW(CellClassifier::train({"a", "b"}, s.features, std::vector<int>(3)), InvalidArgument);
  std::string text = CellClassifier::train({"a", "b"}, s.features, s.kinds).text();
  const auto refusal = [](const std::string& given) -> std::string {
    try {
      CellClassifier::read(given, "m.json");
    } catch (const InputError& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_THAT(refusal("{}"), HasSubstr("m.json: is no classifier of this program"));
  EXPECT_THAT(refusal(text.substr(0, text.size() / 2)), HasSubstr("is no classifier"));
  std::string other = text;
  other.replace(other.find("area_um2"), 8, "area_um3");
  EXPECT_THAT(refusal(other), HasSubstr("was trained on other features"));
  std::string no_trees = text;
  no_trees.replace(no_trees.find("ntrees"), 6, "mtrees");
  EXPECT_NE(refusal(no_trees), "");
}

}  // namespace
}  // namespace hexaplex
