#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "kernels/runtime/error.h"
#include "kernels/segment/landscape.h"
#include "kernels/segment/landscape_chain.h"
#include "tests/support/failing_calls.h"
#include "tests/support/framed_on_queue.h"
#include "tests/support/labels.h"
#include "tests/support/landscapes.h"

// The CPU's operators are held against what they say in landscape_test.cpp; here the others are held against the CPU's.

namespace hexaplex {
namespace {

using testing::FramedOnQueue;
using testing::Labels;
using testing::Mask;
using testing::random_plane;
using testing::same_pixels;
using Pixels = HostPlane<std::uint16_t>;
using Response = HostPlane<std::int16_t>;

// Over the whole range, with both ends.
Response responses(Extent e, unsigned seed) {
  Response out = random_plane<std::int16_t>(e, seed);
  out(0, 0) = -32768, out(e.width - 1, e.height - 1) = 32767;
  return out;
}

struct Blobs {
  Response fine, coarse;
  Pixels wall;
  explicit Blobs(Extent e) : fine(responses(e, 1)), coarse(responses(e, 2)), wall(random_plane<std::uint16_t>(e, 3)) {
    wall(0, 0) = 65535;
  }
};

struct Trim {
  Pixels image;
  LevelGrid trough;
  HostVector<std::uint16_t> own;
  HostVector<std::uint32_t> into;
  Rect core;
  Labels labels;

  // Few levels, so that many pixels lie on their fraction exactly.
  Trim(Extent e, int window_px, Rect core_rect)
      : image(testing::levels(e, 9, 4)),
        trough(local_level(CpuQueue{}, image.view(), {window_px, 0})),
        core(core_rect),
        labels(testing::random_labels(core_rect.extent(), 40, 3, 5)) {
    fill_tables();
  }
  // A trough of any stride, from one end of the range to the other.
  Trim(Extent e, LevelGrid grid, Rect core_rect)
      : image(testing::levels(e, 65536, 4)),
        trough(std::move(grid)),
        core(core_rect),
        labels(testing::random_labels(core_rect.extent(), 40, 3, 5)) {
    fill_tables();
    for (std::uint16_t& level : own) level = static_cast<std::uint16_t>(level * 7281);
  }
  void fill_tables() {
    const Pixels levels = testing::levels({41, 1}, 9, 6);
    own.assign(levels.data(), levels.data() + 41);
    for (std::uint32_t i = 0; i < 41; ++i) into.push_back(i % 5 == 0 ? 0 : 4000000000u + i);
  }
  Labels by_cpu(double fraction) const {
    Labels out = labels.copy();
    keep_above_fraction(CpuQueue{}, image.view(), trough, own, into, fraction, core, out.view());
    return out;
  }
};

std::vector<Trim> trims() {
  std::vector<Trim> out;
  for (const int window_px : {3, 29, 120}) {
    out.emplace_back(Extent{83, 61}, window_px, Rect{16, 8, 50, 40});
    out.emplace_back(Extent{64, 64}, window_px, Rect{0, 0, 64, 64});
    out.emplace_back(Extent{1, 1}, window_px, Rect{0, 0, 1, 1});
    out.emplace_back(Extent{1, 70}, window_px, Rect{0, 3, 1, 60});
  }
  for (const int stride : {1, 3, 4, 16, 64}) {
    LevelGrid grid{stride, random_plane<std::uint16_t>({83 / stride + 1, 61 / stride + 1}, 8)};
    grid.level(0, 0) = 65535, grid.level(1, 0) = 0;
    out.emplace_back(Extent{83, 61}, std::move(grid), Rect{7, 5, 70, 51});
  }
  return out;
}

constexpr double kFractions[] = {0, 0.5, 0.73, 1};

TEST(LandscapePixels, EqualTheCpuOnAnyNumberOfThreads) {
  for (const Extent e : testing::kEdgeShapes) {
    const Blobs b(e);
    for (const double weight : {0.0, 0.3, 1.0, 2.0})
      for (const bool walls : {true, false}) {
        const Plane<const std::uint16_t> wall = walls ? b.wall.view() : Plane<const std::uint16_t>{};
        Pixels want(e, 1);
        blob_landscape(CpuQueue{}, b.fine.view(), b.coarse.view(), wall, weight, want.view());
        const auto fixed = static_cast<std::int32_t>(weight * (1 << 14) + 0.5);
        testing::for_thread_counts([&] {
          Pixels got(e, 1);
          detail::blob_landscape_chain(CpuQueue{}, b.fine.view(), b.coarse.view(), wall, fixed, got.view());
          EXPECT_TRUE(same_pixels(want, got)) << e.width << " x " << e.height << ", weight " << weight;
        });
      }
  }
  for (const Trim& t : trims())
    for (const double fraction : kFractions) {
      const Labels want = t.by_cpu(fraction);
      testing::for_thread_counts([&] {
        Labels got = t.labels.copy();
        detail::keep_above_fraction_chain(CpuQueue{}, t.image.view(), t.trough, t.own, t.into,
                                          static_cast<std::int64_t>(fraction * 65536 + 0.5), t.core, got.view());
        EXPECT_TRUE(same_pixels(want, got)) << fraction;
      });
    }
}

// An image, a wall, and a pair of scales.
struct Scales {
  std::string name;
  Pixels src, wall;
  double fine_px, coarse_px;
  double weight;

