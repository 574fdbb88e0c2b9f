// Cells and pixels of regions, against every pixel asked by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "core/image/piece_view.h"
#include "core/regions/region_cells.h"
#include "core/regions/region_tissue.h"
#include "core/score/score.h"

namespace hexaplex {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Extent kSlide{150, 90};

RegionArea area_of(const std::vector<std::vector<Ring>>& areas, const std::vector<std::vector<Ring>>& ignored = {}) {
  return {DrawnAreas(areas), ignored.empty() ? nullptr : std::make_shared<const DrawnAreas>(ignored)};
}

const Ring kLeft{{0, 0}, {10, 0}, {10, 90}, {0, 90}}, kSlanted{{3.3, 2.1}, {141.7, 20.2}, {100.4, 88.8}, {8.6, 71.5}},
    kTop{{-5, -5}, {400, -5}, {400, 12}, {-5, 12}};

TEST(RegionCells, LieWhereTheirNucleiAreAndOneHalfPixelOn) {
  DrawnRegions regions{{"Left", "Top"}, {area_of({{kLeft}}), area_of({{kTop}})}, area_of({{kLeft}, {kTop}}), {}};
  CellTable cells;
  cells.resize(4);
  const auto place = [&](std::size_t i, double x, double y, bool nucleus) {
    cells.cell[i] = {}, cells.nucleus[i] = {};
    Shape& s = nucleus ? cells.nucleus[i] : cells.cell[i];
    s.area_px = 9, s.centroid_x_px = x, s.centroid_y_px = y;
    if (nucleus) cells.cell[i].area_px = 30, cells.cell[i].centroid_x_px = cells.cell[i].centroid_y_px = 80;
  };
  place(0, 9.4, 50, true);   // 9.9 as QuPath counts
  place(1, 9.6, 50, true);   // 10.1
  place(2, 0, 11.4, false);  // in both
  place(3, 120, 11.6, false);
  const RegionCells of(CpuQueue{}, regions, cells);
  EXPECT_EQ(of.cells(), 4u);
  EXPECT_THAT(of.of(0), ElementsAre(0));
  EXPECT_THAT(of.of(1), IsEmpty());
  EXPECT_THAT(of.of(2), ElementsAre(0, 1));
  EXPECT_THAT(of.of(3), IsEmpty());
  EXPECT_THAT(of.counted_in(0, {}), ElementsAre(1, 0, 1, 0));
  const std::vector<std::uint8_t> counted{0, 1, 1, 1};
  EXPECT_THAT(of.counted_in(0, counted), ElementsAre(0, 0, 1, 0));
  EXPECT_THAT(of.counted_in(1, counted), ElementsAre(0, 0, 1, 0));
}

TEST(RegionTissue, CountsPixelsByTheirCentres) {
  QualityMask quality(kSlide, 0.5);
  quality.set_square(1, 1, Unusable::fold);
  quality.set_square(4, 2, Unusable::glass);  // cut by the slide's edges
  HostPlane<float> values(kSlide);
  for (int y = 0; y < kSlide.height; ++y)
    for (int x = 0; x < kSlide.width; ++x) values(x, y) = static_cast<float>((x * 7 + y * 13) % 10) / 10;
  const HeldChannels channels(kSlide, {"a"}, {values.view()});
  const RegionArea areas[] = {area_of({{kSlanted}}, {{kTop}}), area_of({{kLeft}, {kTop}}), area_of({{kTop}, {kTop}})};
  const RegionArea* const asked[] = {&areas[0], &areas[1], &areas[2]};
  const std::vector<std::int64_t> stained = pixels_from(CpuQueue{}, channels, 0, 0.5, asked);
  for (std::size_t r = 0; r < 3; ++r) {
    std::int64_t all = 0, assessable = 0, above = 0;
    for (int y = 0; y < kSlide.height; ++y)
      for (int x = 0; x < kSlide.width; ++x) {
        if (!areas[r].contains({x + 0.5, y + 0.5})) continue;
        ++all, assessable += quality.assessable(x, y) ? 1 : 0;
        above += values(x, y) >= 0.5f ? 1 : 0;
      }
    EXPECT_GT(all, 500);
    EXPECT_EQ(assessable_pixels(CpuQueue{}, areas[r], nullptr, kSlide), all) << r;
    EXPECT_EQ(assessable_pixels(CpuQueue{}, areas[r], &quality, kSlide), assessable) << r;
    EXPECT_EQ(stained[r], above) << r;
  }
  EXPECT_EQ(assessable_pixels(CpuQueue{}, areas[1], nullptr, kSlide), 10 * 90 + 140 * 12);
}

// A region of the whole slide has what the slide's histogram has, where only pieces of it are tissue.
TEST(RegionTissue, OfTheWholeSlideIsThatOfTheHistogram) {
  const Extent wide{900, 300};
  const TissueArea area(wide, {{10, 10, 200, 100}, {600, 50, 250, 240}});
  PiecePlanes<float> planes(area);
  for (std::size_t i = 0; i < area.pieces().size(); ++i) {
    HostPlane<float>& p = planes.piece(i);
    for (int y = 0; y < p.height(); ++y)
      for (int x = 0; x < p.width(); ++x) p(x, y) = static_cast<float>((x * 5 + y * 3 + static_cast<int>(i)) % 17);
  }
  std::vector<PiecePlanes<float>> owned;
  owned.push_back(std::move(planes));
  const HeldChannels channels(area, {"a"}, std::move(owned));
  const RegionArea whole = area_of({{{{0, 0}, {900, 0}, {900, 300}, {0, 300}}}});
  const RegionArea* const asked[] = {&whole};
  CpuQueue q;
  for (const double least : {-1.0, 0.0, 3.0, 16.0})
    EXPECT_EQ(pixels_from(q, channels, 0, least, asked)[0], pixels_from(channels.histogram(q, 0), least)) << least;
}

}  // namespace
}  // namespace hexaplex
