#include "core/unmixing/crosstalk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <random>

#include "core/unmixing/library.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex {
namespace {

/// The definition, by sorting whole planes.
double by_sorting(Plane<const float> primary, Plane<const float> other) {
  const std::int64_t n = primary.extent.area();
  const auto at = [](Plane<const float> p, std::int64_t i) { return p(i % p.width(), i / p.width()); };
  std::vector<std::int64_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return at(primary, a) > at(primary, b); });
  const std::int64_t skipped = (n + 9999) / 10000, last = std::min<std::int64_t>(n, skipped + 3200);
  std::sort(order.begin() + skipped, order.begin() + last);
  double own = 0, theirs = 0;
  for (std::int64_t i = skipped; i < last; ++i) {
    own += at(primary, order[i]);
    theirs += at(other, order[i]);
  }
  return theirs / own;
}

std::vector<HostPlane<float>> random_planes(Extent extent, int count, int levels) {
  std::mt19937 random(7);
  std::vector<HostPlane<float>> planes;
  for (int k = 0; k < count; ++k) {
    planes.emplace_back(extent);
    for (std::int64_t i = 0; i < extent.area(); ++i)
      planes.back().data()[i] = static_cast<float>(static_cast<int>(random() % levels) - levels / 4) / 8;
  }
  return planes;
}

TEST(Crosstalk, IsTheDefinition) {
  const std::vector<std::string> names = {"a", "b", "c"};
  for (const Extent extent : {Extent{211, 101}, Extent{40, 30}, Extent{7, 1}, Extent{2, 1}}) {
    for (int levels : {5, 100000}) {  // many ties, few ties
      const auto planes = random_planes(extent, 3, levels);
      std::vector<Plane<const float>> views;
      for (const auto& p : planes) views.push_back(p.view());
      const CrosstalkTable table = crosstalk_table(CpuQueue{}, names, views);
      for (int p = 0; p < 3; ++p) {
        EXPECT_EQ(table.pixels[p], std::min<std::int64_t>(3200, extent.area() - (extent.area() + 9999) / 10000));
        for (int o = 0; o < 3; ++o) {
          const double expected = by_sorting(views[p], views[o]);
          if (std::isfinite(expected) && !std::isnan(table.at(p, o))) {
            EXPECT_EQ(table.at(p, o), expected) << extent.width << ' ' << levels;
          }
        }
      }
    }
  }
}

TEST(Crosstalk, DoesNotDependOnWindowsNorOnTheirOrder) {
  const std::vector<std::string> names = {"a", "b", "c"};
  const Extent extent{211, 187};
  for (int levels : {5, 100000}) {
    const auto planes = random_planes(extent, 3, levels);
    std::vector<Plane<const float>> views;
    for (const auto& p : planes) views.push_back(p.view());
    const CrosstalkTable whole = crosstalk_table(CpuQueue{1}, names, views);
    for (const Extent cut : {Extent{32, 16}, Extent{50, 187}, Extent{1, 1}, Extent{211, 3}}) {
      std::vector<Rect> windows;
      for (int y = 0; y < extent.height; y += cut.height)
        for (int x = 0; x < extent.width; x += cut.width)
          windows.push_back({x, y, std::min(cut.width, extent.width - x), std::min(cut.height, extent.height - y)});
      std::shuffle(windows.begin(), windows.end(), std::mt19937(5));
      CrosstalkCollector collector(names, extent);
      for (const Rect w : windows) {
        std::vector<Plane<const float>> parts;
        for (const auto& v : views) parts.push_back(v.window(w));
        collector.add(w, parts);
      }
      const CrosstalkTable table = collector.finish([&](Rect r, int c) {
        HostPlane<float> out(r.extent());
        for (int y = 0; y < r.height; ++y)
          for (int x = 0; x < r.width; ++x) out(x, y) = views[c](r.x + x, r.y + y);
        return out;
      });
      EXPECT_EQ(table.ratio, whole.ratio) << cut.width << ' ' << levels;
      EXPECT_EQ(table.support, whole.support) << cut.width << ' ' << levels;
      EXPECT_EQ(table.evenness, whole.evenness) << cut.width << ' ' << levels;
    }
  }
}

