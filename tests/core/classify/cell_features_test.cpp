#include "core/classify/cell_features.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "kernels/runtime/error.h"

namespace hexaplex {
namespace {

float feature(const CellFeatures& f, std::string_view name) {
  const auto at = std::find(kCellFeatures.begin(), kCellFeatures.end(), name);
  EXPECT_NE(at, kCellFeatures.end()) << name;
  return f[static_cast<std::size_t>(at - kCellFeatures.begin())];
}

TEST(CellFeaturesTest, AreComputedByHand) {
  // Four in a row, 10 µm apart; the 20 % quantile of the means is the first: 0.2.
  const std::vector<NucleusValues> row{
      {0, 0, 30, 0.2, 0.02}, {10, 0, 40, 0.4, 0.04}, {20, 0, 50, 0.6, 0.06}, {30, 0, 60, 0.8, 0.08}};
  const CellFeatures f = cell_features(row)[1];
  EXPECT_FLOAT_EQ(feature(f, "area_um2"), 40);
  EXPECT_FLOAT_EQ(feature(f, "stain_mean"), 2);
  EXPECT_FLOAT_EQ(feature(f, "stain_std"), 0.2f);
  EXPECT_FLOAT_EQ(feature(f, "nearest_um"), 10);
  EXPECT_FLOAT_EQ(feature(f, "third_nearest_um"), 20);
  EXPECT_FLOAT_EQ(feature(f, "fifth_nearest_um"), 1000) << "there are three others";
  EXPECT_FLOAT_EQ(feature(f, "area_mean_of_6"), 45) << "of all four";
  EXPECT_FLOAT_EQ(feature(f, "stain_mean_of_11"), 2.5f);
}

TEST(CellFeaturesTest, EqualBruteForce) {
  std::mt19937 random(7);
  const auto real = [&] { return static_cast<double>(random() >> 8) / (1 << 24); };
  std::vector<NucleusValues> nuclei;
  for (int i = 0; i < 300; ++i) nuclei.push_back({300 * real(), 200 * real(), 20 + 60 * real(), real() + 0.1, real()});
  const std::vector<CellFeatures> got = cell_features(nuclei);
  for (std::size_t i = 0; i < nuclei.size(); ++i) {
    std::vector<std::pair<double, std::size_t>> near;
    for (std::size_t k = 0; k < nuclei.size(); ++k)
      if (k != i) near.push_back({std::hypot(nuclei[k].x_um - nuclei[i].x_um, nuclei[k].y_um - nuclei[i].y_um), k});
    std::sort(near.begin(), near.end());
    EXPECT_EQ(feature(got[i], "nuclei_within_20um"),
              std::count_if(near.begin(), near.end(), [](const auto& n) { return n.first < 20; }));
    EXPECT_FLOAT_EQ(feature(got[i], "third_nearest_um"), static_cast<float>(near[2].first));
    double area = nuclei[i].area_um2;
    for (int k = 0; k < 10; ++k) area += nuclei[near[static_cast<std::size_t>(k)].second].area_um2;
    EXPECT_FLOAT_EQ(feature(got[i], "area_mean_of_11"), static_cast<float>(area / 11));
  }
}

// A slide stained twice as dark has the same features.
TEST(CellFeaturesTest, DoNotDependOnHowDarkASlideIs) {
  std::vector<NucleusValues> pale{{0, 0, 30, 0.2, 0.02}, {9, 5, 40, 0.5, 0.04}, {4, 22, 50, 0.25, 0.06}}, dark = pale;
  for (NucleusValues& n : dark) n.mean *= 2, n.std *= 2;
  EXPECT_EQ(cell_features(pale), cell_features(dark));
}

TEST(CellFeaturesTest, OfFewNucleiAreThereToo) {
  EXPECT_TRUE(cell_features({}).empty());
  const CellFeatures alone = cell_features(std::vector<NucleusValues>{{5, 5, 30, 0.3, 0.1}})[0];
  EXPECT_EQ(feature(alone, "nearest_um"), 1000);
  EXPECT_EQ(feature(alone, "nuclei_within_20um"), 0);
  EXPECT_FLOAT_EQ(feature(alone, "area_mean_of_6"), 30);
  const std::vector<NucleusValues> same(15, NucleusValues{5, 5, 30, 0.3, 0.1});  // all in one place
  for (const CellFeatures& f : cell_features(same)) EXPECT_EQ(feature(f, "nuclei_within_20um"), 14);
  EXPECT_THROW(cell_features(std::vector<NucleusValues>{{5, 5, 30, std::numeric_limits<double>::quiet_NaN(), 0}}),
               InvalidArgument);
}

}  // namespace
}  // namespace hexaplex
