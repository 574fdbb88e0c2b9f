// Segmentation of channels that are not held, or that lie in pieces: the labels of one image in memory.
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <utility>

#include "core/cells/measure.h"
#include "core/segmentation/cells.h"
#include "core/segmentation/diameter.h"
#include "tests/support/core/streamed_planes.h"

namespace hexaplex {
namespace {

// Blobs of light on noise, some of them giant, with a marker around these.
struct Tissue {
  Extent e{420, 360};
  std::vector<HostPlane<float>> planes;
  Tissue() {
    std::mt19937 random(8);
    for (int c = 0; c < 4; ++c) {
      planes.emplace_back(e);
      for (std::int64_t i = 0; i < e.area(); ++i) planes.back().data()[i] = static_cast<float>(random() % 100) * 0.01f;
    }
    for (int i = 0; i < 220; ++i) {
      const bool giant = i < 4;
      const int cx = static_cast<int>(random() % 420), cy = static_cast<int>(random() % 360), r = giant ? 24 : 6;
      for (int y = std::max(0, cy - 2 * r); y <= std::min(359, cy + 2 * r); ++y)
        for (int x = std::max(0, cx - 2 * r); x <= std::min(419, cx + 2 * r); ++x) {
          const float d2 = static_cast<float>((x - cx) * (x - cx) + (y - cy) * (y - cy)) / static_cast<float>(r * r);
          if (d2 < 1) planes[0](x, y) += 20 * (1.2f - d2);
          if (d2 > 0.7f && d2 < 1.6f) planes[1 + i % 2](x, y) += 9;
          if (giant && d2 < 2) planes[3](x, y) += 30;
        }
    }
  }
};

bool same(const HostPlane<std::uint32_t>& a, const HostPlane<std::uint32_t>& b) {
  return a.extent() == b.extent() && std::memcmp(a.data(), b.data(), a.bytes()) == 0;
}

TEST(StreamedSegmentation, GivesTheLabelsOfPlanesInMemory) {
  const Tissue t;
  std::vector<Plane<const float>> views;
  for (const auto& p : t.planes) views.push_back(p.view());
  const test::StreamedPlanes streamed(t.e, {"DAPI", "a", "b", "giant"}, views);
  CpuQueue q;
  CellParams params;
  params.nucleus_um = 6;
  for (const bool giants : {false, true}) {
    SegmentationInput input{views[0], {views[1], views[2]}, {}};
    SegmentationChannels which{0, {1, 2}, {}};
    if (giants) {
      input.giant_marker = views[3];
      which.giant_marker = 3;
      params.giants.emplace();
    }
    params.tile_px = 0;
    const LabelPair whole = segment_cells(q, input, params);
    EXPECT_GT(*std::max_element(whole.cell.data(), whole.cell.data() + t.e.area()), 50u);
    for (const TileShape tile : {TileShape(64), TileShape(90, 200, 5)}) {
      params.tile_px = tile;
      params.keep_images = tile.order_seed == 0;
      NucleiSource source(q, streamed, which, tile);
      EXPECT_EQ(stable_diameter_um(q, source, params), stable_diameter_um(q, input, params));
      SlideLabels tiled = segment_cells(q, std::move(source), params);
      EXPECT_TRUE(same(whole.nucleus, tiled.nucleus.piece(0))) << giants;
      EXPECT_TRUE(same(whole.cell, tiled.cell.piece(0))) << giants;
    }
  }
}

// The same image in several places of a slide: what all pixels settle together (reference levels, the floor, the
// marker's level) is what one of them settles by itself, so each piece holds the image's own cells, numbered on.
struct Repeated {
  Tissue image;
  std::vector<Rect> places{{700, 64, 420, 360}, {32, 200, 420, 360}, {900, 640, 420, 360}};
  TissueArea area{{1500, 1100}, places};
  std::vector<HostPlane<float>> slide;
  Repeated() {
    for (const HostPlane<float>& plane : image.planes) {
      slide.emplace_back(area.slide(), -7.0f);  // nobody may read this
      for (const Rect& p : places)
        for (int y = 0; y < p.height; ++y)
          std::copy_n(plane.view().row(y), p.width, slide.back().view().row(p.y + y) + p.x);
    }
  }
  std::vector<PiecePlanes<float>> planes() const {
    std::vector<PiecePlanes<float>> out;
    for (const HostPlane<float>& plane : slide) {
      out.emplace_back(area);
      for (const Rect& p : places)
        for (int y = 0; y < p.height; ++y)
          std::copy_n(plane.view().row(p.y + y) + p.x, p.width, out.back().inside(p).row(y));
    }
    return out;
  }
};

TEST(PiecewiseSegmentation, FindsInEachPieceWhatItsImageHolds) {
  const Repeated r;
  const std::vector<std::string> names{"DAPI", "a", "b", "giant"};
  const std::vector<int> all{0, 1, 2, 3};
  const HeldChannels held(r.area, names, r.planes());
  const test::StreamedPlanes streamed(r.area, names, r.planes());
  std::vector<Plane<const float>> views;
  for (const auto& p : r.image.planes) views.push_back(p.view());
  const SegmentationInput input{views[0], {views[1], views[2]}, views[3]};
  const SegmentationChannels which{0, {1, 2}, 3};
  CpuQueue q;
  CellParams params;
  params.nucleus_um = 6;
  params.giants.emplace();
  const LabelPair alone = segment_cells(q, input, params);
  const HeldChannels image(r.image.e, names, views);
  const CellTable alone_table = measure_cells(q, image, all, alone, 0.5, 1.3, {});
  ASSERT_GT(alone_table.size(), 50u);
  // Beyond an image's edge there is no border; beyond a piece's edge there is background.
  std::vector<bool> at_edge(alone_table.size() + 1, false);
  for (int y = 0; y < 360; ++y)
    for (int x = 0; x < 420; ++x)
      if (x < 3 || y < 3 || x > 416 || y > 356) at_edge[alone.cell(x, y)] = true;

  CellTable first;
  for (const ChannelSource* source :
       {static_cast<const ChannelSource*>(&held), static_cast<const ChannelSource*>(&streamed)})
    for (const TileShape tile : {TileShape(), TileShape(128), TileShape(90, 200, 5)}) {
      params.tile_px = tile;
      params.keep_images = source->held();
      SlideLabels labels = segment_cells(q, NucleiSource(q, *source, which, tile), params);
      const CellTable table = measure_cells(q, *source, all, labels, 0.5, 1.3, tile);
      ASSERT_EQ(table.size(), 3 * alone_table.size());
      std::uint32_t last = 0;  // of the first pixels of nuclei in the slide
      std::vector<bool> named(table.size() + 1, false);
      for (int y = 0; y < 1100; ++y)
        for (int x = 0; x < 1500; ++x) {
          const std::uint32_t label = LabelView(labels).nucleus.at(x, y);
          if (label == 0 || named[label]) continue;
          ASSERT_EQ(label, ++last) << x << " " << y;
          named[label] = true;
        }
      for (std::size_t i = 0; i < r.places.size(); ++i) {
        const HostPlane<std::uint32_t>&nucleus = labels.nucleus.piece(i), &cell = labels.cell.piece(i);
        std::vector<std::uint32_t> name(alone_table.size() + 1, 0);
        for (int y = 0; y < 360; ++y)
          for (int x = 0; x < 420; ++x) {
            if (alone.nucleus(x, y) != 0) name[alone.nucleus(x, y)] = nucleus(x, y);
          }
        for (int y = 0; y < 360; ++y)
          for (int x = 0; x < 420; ++x) {
            ASSERT_EQ(nucleus(x, y), name[alone.nucleus(x, y)]) << i << ": " << x << " " << y;
            ASSERT_EQ(cell(x, y), name[alone.cell(x, y)]) << i << ": " << x << " " << y;
          }
        for (std::size_t row = 0; row < alone_table.size(); ++row) {
          const std::size_t here = name[row + 1] - 1;
          ASSERT_EQ(table.cell_id[here], name[row + 1]);
          ASSERT_EQ(table.cell[here].area_px, alone_table.cell[row].area_px);
          for (std::size_t c = 0; c < 4 && !at_edge[row + 1]; ++c)
            ASSERT_EQ(table.values(c, Compartment::membrane, Statistic::median)[here],
                      alone_table.values(c, Compartment::membrane, Statistic::median)[row])
                << i << ": " << row;
        }
      }
      if (first.size() == 0) first = table;
      EXPECT_EQ(first.values(1, Compartment::cell, Statistic::mean),
                table.values(1, Compartment::cell, Statistic::mean));
    }
}

// Tissue aslant over its piece: tiles that see none of it are left out, which must not show.
TEST(PiecewiseSegmentation, LeavesTilesWithoutTissueOutUnseen) {
  const Tissue t;
  const Extent slide{1300, 1200};
  HostPlane<std::uint8_t> squares({41, 38}, 0);
  for (int y = 0; y < 38; ++y)
    for (int x = 0; x < 41; ++x) squares(x, y) = std::abs(x - y) < 5 && x + y > 8 ? 1 : 0;
  const TissueArea area(slide, squares, 32);
  ASSERT_EQ(area.pieces().size(), 1u);
  std::vector<PiecePlanes<float>> planes[2];
  for (auto& copy : planes)
    for (const HostPlane<float>& plane : t.planes) {
      copy.emplace_back(area);
      const Rect piece = area.pieces()[0];
      const Plane<float> pixels = copy.back().inside(piece);
      for (int y = 0; y < piece.height; ++y)
        for (int x = 0; x < piece.width; ++x) pixels(x, y) = plane(x % t.e.width, y % t.e.height);
      clear_outside(piece, area.tissue(piece), pixels);
    }
  const std::vector<std::string> names{"DAPI", "a", "b", "giant"};
  const HeldChannels held(area, names, std::move(planes[0]));
  const test::StreamedPlanes streamed(area, names, std::move(planes[1]));
  CpuQueue q;
  std::vector<std::uint32_t> want, want_cells;
  std::vector<double> means;
  double diameter = 0;
  const std::vector<int> all{0, 1, 2, 3};
  for (const ChannelSource* source :
       {static_cast<const ChannelSource*>(&held), static_cast<const ChannelSource*>(&streamed)})
    for (const TileShape tile : {TileShape(), TileShape(64), TileShape(150, 90, 7)}) {
      CellParams params;
      params.nucleus_um = 6;
      params.giants.emplace();
      params.tile_px = tile;
      params.keep_images = source->held();
      NucleiSource nuclei(q, *source, {0, {1, 2}, 3}, tile);
      const double diameter_um = stable_diameter_um(q, nuclei, params);
      SlideLabels labels = segment_cells(q, std::move(nuclei), params);
      const HostPlane<std::uint32_t>&nucleus = labels.nucleus.piece(0), &cell = labels.cell.piece(0);
      const std::vector<std::uint32_t> got(nucleus.data(), nucleus.data() + nucleus.extent().area());
      const std::vector<std::uint32_t> got_cells(cell.data(), cell.data() + cell.extent().area());
      Thumbnails thumbnails(area, 7, 4);
      const CellTable table = measure_cells(q, *source, all, labels, 0.5, 1.3, tile, {}, &thumbnails);
      if (want.empty()) {
        want = got, want_cells = got_cells, diameter = diameter_um;
        const CellColumn& mean = table.values(1, Compartment::cell, Statistic::mean);
        means.assign(mean.begin(), mean.end());
        ASSERT_GT(table.size(), 100u);
      }
      EXPECT_EQ(got, want);
      EXPECT_EQ(got_cells, want_cells);
      EXPECT_EQ(diameter_um, diameter);
      const CellColumn& mean = table.values(1, Compartment::cell, Statistic::mean);
      EXPECT_EQ(std::vector<double>(mean.begin(), mean.end()), means);
      EXPECT_GT(thumbnails.channel(0)(90, 90), 0.0f);
      EXPECT_EQ(thumbnails.channel(0)(160, 20), 0.0f);
    }
}

TEST(PiecewiseSegmentation, OfNoPieceFindsNothing) {
  const TissueArea area(Extent{500, 400}, {});
  const HeldChannels held(area, {"DAPI", "giant"}, [&] {
    std::vector<PiecePlanes<float>> planes;
    for (int c = 0; c < 2; ++c) planes.emplace_back(area);
    return planes;
  }());
  CpuQueue q;
  CellParams params;
  params.giants.emplace();
  NucleiSource source(q, held, {0, {}, 1}, 128);
  EXPECT_EQ(stable_diameter_um(q, source, params), DiameterSearch{}.expected_um);
  const SlideLabels labels = segment_cells(q, std::move(source), params);
  const std::vector<int> all{0, 1};
  EXPECT_EQ(measure_cells(q, held, all, labels, 0.5, 0.75, 128).size(), 0u);
}

}  // namespace
}  // namespace hexaplex
