#include "core/stains/estimate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/stains/known_stains.h"
#include "tests/support/core/painted_stains.h"

namespace hexaplex {
namespace {

using test::colours_of;
using test::degrees_between;
using test::kPaintedWhite;
using test::painted_pixels;
using test::turned;

constexpr StainVector kGlass{kPaintedWhite, kPaintedWhite, kPaintedWhite};

StainVector known(const char* name) {
  return unit(*known_stain(name));
}

std::vector<Density> densities(const std::vector<StainVector>& stains, unsigned seed, bool second_is_there = true) {
  return densities_of(colours_of(painted_pixels({stains, second_is_there, seed})), kGlass);
}

// Vectors that lie elsewhere than the known ones: away from them by so much, in several directions.
struct Shift {
  double degrees, first, second, third;
};
constexpr Shift kShifts[] = {{0, 0, 0, 0}, {10, 0, 90, 180}, {10, 90, 0, 45}, {10, 180, 270, 0}, {10, 270, 180, 90}};

TEST(KnownStains, HaveTheirColoursUnderAnyCase) {
  EXPECT_EQ(known_stain("DAB"), (StainVector{.27, .57, .78}));
  EXPECT_EQ(known_stain("dab"), known_stain("DAB"));
  EXPECT_EQ(known_stain("haematoxylin"), (StainVector{.65, .70, .29}));
  EXPECT_EQ(known_stain("Hematoxylin"), known_stain("haematoxylin"));
  EXPECT_FALSE(known_stain("DABB"));
  EXPECT_FALSE(known_stain(""));
  for (const KnownStain& s : known_stains()) {
    EXPECT_EQ(known_stain(std::string(s.name)), s.vector);
    EXPECT_FALSE(s.source.empty());
  }
}

TEST(Densities, AreLogarithmsOfWhatIsLeftOfTheWhite) {
  const std::vector<Colour> colours{{100, {24, 120, 240}}, {300, {200, 200, 200}}};
  const std::vector<Density> d = densities_of(colours, {240, 240, 240});
  ASSERT_EQ(d.size(), 2u);
  EXPECT_NEAR(d[0].od[0], 1, 1e-12);
  EXPECT_NEAR(d[0].od[1], std::log10(2.0), 1e-12);
  EXPECT_NEAR(d[0].od[2], 0, 1e-12);
  EXPECT_EQ(d[0].pixels, 100);
  const double first = 100 * std::sqrt(1 + std::log10(2.0) * std::log10(2.0));
  const double second = 300 * std::sqrt(3) * std::log10(1.2);
  EXPECT_NEAR(d[0].weight, first / (first + second), 1e-12);
  EXPECT_NEAR(d[0].weight + d[1].weight, 1, 1e-12);
  // 1.5 steps of a value v are 1.5 / (v ln 10) in density.
  EXPECT_NEAR(d[1].noise, 1.5 / (200 * std::log(10.0)), 1e-12);
}

TEST(Densities, LeaveOutWhatIsBlackOrBurntOutAndGiveGlassNoWeight) {
  const std::vector<Colour> colours{{1, {3, 90, 90}},     {1, {90, 90, 253}},   {1, {4, 90, 90}},    {1, {90, 90, 252}},
                                    {1, {238, 239, 236}}, {1, {240, 240, 240}}, {1, {245, 245, 245}}};
  const std::vector<Density> d = densities_of(colours, {240, 240, 240});
  ASSERT_EQ(d.size(), 5u);
  EXPECT_GT(d[0].weight, 0);
  EXPECT_GT(d[1].weight, 0);
  for (std::size_t i = 2; i < 5; ++i) EXPECT_EQ(d[i].weight, 0) << i;
  for (const Density& one : densities_of({{5, {240, 240, 240}}}, {240, 240, 240})) EXPECT_EQ(one.weight, 0);
}

TEST(Densities, SpreadFirstAlongTheOnlyStain) {
  const StainVector eosin = known("eosin");
  const Axes axes = axes_of(densities({eosin}, 4));
  EXPECT_LT(degrees_between(axes.vectors[0], eosin), 1.5);
}

TEST(TwoStains, AreFoundWhereTheyLie) {
  const std::array<StainVector, 2> usual{known("haematoxylin"), known("DAB")};
  unsigned seed = 10;
  for (const Shift& s : kShifts) {
    SCOPED_TRACE(::testing::Message() << s.degrees << " degrees towards " << s.first << " and " << s.second);
    const StainVector h = turned(usual[0], s.degrees, s.first), dab = turned(usual[1], s.degrees, s.second);
    const TwoStains found = estimate_two_stains(densities({h, dab}, ++seed), usual);
    EXPECT_FALSE(found.second_is_absent);
    const double off_h = degrees_between(found.vectors[0], h), off_dab = degrees_between(found.vectors[1], dab);
    EXPECT_LT(off_h, 5);
    EXPECT_LT(off_dab, 5);
    if (s.degrees > 0) {
      EXPECT_LT(off_h, degrees_between(usual[0], h));
      EXPECT_LT(off_dab, degrees_between(usual[1], dab));
    }
    EXPECT_LT(found.off_plane, 0.02) << "two stains lie in a plane";
    EXPECT_NEAR(found.spread_cosine, dot(found.vectors[0], found.vectors[1]), 1e-12);
    for (const StainVector& v : found.vectors) EXPECT_NEAR(length(v), 1, 1e-12);
  }
}

TEST(TwoStains, AreNamedByTheKnownOnesInEitherOrder) {
  const StainVector h = known("haematoxylin"), dab = known("DAB");
  const std::vector<Density> colours = densities({h, dab}, 30);
  const TwoStains swapped = estimate_two_stains(colours, {dab, h});
  EXPECT_LT(degrees_between(swapped.vectors[0], dab), 5);
  EXPECT_LT(degrees_between(swapped.vectors[1], h), 5);
}

TEST(TwoStains, OfWhichOneIsAbsentLeaveItsKnownVector) {
  const std::array<StainVector, 2> usual{known("haematoxylin"), known("DAB")};
  const StainVector h = turned(usual[0], 8, 60);
  const TwoStains found = estimate_two_stains(densities({h, usual[1]}, 31, false), usual);
  EXPECT_TRUE(found.second_is_absent);
  EXPECT_EQ(found.vectors[1], usual[1]);
  EXPECT_LT(degrees_between(found.vectors[0], h), 3);
}

TEST(TwoStains, OffTheirPlaneTellOfAThird) {
  const std::array<StainVector, 2> usual{known("haematoxylin"), known("DAB")};
  const std::vector<Density> three = densities({usual[0], known("eosin"), known("saffron")}, 32);
  EXPECT_GT(estimate_two_stains(three, usual).off_plane, 0.035);
}

TEST(TwoStains, AreTheSameEachTime) {
  const std::array<StainVector, 2> usual{known("haematoxylin"), known("DAB")};
  const std::vector<Density> colours = densities({usual[0], usual[1]}, 33);
  EXPECT_EQ(estimate_two_stains(colours, usual).vectors, estimate_two_stains(colours, usual).vectors);
}

TEST(ThreeStains, AreFoundWhereTheyLie) {
  const std::array<StainVector, 3> usual{known("haematoxylin"), unit({.07, .99, .11}), known("saffron")};
  unsigned seed = 50;
  for (const Shift& s : kShifts) {
    SCOPED_TRACE(::testing::Message() << s.degrees << " degrees towards " << s.first << ", " << s.second << " and "
                                      << s.third);
    const std::array<StainVector, 3> painted{turned(usual[0], s.degrees, s.first),
                                             turned(usual[1], s.degrees, s.second),
                                             turned(usual[2], s.degrees, s.third)};
    const ThreeStains found = estimate_three_stains(densities({painted[0], painted[1], painted[2]}, ++seed), usual);
    for (std::size_t i = 0; i < 3; ++i) {
      const double off = degrees_between(found.vectors[i], painted[i]);
      EXPECT_LT(off, 5) << "stain " << i;
      if (s.degrees > 0) {
        EXPECT_LT(off, degrees_between(usual[i], painted[i])) << "stain " << i;
      }
      EXPECT_NEAR(length(found.vectors[i]), 1, 1e-12);
      EXPECT_LE(found.least_known_cosine, dot(found.vectors[i], usual[i]) + 1e-12);
    }
  }
}

TEST(ThreeStains, OfEosinFarFromTheKnownOneAreFoundToo) {
  // 30 degrees apart: some makers' eosin is that much redder.
  const StainVector h = known("haematoxylin"), eosin = unit({.07, .99, .11}), saffron = known("saffron");
  const ThreeStains found = estimate_three_stains(densities({h, eosin, saffron}, 60), {h, known("eosin"), saffron});
  EXPECT_LT(degrees_between(found.vectors[0], h), 5);
  EXPECT_LT(degrees_between(found.vectors[1], eosin), 5);
  EXPECT_LT(degrees_between(found.vectors[2], saffron), 5);
}

TEST(ThreeStains, AreTheSameEachTime) {
  const std::array<StainVector, 3> usual{known("haematoxylin"), known("eosin"), known("saffron")};
  const std::vector<Density> colours = densities({usual[0], usual[1], usual[2]}, 61);
  EXPECT_EQ(estimate_three_stains(colours, usual).vectors, estimate_three_stains(colours, usual).vectors);
}

}  // namespace
}  // namespace hexaplex
