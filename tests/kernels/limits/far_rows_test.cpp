// Every operator on planes whose rows begin beyond 2^32 elements: the same pixels as on packed planes.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "kernels/filter/gaussian.h"
#include "kernels/filter/laplacian_of_gaussian.h"
#include "kernels/intensity/histogram.h"
#include "kernels/intensity/quantise.h"
#include "kernels/intensity/unmix.h"
#include "kernels/intensity/unmix_residual.h"
#include "kernels/measure/label_runs.h"
#include "kernels/measure/region_stats.h"
#include "kernels/morphology/dilate_square.h"
#include "kernels/morphology/open_mask.h"
#include "kernels/resample/enlarge_labels.h"
#include "kernels/resample/shrink.h"
#include "kernels/segment/climb.h"
#include "kernels/segment/components.h"
#include "kernels/segment/expand.h"
#include "kernels/segment/landscape.h"
#include "kernels/segment/local_threshold.h"
#include "kernels/segment/region_graph.h"
#include "tests/support/far_plane.h"
#include "tests/support/pixels.h"

namespace hexaplex::testing {
namespace {

constexpr Extent kExtent{70, 9};

HostPlane<std::uint8_t> some_mask(unsigned seed) {
  HostPlane<std::uint8_t> mask = random_plane<std::uint8_t>(kExtent, seed);
  for (std::int64_t i = 0; i < kExtent.area(); ++i) mask.data()[i] = mask.data()[i] < 170 ? 1 : 0;
  return mask;
}

// Blocks of labels with gaps, in raster order.
HostPlane<std::uint32_t> some_labels() {
  HostPlane<std::uint32_t> labels(kExtent, 0u);
  for (int y = 0; y < kExtent.height; ++y)
    for (int x = 0; x < kExtent.width; ++x)
      if (x % 7 > 1) labels(x, y) = static_cast<std::uint32_t>(1 + y / 3 * 10 + x / 7);
  return labels;
}

HostPlane<float> some_values(unsigned seed) {
  HostPlane<float> values(kExtent);
  const auto random = random_plane<std::uint16_t>(kExtent, seed);
  for (std::int64_t i = 0; i < kExtent.area(); ++i) values.data()[i] = static_cast<float>(random.data()[i]) / 16;
  return values;
}

class FarRows : public ::testing::Test {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "the thread sanitizer shadows every byte of a mapping";
#endif
    if (!FarPlane<double>(kExtent).ok()) GTEST_SKIP() << "this system maps no 70 GB without memory behind them";
  }

  // f(sources, destination) on packed and on far planes.
  template <class To, class From, class F>
  void expect_same(const HostPlane<From>& source, F f, Extent to = kExtent) {
    HostPlane<To> packed(to);
    FarPlane<To> far(to);
    const FarPlane<From> far_source(source);
    f(Plane<const From>(source.view()), packed.view());
    f(Plane<const From>(far_source.view()), far.view());
    EXPECT_TRUE(same_pixels(packed, far.near()));
  }