TEST(Crosstalk, RefusesWindowsThatDoNotCoverTheImage) {
  CrosstalkCollector collector({"a"}, {20, 20});
  const HostPlane<float> part({20, 10}, 1.0f);
  collector.add({0, 0, 20, 10}, std::vector<Plane<const float>>{part.view()});
  EXPECT_THROW(collector.finish([](Rect, int) { return HostPlane<float>(); }), InvalidArgument);
}

TEST(Crosstalk, HandCase) {
  // 20 x 1: the brightest is skipped, the other 19 are taken.
  HostPlane<float> a({20, 1}, 2.0f), b({20, 1}, 0.5f);
  a(3, 0) = 1000;
  b(3, 0) = 1000;
  const CrosstalkTable table = crosstalk_table(CpuQueue{1}, std::vector<std::string>{"a", "b"},
                                               std::vector<Plane<const float>>{a.view(), b.view()});
  EXPECT_EQ(table.at(0, 1), 0.25);
  EXPECT_EQ(table.at(0, 0), 1);
  EXPECT_EQ(table.pixels[0], 19);
  EXPECT_STREQ(crosstalk_grade(table.at(0, 1)), "poor");
  EXPECT_STREQ(crosstalk_grade(0.019), "good for expression");
  EXPECT_STREQ(crosstalk_grade(0.049), "good for phenotyping");
  EXPECT_STREQ(crosstalk_grade(0.1), "fair");
}

TEST(Crosstalk, IsUndefinedWithoutSignal) {
  HostPlane<float> a({20, 5}, 0.0f), b({20, 5}, 1.0f);
  const CrosstalkTable table = crosstalk_table(CpuQueue{}, std::vector<std::string>{"a", "b"},
                                               std::vector<Plane<const float>>{a.view(), b.view()});
  EXPECT_TRUE(std::isnan(table.at(0, 1)));
  EXPECT_EQ(table.at(1, 0), 0);
  HostPlane<float> one({1, 1}, 1.0f);
  EXPECT_TRUE(
      std::isnan(crosstalk_table(CpuQueue{}, std::vector<std::string>{"a"}, std::vector<Plane<const float>>{one.view()})
                     .at(0, 0)));
}

TEST(Crosstalk, TellsAStainFromNoise) {
  // A stained square of 70 x 70 pixels; a smaller one of 20 x 20; single pixels like shot noise; the background itself.
  const Extent extent{300, 300};
  std::vector<HostPlane<float>> planes;
  for (int k = 0; k < 4; ++k) planes.emplace_back(extent, 0.01f);
  std::mt19937 random(3);
  for (int y = 0; y < 300; ++y)
    for (int x = 0; x < 300; ++x) {
      const float level = 0.9f + 0.2f * static_cast<float>(random() % 100) / 100;
      if (x < 70 && y < 70) planes[0](x, y) = level;
      if (x >= 100 && x < 120 && y < 20) planes[1](x, y) = level;
      if (random() % 16 == 0) planes[2](x, y) = level;
      planes[3](x, y) = level;
    }
  const std::vector<std::string> names = {"stain", "small", "noise", kAutofluorescence};
  std::vector<Plane<const float>> views;
  for (const auto& p : planes) views.push_back(p.view());
  const CrosstalkTable table = crosstalk_table(CpuQueue{}, names, views);
  EXPECT_TRUE(table.assessable(0));
  EXPECT_FALSE(table.assessable(1));
  EXPECT_LT(table.evenness[1], 0.1);
  EXPECT_FALSE(table.assessable(2));
  EXPECT_LT(table.support[2], 0.2);
  EXPECT_FALSE(table.assessable(3));
  EXPECT_GT(table.support[3], 0.8);
}

TEST(Crosstalk, RefusesWhatDoesNotFit) {
  HostPlane<float> a({2, 2}, 0.0f), b({2, 1}, 0.0f);
  const std::vector<std::string> names = {"a", "b"};
  EXPECT_THROW(crosstalk_table(CpuQueue{}, names, std::vector<Plane<const float>>{a.view()}), InvalidArgument);
  EXPECT_THROW(crosstalk_table(CpuQueue{}, names, std::vector<Plane<const float>>{a.view(), b.view()}),
               InvalidArgument);
}

}  // namespace
}  // namespace hexaplex
