#include "core/cells/measure.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "kernels/runtime/error.h"

namespace hexaplex {
namespace {

LabelPair random_cells(Extent e, unsigned seed, int count) {
  std::mt19937 random(seed);
  LabelPair labels{HostPlane<std::uint32_t>(e, 0u), HostPlane<std::uint32_t>(e, 0u)};
  for (int i = 1; i <= count; ++i) {
    const int cx = static_cast<int>(random() % static_cast<unsigned>(e.width)),
              cy = static_cast<int>(random() % static_cast<unsigned>(e.height)), r = static_cast<int>(random() % 9);
    for (int y = std::max(0, cy - r); y <= std::min(e.height - 1, cy + r); ++y)
      for (int x = std::max(0, cx - r); x <= std::min(e.width - 1, cx + r); ++x) {
        const int d2 = (x - cx) * (x - cx) + (y - cy) * (y - cy);
        if (d2 > r * r) continue;
        labels.cell(x, y) = static_cast<std::uint32_t>(3 * i);
        labels.nucleus(x, y) = d2 <= (r - 2) * (r - 2) && i % 5 != 0 ? static_cast<std::uint32_t>(3 * i) : 0u;
      }
  }
  return labels;
}

struct Picture {
  Extent e{173, 141};
  LabelPair labels = random_cells(e, 1, 160);
  std::vector<HostPlane<float>> planes;
  std::vector<MeasuredChannel> channels;
  explicit Picture(int count = 3) {
    std::mt19937 random(9);
    std::uniform_real_distribution<float> value(-3.0f, 47.0f);
    for (int c = 0; c < count; ++c) {
      planes.emplace_back(e);
      for (std::int64_t i = 0; i < e.area(); ++i) planes.back().data()[i] = value(random);
    }
    for (int c = 0; c < count; ++c)
      channels.push_back({"M" + std::to_string(c), planes[static_cast<std::size_t>(c)].view()});
  }
};

bool same_bits(double a, double b) {
  return std::memcmp(&a, &b, sizeof a) == 0 || (std::isnan(a) && std::isnan(b));
}

void expect_same(const Shape& a, const Shape& b) {
  EXPECT_TRUE(same_bits(a.area_px, b.area_px) && same_bits(a.centroid_x_px, b.centroid_x_px) &&
              same_bits(a.centroid_y_px, b.centroid_y_px) && same_bits(a.perimeter_px, b.perimeter_px) &&
              same_bits(a.major_axis_px, b.major_axis_px) && same_bits(a.minor_axis_px, b.minor_axis_px) &&
              same_bits(a.eccentricity, b.eccentricity) && same_bits(a.orientation_rad, b.orientation_rad) &&
              same_bits(a.circularity, b.circularity) && same_bits(a.solidity, b.solidity) &&
              same_bits(a.extent, b.extent) && same_bits(a.max_caliper_px, b.max_caliper_px) &&
              same_bits(a.min_caliper_px, b.min_caliper_px));
  EXPECT_TRUE(a.box_x == b.box_x && a.box_y == b.box_y && a.box_width == b.box_width && a.box_height == b.box_height);
}

void expect_same(const CellTable& a, const CellTable& b) {
  ASSERT_EQ(a.cell_id, b.cell_id);
  ASSERT_EQ(a.markers, b.markers);
  EXPECT_EQ(a.cytoplasm_area_px, b.cytoplasm_area_px);
  EXPECT_EQ(a.membrane_area_px, b.membrane_area_px);
  for (std::size_t i = 0; i < a.size(); ++i) {
    expect_same(a.cell[i], b.cell[i]);
    expect_same(a.nucleus[i], b.nucleus[i]);
    for (std::size_t m = 0; m < a.markers.size(); ++m)
      for (const Compartment c : kCompartments)
        for (const Statistic s : kStatistics)
          EXPECT_TRUE(same_bits(a.values(m, c, s)[i], b.values(m, c, s)[i]))
              << a.cell_id[i] << " " << name_of(c) << " " << name_of(s);
  }
}

TEST(MeasureCells, ByHand) {
  // One cell of 3 x 3 pixels with a nucleus of 2 x 1 inside 5 x 4; every cell pixel but the middle one is membrane.
  const Extent e{5, 4};
  LabelPair labels{HostPlane<std::uint32_t>(e, 0u), HostPlane<std::uint32_t>(e, 0u)};
  HostPlane<float> plane(e, 1000.0f);
  for (int y = 0; y < 3; ++y)
    for (int x = 0; x < 3; ++x) labels.cell(x + 1, y + 1) = 6, plane(x + 1, y + 1) = static_cast<float>(3 * y + x);
  labels.nucleus(2, 2) = labels.nucleus(3, 2) = 6;  // values 4 and 5
  const MeasuredChannel channel{"M", plane.view()};
  const CellTable t = measure_cells(CpuQueue{}, {&channel, 1}, labels, 0.5, 0.5);
  ASSERT_EQ(t.cell_id, HostVector<std::uint32_t>{6});
  EXPECT_EQ(t.nucleus[0].area_px, 2);
  EXPECT_EQ(t.cell[0].area_px, 9);
  EXPECT_EQ(t.cytoplasm_area_px[0], 7);
  // The bottom row touches the edge of the image, which is no border: the pixel below the middle has none but inside.
  EXPECT_EQ(t.membrane_area_px[0], 7);
  const auto value = [&](Compartment c, Statistic s) { return t.values(0, c, s)[0]; };
  EXPECT_EQ(value(Compartment::nucleus, Statistic::mean), 4.5);
  EXPECT_EQ(value(Compartment::nucleus, Statistic::median), 4.5);
  EXPECT_EQ(value(Compartment::nucleus, Statistic::std), 0.5);
  EXPECT_EQ(value(Compartment::cytoplasm, Statistic::sum), 27);
  EXPECT_EQ(value(Compartment::cytoplasm, Statistic::median), 3);
  EXPECT_EQ(value(Compartment::membrane, Statistic::sum), 36 - 4 - 7);
  EXPECT_EQ(value(Compartment::membrane, Statistic::min), 0);
  EXPECT_EQ(value(Compartment::membrane, Statistic::max), 8);
  EXPECT_EQ(value(Compartment::cell, Statistic::mean), 4);
  EXPECT_DOUBLE_EQ(value(Compartment::cell, Statistic::std), std::sqrt(60.0 / 9));
}

TEST(MeasureCells, AgreesWithBruteForce) {
  const Picture p;
  const double um = 0.5, membrane_um = 1.1;  // 2.2 pixels
  const CellTable t = measure_cells(CpuQueue{}, p.channels, p.labels, um, membrane_um);
  ASSERT_GT(t.size(), 50u);
  for (std::size_t i = 0; i < t.size(); ++i)
    for (std::size_t m = 0; m < p.planes.size(); ++m)
      for (const Compartment c : kCompartments) {
        std::vector<double> v;
        for (int y = 0; y < p.e.height; ++y)
          for (int x = 0; x < p.e.width; ++x) {
            if (p.labels.cell(x, y) != t.cell_id[i]) continue;
            bool near = false;
            for (int dy = -2; dy <= 2; ++dy)
              for (int dx = -2; dx <= 2; ++dx) {
                if (dx * dx + dy * dy > 4 || x + dx < 0 || y + dy < 0 || x + dx >= p.e.width || y + dy >= p.e.height)
                  continue;
                near = near || p.labels.cell(x + dx, y + dy) != t.cell_id[i];
              }
            const bool inside = p.labels.nucleus(x, y) != 0;
            if (c == Compartment::cell || (c == Compartment::nucleus && inside) ||
                (c == Compartment::cytoplasm && !inside) || (c == Compartment::membrane && near))
              v.push_back(p.planes[m](x, y));
          }
        const auto got = [&](Statistic s) { return t.values(m, c, s)[i]; };
        if (v.empty()) {
          for (const Statistic s : kStatistics) EXPECT_TRUE(std::isnan(got(s)));
          continue;
        }
        std::sort(v.begin(), v.end());
        double sum = 0, squares = 0;
        for (double x : v) sum += x;
        const auto n = static_cast<double>(v.size());
        for (double x : v) squares += (x - sum / n) * (x - sum / n);
        EXPECT_NEAR(got(Statistic::sum), sum, 1e-9 * n);
        EXPECT_NEAR(got(Statistic::mean), sum / n, 1e-9);
        EXPECT_NEAR(got(Statistic::std), std::sqrt(squares / n), 1e-8);
        EXPECT_EQ(got(Statistic::min), v.front());
        EXPECT_EQ(got(Statistic::max), v.back());
        EXPECT_EQ(got(Statistic::median), (v[(v.size() - 1) / 2] + v[v.size() / 2]) / 2);
      }
}

TEST(MeasureCells, ThreadsAndTilesChangeNoBit) {
  const Picture p(9);
  const CellTable one = measure_cells(CpuQueue{1}, p.channels, p.labels, 0.5, 1.3);
  expect_same(one, measure_cells(CpuQueue{}, p.channels, p.labels, 0.5, 1.3));
  std::vector<std::string> markers;
  std::vector<float> magnitudes;
  for (const auto& c : p.channels) {
    markers.push_back(c.marker);
    float largest = 0;
    for (std::int64_t i = 0; i < p.e.area(); ++i) largest = std::max(largest, std::abs(c.pixels.data[i]));
    magnitudes.push_back(largest);
  }
  for (const int tile : {23, 64, 200}) {
    CellMeasurer measurer(p.e, markers, magnitudes, 0.5, 1.3);
    const int halo = measurer.halo_px();
    std::vector<Rect> cores;
    for (int y = 0; y < p.e.height; y += tile)
      for (int x = 0; x < p.e.width; x += tile)
        cores.push_back({x, y, std::min(tile, p.e.width - x), std::min(tile, p.e.height - y)});
    std::shuffle(cores.begin(), cores.end(), std::mt19937(3));
    for (const Rect& core : cores) {
      const int x = std::max(0, core.x - halo), y = std::max(0, core.y - halo);
      const Rect window{x, y, std::min(p.e.width, core.right() + halo) - x,
                        std::min(p.e.height, core.bottom() + halo) - y};
      std::vector<Plane<const float>> planes;
      for (const auto& c : p.channels) planes.push_back(c.pixels.window(window));
      measurer.accumulate(CpuQueue{}, window, core, planes, p.labels.nucleus.view().window(window),
                          p.labels.cell.view().window(window));
    }
    expect_same(one, measurer.finish(CpuQueue{}));
  }
}

TEST(MeasureCells, OptionsLeaveOutAndChangeNothingElse) {
  const Picture p;
  const CellTable all = measure_cells(CpuQueue{}, p.channels, p.labels, 0.5, 0.75);
  const CellTable few =
      measure_cells(CpuQueue{}, p.channels, p.labels, 0.5, 0.75, {.shapes = false, .means_only = true});
  EXPECT_TRUE(few.has(Statistic::mean) && few.has(Statistic::sum));
  EXPECT_FALSE(few.has(Statistic::median) || few.has(Statistic::std) || few.shapes);
  EXPECT_TRUE(std::isnan(few.cell[0].perimeter_px));
  EXPECT_EQ(few.cell[0].centroid_x_px, all.cell[0].centroid_x_px);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(few.values(1, Compartment::cell, Statistic::mean)[i],
              all.values(1, Compartment::cell, Statistic::mean)[i]);
    EXPECT_TRUE(std::isnan(few.values(1, Compartment::cell, Statistic::median)[i]));
  }
}

TEST(MeasureCells, NoCellsNoNucleiNoChannels) {
  const Extent e{31, 7};
  LabelPair none{{}, HostPlane<std::uint32_t>(e, 0u)};
  EXPECT_EQ(measure_cells(CpuQueue{}, std::span<const MeasuredChannel>{}, none, 0.5, 0.75).size(), 0u);
  LabelPair one{{}, HostPlane<std::uint32_t>(e, 4294967295u)};
  const CellTable t = measure_cells(CpuQueue{}, std::span<const MeasuredChannel>{}, one, 0.5, 0.75);
  ASSERT_EQ(t.size(), 1u);
  EXPECT_EQ(t.nucleus[0].area_px, 0);
  EXPECT_EQ(t.cell[0].area_px, 217);
  EXPECT_EQ(t.membrane_area_px[0], 0);  // it fills the image: no border
  EXPECT_EQ(t.cytoplasm_area_px[0], 217);
}

TEST(MeasureCells, Refuses) {
  Picture p(1);
  const auto measure = [&](double um, double membrane) {
    measure_cells(CpuQueue{}, p.channels, p.labels, um, membrane);
  };
  EXPECT_THROW(measure(0, 0.75), InvalidArgument);
  EXPECT_THROW(measure(std::nan(""), 0.75), InvalidArgument);
  EXPECT_THROW(measure(0.5, -1), InvalidArgument);
  EXPECT_THROW(measure(0.5, 33), InvalidArgument);
  EXPECT_NO_THROW(measure(0.5, 0));
  p.planes[0](5, 6) = std::nanf("");
  try {
    measure(0.5, 0.75);
    FAIL();
  } catch (const InvalidArgument& e) {
    EXPECT_STREQ(e.what(), "channel M0: the value at pixel (5, 6) is not finite");
  }
  const HostPlane<float> small({3, 3}, 0.0f);
  const MeasuredChannel other{"M", small.view()};
  EXPECT_THROW(measure_cells(CpuQueue{}, {&other, 1}, p.labels, 0.5, 0.75), InvalidArgument);
}

}  // namespace
}  // namespace hexaplex