  CpuQueue q_;
};

TEST_F(FarRows, Filters) {
  const auto image = random_plane<std::uint16_t>(kExtent, 1);
  expect_same<std::uint16_t>(image, [&](auto src, auto dst) { gaussian_blur(q_, src, dst, {1.5}); });
  expect_same<std::int16_t>(image, [&](auto src, auto dst) { blob_response(q_, src, dst, {1.5}); });
  expect_same<std::uint16_t>(
      image, [&](auto src, auto dst) { shrink(q_, src, dst, 2); }, shrunk_extent(kExtent, 2));
}

TEST_F(FarRows, Intensities) {
  const auto image = random_plane<std::uint16_t>(kExtent, 2);
  const auto values = some_values(3);
  const FarPlane<std::uint16_t> far_image(image);
  const FarPlane<float> far_values(values);
  for (const bool floats : {false, true}) {
    Histogram16 packed = empty_histogram(), far = empty_histogram();
    if (floats) {
      add_to_histogram(q_, values.view(), packed);
      add_to_histogram(q_, Plane<const float>(far_values.view()), far);
    } else {
      add_to_histogram(q_, image.view(), packed);
      add_to_histogram(q_, Plane<const std::uint16_t>(far_image.view()), far);
    }
    EXPECT_EQ(packed, far);
  }
  expect_same<std::uint16_t>(values, [&](auto src, auto dst) { quantise(q_, src, dst, 16); });
  expect_same<std::uint16_t>(values, [&](auto src, auto dst) {
    quantise(q_, src, dst, 3);
    add_quantised(q_, src, dst, 2);
  });
  const Table16 table = log_table(0.5);
  expect_same<std::uint16_t>(image, [&](auto src, auto dst) { apply_table(q_, src, dst, table); });
  EXPECT_EQ(largest_magnitude(q_, values.view()), largest_magnitude(q_, far_values.view()));
}

TEST_F(FarRows, Unmixing) {
  const std::vector<double> library{0.9, 0.2, 0.4, 0.7, 0.1, 0.8};
  const UnmixModel model = make_unmix_model(library, 3, 2, 10);
  std::vector<HostPlane<std::uint16_t>> bands;
  std::vector<std::unique_ptr<FarPlane<std::uint16_t>>> far_bands;
  std::vector<Plane<const std::uint16_t>> views, far_views;
  for (unsigned b = 0; b < 3; ++b) {
    bands.push_back(random_plane<std::uint16_t>(kExtent, 10 + b));
    far_bands.push_back(std::make_unique<FarPlane<std::uint16_t>>(bands.back()));
  }
  for (std::size_t b = 0; b < 3; ++b) views.push_back(bands[b].view()), far_views.push_back(far_bands[b]->view());
  for (const bool non_negative : {false, true}) {
    HostPlane<float> first(kExtent), second(kExtent);
    const FarPlane<float> far_first(kExtent), far_second(kExtent);
    const std::array<Plane<float>, 2> out{first.view(), second.view()};
    const std::array<Plane<float>, 2> far_out{far_first.view(), far_second.view()};
    if (non_negative) {
      (void)unmix_non_negative(q_, model, views, out);
      (void)unmix_non_negative(q_, model, far_views, far_out);
    } else {
      unmix_least_squares(q_, model, views, out);
      unmix_least_squares(q_, model, far_views, far_out);
    }
    EXPECT_TRUE(same_pixels(first, far_first.near()));
    EXPECT_TRUE(same_pixels(second, far_second.near()));
    ResidualSums sums(3, kCountQuantum), far_sums(3, kCountQuantum);
    HostPlane<float> relative(kExtent);
    const FarPlane<float> far_relative(kExtent);
    const std::array<Plane<const float>, 2> in{out[0], out[1]}, far_in{far_out[0], far_out[1]};
    unmix_residual(q_, model, views, in, relative.view(), sums);
    unmix_residual(q_, model, far_views, far_in, far_relative.view(), far_sums);
    EXPECT_TRUE(same_pixels(relative, far_relative.near()));
    EXPECT_EQ(sums.relative_residual(), far_sums.relative_residual());
  }
  std::vector<std::int64_t> counts(3), far_counts(3);
  HostPlane<std::uint8_t> saturated(kExtent);
  const FarPlane<std::uint8_t> far_saturated(kExtent);
  mark_saturated(q_, views, 60000, saturated.view(), counts);
  mark_saturated(q_, far_views, 60000, far_saturated.view(), far_counts);
  EXPECT_TRUE(same_pixels(saturated, far_saturated.near()));
  EXPECT_EQ(counts, far_counts);
}

TEST_F(FarRows, Masks) {
  const auto mask = some_mask(4);
  expect_same<std::uint8_t>(mask, [&](auto src, auto dst) { dilate_square(q_, src, dst, 1); });
  HostPlane<std::uint8_t> opened = mask.copy();
  const FarPlane<std::uint8_t> far(mask), far_opened(mask);
  open_mask(q_, opened.view(), 1);
  open_mask(q_, far_opened.view(), 1);
  EXPECT_TRUE(same_pixels(opened, far_opened.near()));
  HostPlane<std::uint8_t> kept = mask.copy();
  restrict_mask(q_, kept.view(), opened.view());
  restrict_mask(q_, far.view(), far_opened.view());
  EXPECT_TRUE(same_pixels(kept, far.near()));
  const auto image = random_plane<std::uint16_t>(kExtent, 5);
  const FarPlane<std::uint16_t> far_image(image);
  const LocalLevelParams p{9, 0.4};
  const LevelGrid level = local_level(q_, image.view(), p), far_level = local_level(q_, far_image.view(), p);
  EXPECT_TRUE(same_pixels(level.level, far_level.level));
  above_level(q_, image.view(), level, 100, kept.view());
  above_level(q_, far_image.view(), far_level, 100, far.view());
  EXPECT_TRUE(same_pixels(kept, far.near()));
  HostPlane<std::uint16_t> capped = image.copy();
  cap(q_, capped.view(), 1000);
  cap(q_, far_image.view(), 1000);
  EXPECT_TRUE(same_pixels(capped, far_image.near()));
}

TEST_F(FarRows, Components) {
  const auto mask = some_mask(6);
  const auto labels = some_labels();
  const FarPlane<std::uint8_t> far_mask(mask);
  const FarPlane<std::uint32_t> far_labels(labels);
  const auto expect_equal = [](const Components& a, const Components& b) {
    EXPECT_EQ(a.component, b.component);
    EXPECT_EQ(a.area_px, b.area_px);
    EXPECT_EQ(a.first_run, b.first_run);
    ASSERT_EQ(a.runs.size(), b.runs.size());
    for (std::size_t i = 0; i < a.runs.size(); ++i)
      EXPECT_TRUE(a.runs[i].y == b.runs[i].y && a.runs[i].x0 == b.runs[i].x0 && a.runs[i].x1 == b.runs[i].x1);
  };
  for (const std::uint8_t value : {0, 1})
    expect_equal(mask_components(q_, mask.view(), value), mask_components(q_, far_mask.view(), value));
  expect_equal(label_components(q_, labels.view()), label_components(q_, far_labels.view()));
}

TEST_F(FarRows, ClimbingAndLandscapes) {
  const auto image = random_plane<std::uint16_t>(kExtent, 7);
  const auto mask = some_mask(8);
  const FarPlane<std::uint16_t> far_image(image);
  const FarPlane<std::uint8_t> far_mask(mask), far_pointers(kExtent);
  HostPlane<std::uint8_t> pointers(kExtent);
  climb_pointers(q_, image.view(), mask.view(), pointers.view());
  climb_pointers(q_, far_image.view(), far_mask.view(), far_pointers.view());
  EXPECT_TRUE(same_pixels(pointers, far_pointers.near()));
  for (const int block : {4, 256}) {
    HostPlane<std::uint32_t> labels(kExtent);
    const FarPlane<std::uint32_t> far_labels(kExtent);
    EXPECT_EQ(label_basins(q_, pointers.view(), labels.view(), block),
              label_basins(q_, far_pointers.view(), far_labels.view(), block));
    EXPECT_TRUE(same_pixels(labels, far_labels.near()));
  }
  const auto fine = random_plane<std::int16_t>(kExtent, 9), coarse = random_plane<std::int16_t>(kExtent, 10);
  const FarPlane<std::int16_t> far_fine(fine), far_coarse(coarse);
  HostPlane<std::uint16_t> landscape(kExtent);
  const FarPlane<std::uint16_t> far_landscape(kExtent);
  blob_landscape(q_, fine.view(), coarse.view(), image.view(), 0.5, landscape.view());
  blob_landscape(q_, far_fine.view(), far_coarse.view(), far_image.view(), 0.5, far_landscape.view());
  EXPECT_TRUE(same_pixels(landscape, far_landscape.near()));
}

TEST_F(FarRows, LabelsAndRegions) {
  const auto labels = some_labels();
  const FarPlane<std::uint32_t> far_labels(labels);
  expect_same<std::uint32_t>(labels, [&](auto src, auto dst) { expand_labels(q_, src, dst, {3}); });
  expect_same<std::uint32_t>(labels, [&](auto src, auto dst) { enlarge_labels(q_, src, dst, 2); },
                             {2 * kExtent.width, 2 * kExtent.height});
  const RegionRuns runs = label_runs(q_, labels.view(), {}), far_runs = label_runs(q_, far_labels.view(), {});
  EXPECT_EQ(runs.labels, far_runs.labels);
  EXPECT_EQ(runs.runs, far_runs.runs);
  const auto values = some_values(11);
  const FarPlane<float> far_values(values);
  const std::array<Plane<const float>, 1> planes{values.view()}, far_planes{far_values.view()};
  const std::array<FixedPoint, 1> fixed{fixed_point_for(4096)};
  const RegionTable table = region_sums(q_, runs, {planes, fixed}), far = region_sums(q_, runs, {far_planes, fixed});
  ASSERT_EQ(table.sums.size(), far.sums.size());
  for (std::size_t i = 0; i < table.sums.size(); ++i) {
    EXPECT_TRUE(table.sums[i].sum == far.sums[i].sum && table.sums[i].sum_squares == far.sums[i].sum_squares);
    EXPECT_TRUE(table.sums[i].min == far.sums[i].min && table.sums[i].max == far.sums[i].max);
  }
  const auto level = random_plane<std::uint16_t>(kExtent, 12);
  const FarPlane<std::uint16_t> far_level(level);
  RegionGraphBuilder builder(100), far_builder(100);
  const Rect whole{0, 0, kExtent.width, kExtent.height};
  builder.add(q_, whole, labels.view(), {level.view(), level.view(), level.view()}, 0, 0);
  far_builder.add(q_, whole, far_labels.view(), {far_level.view(), far_level.view(), far_level.view()}, 0, 0);
  const RegionGraph graph = builder.finish(), far_graph = far_builder.finish();
  ASSERT_EQ(graph.contacts.size(), far_graph.contacts.size());
  for (std::size_t i = 0; i < graph.contacts.size(); ++i)
    EXPECT_TRUE(graph.contacts[i].level == far_graph.contacts[i].level &&
                graph.contacts[i].length == far_graph.contacts[i].length);
  for (std::size_t i = 0; i < graph.regions.size(); ++i)
    EXPECT_TRUE(graph.regions[i].xx == far_graph.regions[i].xx && graph.regions[i].level == far_graph.regions[i].level);
}

// A whole slide of 2^32 pixels and more, read only: what is never written takes no memory.
TEST_F(FarRows, RunsOfAMaskWithMoreThan2To32Pixels) {
  constexpr Extent kSlide{70000, 61600};
  const std::size_t bytes = static_cast<std::size_t>(kSlide.area());
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  ::madvise(memory, bytes, MADV_HUGEPAGE);  // reading nothing is then quick
  auto* pixels = static_cast<std::uint8_t*>(memory);
  const std::vector<std::int64_t> places{0,
                                         (std::int64_t{1} << 31) - 1,
                                         std::int64_t{1} << 31,
                                         (std::int64_t{1} << 32) - 1,
                                         std::int64_t{1} << 32,
                                         kSlide.area() - 1};
  for (const std::int64_t i : places) pixels[i] = 1;
  const Components c = mask_components(q_, Plane<const std::uint8_t>{pixels, kSlide, kSlide.width}, 1);
  ::munmap(memory, bytes);
  ASSERT_EQ(c.runs.size(), 4u);
  EXPECT_EQ(c.count(), 4u);
  const std::vector<std::int64_t> first{places[0], places[1], places[3], places[5]}, area{1, 2, 2, 1};
  for (std::size_t i = 0; i < c.runs.size(); ++i) {
    EXPECT_EQ(static_cast<std::int64_t>(c.runs[i].y) * kSlide.width + c.runs[i].x0, first[i]);
    EXPECT_EQ(c.area_px[i], area[i]);
  }
}

}  // namespace
}  // namespace hexaplex::testing