  Pixels by_cpu(bool walled) const {
    Pixels out(src.extent(), 0x7bad);
    landscape_of_blobs(CpuQueue{}, src.view(), {fine_px}, {coarse_px},
                       walled ? wall.view() : Plane<const std::uint16_t>{}, weight, out.view());
    return out;
  }
};

// Pairs for each form, with the finer scale first or last; images about the sides of tiles, which are 224 or 208 by 16.
std::vector<Scales> scales() {
  std::vector<Scales> out;
  const auto add = [&](const std::string& name, const Pixels& src, double fine_px, double coarse_px) {
    const double weight = out.size() % 4 == 0 ? 2.0 : out.size() % 4 == 1 ? 0.0 : 0.4;
    out.push_back({name, src.copy(), random_plane<std::uint16_t>(src.extent(), 6), fine_px, coarse_px, weight});
  };
  const auto size_of = [](Extent e) { return std::to_string(e.width) + " x " + std::to_string(e.height); };
  for (auto& [name, image] : testing::hard_landscapes()) add(name, image, 2.0, 3.0);
  for (const auto& [fine_px, coarse_px] : {std::pair{0.55, 0.55},
                                           {1.5, 2.2},
                                           {1.6, 2.2},
                                           {2.0, 3.0},
                                           {2.1, 3.0},
                                           {2.5, 3.5},
                                           {2.6, 3.5},
                                           {3.0, 4.0},
                                           {3.1, 4.0},
                                           {4.0, 6.0},
                                           {4.1, 6.0},
                                           {2.0, 6.1},
                                           {3.0, 2.0},
                                           {9.0, 0.6}}) {
    add("83 x 41", random_plane<std::uint16_t>({83, 41}, 4), fine_px, coarse_px);
    if (fine_px == 2.0 || fine_px == 9.0)
      for (const Extent e : testing::kEdgeShapes)
        add(size_of(e), random_plane<std::uint16_t>(e, 4), fine_px, coarse_px);
  }
  for (const int width : {207, 208, 209, 223, 224, 225, 449})
    for (const auto& [fine_px, coarse_px] : {std::pair{1.2, 2.0}, {2.0, 3.0}, {3.0, 5.0}})
      add(size_of({width, 17}), random_plane<std::uint16_t>({width, 17}, 5), fine_px, coarse_px);
  return out;
}

std::string named(const Scales& s) {
  return s.name + ", " + std::to_string(s.fine_px) + " and " + std::to_string(s.coarse_px);
}

TEST(LandscapeOfBlobs, IsTheLandscapeOfTwoResponses) {
  for (const Scales& s : scales()) {
    const Extent e = s.src.extent();
    Response fine(e), coarse(e);
    Pixels want(e);
    blob_response(CpuQueue{}, s.src.view(), fine.view(), {s.fine_px});
    blob_response(CpuQueue{}, s.src.view(), coarse.view(), {s.coarse_px});
    blob_landscape(CpuQueue{}, fine.view(), coarse.view(), s.wall.view(), s.weight, want.view());
    EXPECT_TRUE(same_pixels(want, s.by_cpu(true))) << named(s);
  }
}

TEST(LandscapeOfBlobsChain, EqualsTheCpuOnAnyNumberOfThreads) {
  for (const Scales& s : scales())
    for (const bool walled : {true, false}) {
      const Pixels want = s.by_cpu(walled);
      testing::for_thread_counts([&] {
        Pixels got(s.src.extent(), 0x7bad);
        detail::landscape_of_blobs_chain(CpuQueue{}, s.src.view(), {s.fine_px}, {s.coarse_px},
                                         walled ? s.wall.view() : Plane<const std::uint16_t>{},
                                         static_cast<std::int32_t>(s.weight * (1 << 14) + 0.5), got.view());
        EXPECT_TRUE(same_pixels(want, got)) << named(s);
      });
    }
}

class LandscapeTwins : public testing::QueueTest {};

TEST_P(LandscapeTwins, OfBlobsEqualTheCpuAndKeepToTheirWindows) {
  for (const Extent e : testing::kEdgeShapes) {
    const Blobs b(e);
    FramedOnQueue<std::int16_t> fine(queue(), b.fine), coarse(queue(), b.coarse);
    FramedOnQueue<std::uint16_t> wall(queue(), b.wall);
    for (const double weight : {0.0, 0.3, 2.0})
      for (const bool walls : {true, false}) {
        Pixels want(e, 1);
        blob_landscape(CpuQueue{}, b.fine.view(), b.coarse.view(), walls ? b.wall.view() : Plane<const std::uint16_t>{},
                       weight, want.view());
        FramedOnQueue<std::uint16_t> got(queue(), Pixels(e, 1));
        blob_landscape(queue(), fine.view(), coarse.view(), walls ? wall.view() : Plane<std::uint16_t>{}, weight,
                       got.view());
        EXPECT_TRUE(same_pixels(want, got.pixels())) << e.width << " x " << e.height << ", weight " << weight;
        EXPECT_TRUE(got.surroundings_untouched());
      }
  }
}

TEST_P(LandscapeTwins, OfTwoScalesEqualTheCpuAndKeepToTheirWindows) {
  for (const Scales& s : scales()) {
    FramedOnQueue<std::uint16_t> src(queue(), s.src), wall(queue(), s.wall);
    auto aligned = on_queue(s.src);
    for (const bool walled : {true, false}) {
      const Plane<const std::uint16_t> by = walled ? wall.view() : Plane<std::uint16_t>{};
      const Pixels want = s.by_cpu(walled);
      FramedOnQueue<std::uint16_t> framed(queue(), Pixels(s.src.extent(), 0x7bad));
      landscape_of_blobs(queue(), src.view(), {s.fine_px}, {s.coarse_px}, by, s.weight, framed.view());
      EXPECT_TRUE(same_pixels(want, framed.pixels())) << named(s);
      EXPECT_TRUE(framed.surroundings_untouched()) << named(s);
      auto own = on_queue(Pixels(s.src.extent(), 0x7bad));
      landscape_of_blobs(queue(), aligned.view(), {s.fine_px}, {s.coarse_px}, by, s.weight, own.view());
      EXPECT_TRUE(same_pixels(want, own.pixels())) << named(s);
    }
  }
}

TEST_P(LandscapeTwins, OfTwoScalesRejectWhatTheirContractExcludes) {
  auto a = on_queue(Pixels({8, 6}, 1)), b = on_queue(Pixels({8, 6}, 1)), other = on_queue(Pixels({7, 6}, 1));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double bad : {0.5, 96.1, nan}) {
    EXPECT_THROW(landscape_of_blobs(queue(), a.view(), {bad}, {2}, {}, 1, b.view()), InvalidArgument);
    EXPECT_THROW(landscape_of_blobs(queue(), a.view(), {2}, {bad}, {}, 1, b.view()), InvalidArgument);
  }
  for (const double bad : {-0.1, 2.1, nan})
    EXPECT_THROW(landscape_of_blobs(queue(), a.view(), {2}, {3}, {}, bad, b.view()), InvalidArgument);
  EXPECT_THROW(landscape_of_blobs(queue(), other.view(), {2}, {3}, {}, 1, b.view()), InvalidArgument);
  EXPECT_THROW(landscape_of_blobs(queue(), a.view(), {2}, {3}, other.view(), 1, b.view()), InvalidArgument);
  EXPECT_THROW(landscape_of_blobs(queue(), a.view(), {2}, {3}, {}, 1, a.view()), InvalidArgument) << "in place";
  for (const Extent e : testing::kEmptyShapes)
    EXPECT_NO_THROW(landscape_of_blobs(queue(), {nullptr, e, e.width}, {2}, {3}, {}, 1, {nullptr, e, e.width}));
}

TEST_P(LandscapeTwins, OfCapsAndMasksEqualTheCpuAndKeepToTheirWindows) {
  for (const Extent e : testing::kEdgeShapes) {
    const Pixels image = random_plane<std::uint16_t>(e, 1);
    for (const std::uint16_t most : {0, 30000, 65535}) {
      Pixels want = image.copy();
      cap(CpuQueue{}, want.view(), most);
      FramedOnQueue<std::uint16_t> got(queue(), image, std::uint16_t{65535});
      cap(queue(), got.view(), most);
      EXPECT_TRUE(same_pixels(want, got.pixels())) << most;
      EXPECT_TRUE(got.surroundings_untouched());
    }
    const Mask mask = random_plane<std::uint8_t>(e, 2), keep = random_plane<std::uint8_t>(e, 3);
    Mask want = mask.copy();
    restrict_mask(CpuQueue{}, want.view(), keep.view());
    FramedOnQueue<std::uint8_t> got(queue(), mask), kept(queue(), keep);
    restrict_mask(queue(), got.view(), kept.view());
    EXPECT_TRUE(same_pixels(want, got.pixels()));
    EXPECT_TRUE(got.surroundings_untouched());
  }
}

// A table where a queue's operators can reach it.
template <class T>
testing::PlaneOnQueue<T> table_on(const Queue& q, const HostVector<T>& values) {
  HostPlane<T> row({static_cast<int>(values.size()), 1});
  std::copy(values.begin(), values.end(), row.data());
  return {q, row};
}

TEST_P(LandscapeTwins, OfTrimmingEqualTheCpuAndKeepToTheirWindows) {
  for (const Trim& t : trims()) {
    FramedOnQueue<std::uint16_t> image(queue(), t.image), trough(queue(), t.trough.level);
    auto own = table_on(queue(), t.own);
    auto into = table_on(queue(), t.into);
    for (const double fraction : kFractions) {
      FramedOnQueue<std::uint32_t> labels(queue(), t.labels, 7u);
      keep_above_fraction(queue(), image.view(), {t.trough.stride, trough.view()}, {own.view().data, t.own.size()},
                          {into.view().data, t.into.size()}, fraction, t.core, labels.view());
      EXPECT_TRUE(same_pixels(t.by_cpu(fraction), labels.pixels())) << fraction;
      EXPECT_TRUE(labels.surroundings_untouched());
    }
  }
}

TEST_P(LandscapeTwins, TakeEmptyPlanesAndRejectWhatTheirContractExcludes) {
  for (const Extent e : testing::kEmptyShapes) {
    EXPECT_NO_THROW(
        blob_landscape(queue(), {nullptr, e, e.width}, {nullptr, e, e.width}, {}, 1, {nullptr, e, e.width}));
    EXPECT_NO_THROW(cap(queue(), {nullptr, e, e.width}, 3));
    EXPECT_NO_THROW(restrict_mask(queue(), {nullptr, e, e.width}, {nullptr, e, e.width}));
    EXPECT_NO_THROW(keep_above_fraction(queue(), {nullptr, e, e.width}, LevelView{}, {}, {}, 0.5,
                                        {0, 0, e.width, e.height}, {nullptr, e, e.width}));
  }
  for (const double fraction : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_THROW(keep_above_fraction(queue(), {}, LevelView{}, {}, {}, fraction, {}, {}), InvalidArgument);
  auto image = on_queue(Pixels({8, 6}, 1)), cells = on_queue(Pixels({2, 2}, 1));
  auto labels = on_queue(Labels({4, 3}, 0));
  const LevelView trough{4, cells.view()};
  EXPECT_NO_THROW(keep_above_fraction(queue(), image.view(), trough, {}, {}, 0.5, {4, 3, 4, 3}, labels.view()));
  for (const Rect core : {Rect{5, 0, 4, 3}, {0, 4, 4, 3}, {-1, 0, 4, 3}, {0, -1, 4, 3}})
    EXPECT_THROW(keep_above_fraction(queue(), image.view(), trough, {}, {}, 0.5, core, labels.view()), InvalidArgument);
  EXPECT_THROW(keep_above_fraction(queue(), image.view(), LevelView{}, {}, {}, 0.5, {0, 0, 4, 3}, labels.view()),
               InvalidArgument)
      << "no cells";
}

INSTANTIATE_TEST_SUITE_P(Queues, LandscapeTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

#if HX_WITH_CUDA
TEST(LandscapeOnDevice, EndsInATypedErrorOrTheRightPixelsWhicheverCallFails) {
  const Blobs b({23, 17});
  Pixels want({23, 17});
  blob_landscape(CpuQueue{}, b.fine.view(), b.coarse.view(), b.wall.view(), 0.5, want.view());
  cap(CpuQueue{}, want.view(), 40000);
  testing::expect_right_answers_or_typed_errors(
      [&](testing::DeviceUse& use) {
        const auto dst = use.upload(Pixels(want.extent(), 0));
        blob_landscape(use.queue(), use.upload(b.fine), use.upload(b.coarse), use.upload(b.wall), 0.5, dst);
        cap(use.queue(), dst, 40000);
        return same_pixels(want, use.download(dst));
      },
      15);
}

TEST(LandscapeOfBlobsOnDevice, EndsInATypedErrorOrTheRightPixelsWhicheverCallFails) {
  for (const double coarse_px : {2.0, 7.0}) {
    const Extent e{23, 17};
    const Scales s{"", random_plane<std::uint16_t>(e, 1), random_plane<std::uint16_t>(e, 2), 1.3, coarse_px, 0.5};
    const Pixels want = s.by_cpu(true);
    testing::expect_right_answers_or_typed_errors(
        [&](testing::DeviceUse& use) {
          const auto dst = use.upload(Pixels(e, 0));
          landscape_of_blobs(use.queue(), use.upload(s.src), {s.fine_px}, {coarse_px}, use.upload(s.wall), s.weight,
                             dst);
          return same_pixels(want, use.download(dst));
        },
        coarse_px < 6 ? 10 : 15);
  }
}

TEST(TrimmingOnDevice, EndsInATypedErrorOrTheRightLabelsWhicheverCallFails) {
  const Trim t({31, 19}, 29, {4, 4, 20, 12});
  const Labels want = t.by_cpu(0.5);
  HostPlane<std::uint16_t> own({41, 1});
  HostPlane<std::uint32_t> into({41, 1});
  std::copy(t.own.begin(), t.own.end(), own.data());
  std::copy(t.into.begin(), t.into.end(), into.data());
  testing::expect_right_answers_or_typed_errors(
      [&](testing::DeviceUse& use) {
        const auto labels = use.upload(t.labels);
        keep_above_fraction(use.queue(), use.upload(t.image), {t.trough.stride, use.upload(t.trough.level)},
                            {use.upload(own).data, 41}, {use.upload(into).data, 41}, 0.5, t.core, labels);
        return same_pixels(want, use.download(labels));
      },
      15);
}
#endif

}  // namespace
}  // namespace hexaplex
