#include "core/spatial/clusters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "kernels/runtime/error.h"

namespace hexaplex {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// DBSCAN as it is defined, on all pairs.
std::vector<std::int32_t> by_brute_force(const std::vector<PointUm>& points, double radius, int min_points) {
  const std::size_t n = points.size();
  const auto near = [&](std::size_t a, std::size_t b) {
    const double dx = points[a].x - points[b].x, dy = points[a].y - points[b].y;
    return dx * dx + dy * dy <= radius * radius;
  };
  std::vector<bool> core(n);
  for (std::size_t i = 0; i < n; ++i) {
    int count = 0;
    for (std::size_t k = 0; k < n; ++k) count += near(i, k);
    core[i] = count >= min_points;
  }
  std::vector<std::int32_t> cluster(n, -1);
  std::int32_t next = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (!core[i] || cluster[i] >= 0) continue;
    std::vector<std::size_t> open{i};
    cluster[i] = next;
    while (!open.empty()) {
      const std::size_t at = open.back();
      open.pop_back();
      for (std::size_t k = 0; k < n; ++k)
        if (core[k] && cluster[k] < 0 && near(at, k)) cluster[k] = next, open.push_back(k);
    }
    ++next;
  }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < n && !core[i] && cluster[i] < 0; ++k)
      if (core[k] && near(i, k)) cluster[i] = cluster[k];
  return cluster;
}

TEST(Clusters, GroupsCoresAndTheirBorderAndLeavesLonePoints) {
  // A line of steps of 2, whose last point has one other in reach; three in one place; one alone.
  const std::vector<PointUm> points{{50, 0}, {8, 0}, {2, 0}, {0, 0}, {4, 0}, {6, 0}, {20, 9}, {20, 9}, {20, 9}};
  EXPECT_THAT(find_clusters(points, 2, 3), ElementsAre(-1, 0, 0, 0, 0, 0, 1, 1, 1));
  EXPECT_THAT(find_clusters(points, 1.999, 3), ElementsAre(-1, -1, -1, -1, -1, -1, 0, 0, 0));
  EXPECT_THAT(find_clusters(points, 2, 4), testing::Each(-1));
}

TEST(Clusters, AreNumberedByTheirFirstCoreNotByTheirFirstPoint) {
  // The first point is a border point of the group whose cores come last.
  const std::vector<PointUm> points{{1, 0}, {9, 0}, {9, 0}, {9, 0}, {0, 0}, {-1, 0}};
  EXPECT_THAT(find_clusters(points, 1, 3), ElementsAre(1, 0, 0, 0, 1, 1));
}

TEST(Clusters, ABorderPointBelongsToTheEarliestCoreInReach) {
  // The last point sees one core of each group; that of group 1 comes first, though group 0 does so as a whole.
  const std::vector<PointUm> points{{-.9, 0}, {-.9, 0}, {-.9, 0}, {2, 0}, {2.9, 0}, {2.9, 0}, {2.9, 0}, {0, 0}, {1, 0}};
  EXPECT_THAT(find_clusters(points, 1, 4), ElementsAre(0, 0, 0, 1, 1, 1, 1, 0, 1));
}

TEST(Clusters, OfOnePointEach) {
  const std::vector<PointUm> points{{3, 0}, {0, 0}, {3, 0}, {9, 9}};
  EXPECT_THAT(find_clusters(points, 1, 1), ElementsAre(0, 1, 0, 2));
}

TEST(Clusters, OfNoPointsAreNone) {
  EXPECT_THAT(find_clusters({}, 1, 1), IsEmpty());
}

TEST(Clusters, AgreeWithTheDefinitionOnRandomPoints) {
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    // Whole numbers: many points share a place, and many lie at exactly 5 (3, 4) from another.
    std::vector<PointUm> points;
    const auto side = 20 + random() % 60;
    for (int i = 0; i < 250; ++i)
      points.push_back({static_cast<double>(random() % side) - 17, static_cast<double>(random() % side) - 40});
    const int min_points = 1 + static_cast<int>(random() % 8);
    EXPECT_EQ(find_clusters(points, 5, min_points), by_brute_force(points, 5, min_points)) << "round " << round;
  }
}

TEST(Clusters, AgreeWithTheDefinitionOnPointsThatAreNoWholeNumbers) {
  std::mt19937 random(8);
  std::uniform_real_distribution<double> place(-1000, 1000);
  for (const double radius : {3.0, 40.0, 170.0, 3000.0}) {
    std::vector<PointUm> points;
    for (int i = 0; i < 400; ++i) points.push_back({place(random), place(random)});
    EXPECT_EQ(find_clusters(points, radius, 4), by_brute_force(points, radius, 4)) << radius;
  }
}

TEST(Clusters, RefuseWhatHasNoDistance) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN(), kInf = std::numeric_limits<double>::infinity();
  const std::vector<PointUm> sound{{0, 0}, {1, 1}};
  EXPECT_THROW(find_clusters(sound, 0, 1), InvalidArgument);
  EXPECT_THROW(find_clusters(sound, -1, 1), InvalidArgument);
  EXPECT_THROW(find_clusters(sound, kNan, 1), InvalidArgument);
  EXPECT_THROW(find_clusters(sound, kInf, 1), InvalidArgument);
  EXPECT_THROW(find_clusters(sound, 1, 0), InvalidArgument);
  for (const PointUm& wrong : {PointUm{kNan, 0}, PointUm{0, kNan}, PointUm{kInf, 0}, PointUm{0, -kInf}}) {
    const std::vector<PointUm> points{{0, 0}, wrong};
    EXPECT_THROW(find_clusters(points, 1, 1), InvalidArgument);
  }
}

}  // namespace
}  // namespace hexaplex
