#include "core/cells/outline.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

namespace hexaplex {
namespace {

std::vector<PixelRun> runs_of(const std::vector<std::string>& rows) {
  std::vector<PixelRun> runs;
  for (std::size_t y = 0; y < rows.size(); ++y)
    for (std::size_t x = 0; x < rows[y].size(); ++x)
      if (rows[y][x] == '#') runs.push_back({static_cast<int>(y), static_cast<int>(x), static_cast<int>(x) + 1, 0});
  return runs;
}

// Twice the area inside a ring: positive where the object is to the right of the way.
std::int64_t area2(const std::vector<Corner>& ring) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const Corner &a = ring[i], &b = ring[(i + 1) % ring.size()];
    sum += static_cast<std::int64_t>(a.x) * b.y - static_cast<std::int64_t>(b.x) * a.y;
  }
  return sum;
}

TEST(Outline, OnePixelAndNothing) {
  EXPECT_TRUE(OutlineTracer().trace({}).rings.empty());
  const Outline o = OutlineTracer().trace(runs_of({"..", ".#"}));
  ASSERT_EQ(o.rings.size(), 1u);
  EXPECT_EQ(o.rings[0], (std::vector<Corner>{{1, 1}, {2, 1}, {2, 2}, {1, 2}}));
}

TEST(Outline, HolesFollowTheOuterRing) {
  const Outline o = OutlineTracer().trace(runs_of({"####", "#..#", "####"}));
  ASSERT_EQ(o.rings.size(), 2u);
  EXPECT_EQ(area2(o.rings[0]), 24);
  EXPECT_EQ(area2(o.rings[1]), -4);
}

TEST(Outline, TheLargestPieceIsTakenAndTheFirstOfEqualOnes) {
  EXPECT_EQ(area2(OutlineTracer().trace(runs_of({"##.###", "##....", "...#.."})).rings.at(0)), 8);
  const Outline diagonal = OutlineTracer().trace(runs_of({"#.", ".#"}));  // touch at a corner: two pieces
  ASSERT_EQ(diagonal.rings.size(), 1u);
  EXPECT_EQ(diagonal.rings[0].front(), (Corner{0, 0}));
  // Two branches of one piece that only meet below.
  EXPECT_EQ(area2(OutlineTracer().trace(runs_of({"#.#", "#.#", "###"})).rings.at(0)), 14);
}

TEST(Outline, ARingThatMeetsItselfAtACornerIsSplit) {
  // The background pixel in the middle touches the outside at a corner only.
  const Outline o = OutlineTracer().trace(runs_of({"###.", "#.##", "####"}));
  ASSERT_EQ(o.rings.size(), 2u);
  for (const auto& ring : o.rings) {
    std::set<std::pair<int, int>> seen;
    for (const Corner& c : ring) EXPECT_TRUE(seen.insert({c.x, c.y}).second);
  }
}

TEST(Outline, RandomPiecesHaveTheAreaOfTheirPixelsAndSimpleRings) {
  std::mt19937 random(4);
  OutlineTracer tracer;
  for (int round = 0; round < 400; ++round) {
    const int w = 1 + static_cast<int>(random() % 9), h = 1 + static_cast<int>(random() % 9);
    std::vector<std::string> rows(static_cast<std::size_t>(h), std::string(static_cast<std::size_t>(w), '.'));
    for (auto& row : rows)
      for (char& c : row)
        if (random() % 100 < 65) c = '#';
    // Brute force: largest 4-connected piece.
    std::vector<std::vector<int>> piece(static_cast<std::size_t>(h), std::vector<int>(static_cast<std::size_t>(w), 0));
    std::int64_t largest = 0;
    int pieces = 0;
    for (int y = 0; y < h; ++y)
      for (int x = 0; x < w; ++x) {
        if (rows[y][x] != '#' || piece[y][x]) continue;
        std::vector<std::pair<int, int>> todo{{x, y}};
        piece[y][x] = ++pieces;
        std::int64_t area = 0;
        while (!todo.empty()) {
          const auto [u, v] = todo.back();
          todo.pop_back();
          ++area;
          for (const auto& [a, b] : {std::pair{u + 1, v}, {u - 1, v}, {u, v + 1}, {u, v - 1}})
            if (a >= 0 && b >= 0 && a < w && b < h && rows[b][a] == '#' && !piece[b][a]) {
              piece[b][a] = pieces;
              todo.push_back({a, b});
            }
        }
        largest = std::max(largest, area);
      }
    const Outline o = tracer.trace(runs_of(rows));
    std::int64_t area = 0;
    for (std::size_t k = 0; k < o.rings.size(); ++k) {
      const auto& ring = o.rings[k];
      EXPECT_EQ(area2(ring) > 0, k == 0);
      area += area2(ring);
      std::set<std::pair<int, int>> corners;
      for (std::size_t i = 0; i < ring.size(); ++i) {
        const Corner &a = ring[i], &b = ring[(i + 1) % ring.size()], &c = ring[(i + 2) % ring.size()];
        EXPECT_TRUE((a.x == b.x) != (a.y == b.y));  // along pixel edges
        EXPECT_TRUE((a.x == b.x) != (b.x == c.x));  // turning points only
        for (int t = 0; t < std::abs(b.x - a.x) + std::abs(b.y - a.y); ++t) {
          const int sx = (b.x > a.x) - (b.x < a.x), sy = (b.y > a.y) - (b.y < a.y);
          EXPECT_TRUE(corners.insert({a.x + t * sx, a.y + t * sy}).second) << "a ring touches itself";
        }
      }
    }
    EXPECT_EQ(area, 2 * largest);
  }
}

}  // namespace
}  // namespace hexaplex
