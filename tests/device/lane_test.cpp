#include "core/compute/lane.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/compute/compute_place.h"
#include "core/compute/plane_copies.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"
#include "tests/support/host_device_api.h"
#include "tests/support/pixels.h"

namespace hexaplex {
namespace {

using testing::random_plane;
using testing::same_pixels;
using testing::ScopedHostDevice;
using Kind = DeviceStatus::Kind;
using Times = testing::HostDeviceApi::Times;

// Sends a plane through a lane and brings a window of it back.
HostPlane<float> there_and_back(Lane& lane, const HostPlane<float>& pixels, Rect window) {
  HostPlane<float> back({pixels.width() + 3, pixels.height()}, -1);
  const Plane<float> host = lane.host_plane<float>(pixels.extent());
  for (int y = 0; y < pixels.height(); ++y) std::copy_n(pixels.view().row(y), pixels.width(), host.row(y));
  const LanePlane<float> there = lane.send(host);
  const Plane<float> to = back.view().window(window);
  const LanePlane<float> target = lane.target(to);
  copy_and_wait<float>(lane.queue(), there.view.window(window), target.view);
  lane.fetch<float>(target.view, to);
  lane.fetch<float>(target.view, Plane<float>{});  // not wanted
  lane.finish();
  return back;
}

HostPlane<float> expected(const HostPlane<float>& pixels, Rect r) {
  HostPlane<float> back({pixels.width() + 3, pixels.height()}, -1);
  for (int y = r.y; y < r.bottom(); ++y)
    for (int x = r.x; x < r.right(); ++x) back(x, y) = pixels(x, y);
  return back;
}

TEST(Lane, OfTheCpuCopiesNothing) {
  Lane lane;
  const Plane<float> host = lane.host_plane<float>({7, 5});
  EXPECT_EQ(lane.send(host).view.data, host.data);
  HostPlane<float> target({7, 5});
  EXPECT_EQ(lane.target(target.view()).view.data, target.data());
  EXPECT_EQ(lane.target(Plane<float>{}).view.data, nullptr);
  lane.finish();
  const auto pixels = random_plane<float>({40, 30}, 3);
  EXPECT_TRUE(same_pixels(expected(pixels, {3, 2, 30, 20}), there_and_back(lane, pixels, {3, 2, 30, 20})));
}

#if HX_WITH_CUDA

// A slide was refused under `cuda` now and then: lanes of the step before kept what its tiles would have fitted in.
TEST(ComputePlaceBudget, CountsWhatIdleLanesKeep) {
  ScopedHostDevice device;
  device.api().limit_memory(std::size_t{64} << 20);
  DeviceChoice choice;
  choice.mode = DeviceChoice::Mode::cuda;
  ComputePlace place(choice);
  const std::int64_t all = place.budget_bytes(0);
  const auto use_a_lane = [&] {
    const LanePool::Lease lane(place.lanes());
    const LanePlane<float> plane = lane->target(HostPlane<float>({2048, 2048}).view());
    EXPECT_NE(plane.view.data, nullptr);
  };
  use_a_lane();
  const std::int64_t beside = place.budget_bytes(0);
  EXPECT_LE(beside, all - (16 << 20)) << "an idle lane keeps its plane for the next window";
  EXPECT_EQ(place.budget_bytes(beside), beside) << "that is enough";
  EXPECT_EQ(place.budget_bytes(beside + 1), all);
  use_a_lane();
  EXPECT_NO_THROW(place.require_budget("a test", all));
  use_a_lane();
  EXPECT_EQ(place.window_budget_bytes(all), all / (2 * cpu_threads()));
  use_a_lane();
  EXPECT_THROW(place.require_window_budget("a test", all), DeviceOutOfMemory);
}

TEST(Lane, OfADeviceBringsTheSamePixels) {
  ScopedHostDevice device;
  {
    Lane lane(0);
    for (const Extent e : {Extent{40, 30}, {1, 1}, {1200, 700}, {1200, 700}, {5, 4}}) {
      const auto pixels = random_plane<float>(e, 3);
      const Rect window{e.width / 3, e.height / 4, (e.width + 1) / 2, (e.height + 1) / 2};
      EXPECT_TRUE(same_pixels(expected(pixels, window), there_and_back(lane, pixels, window)));
    }
    EXPECT_EQ(device.api().live_pinned(), 1u) << "one block for windows of a kind";
  }
  EXPECT_EQ(device.api().live_pinned() + device.api().live_allocations() + device.api().live_streams(), 0u);
  EXPECT_TRUE(device.api().misuse().empty()) << device.api().misuse().front();
}

TEST(Lane, GoesOnAfterAWindowThatFailed) {
  ScopedHostDevice device;
  const auto pixels = random_plane<float>({90, 70}, 3);
  const Rect window{0, 0, 90, 70};
  Lane lane(0);
  for (int n = 1; n <= 6; ++n) {
    device.api().fail_call(n, Kind::kOutOfMemory, Times::kOnce);
    bool failed = false;
    try {
      there_and_back(lane, pixels, window);
    } catch (const DeviceOutOfMemory&) {
      failed = true;
    }
    device.api().fail_nothing();
    if (failed) lane.drain();
    EXPECT_TRUE(same_pixels(expected(pixels, window), there_and_back(lane, pixels, window))) << n;
  }
}

TEST(LanePool, KeepsLanesThatDidNotFail) {
  ScopedHostDevice device;
  {
    LanePool pool(0);
    Lane* first = nullptr;
    {
      const LanePool::Lease lease(pool);
      first = &*lease;
    }
    {
      const LanePool::Lease lease(pool), other(pool);
      EXPECT_EQ(&*lease, first);
      EXPECT_NE(&*other, first);
    }
    try {
      const LanePool::Lease lease(pool), other(pool);
      throw DeviceError("a failure");
    } catch (const DeviceError&) {
    }
    EXPECT_EQ(device.api().live_streams(), 0u);
    { const LanePool::Lease lease(pool); }
    pool.clear();
    EXPECT_EQ(device.api().live_streams(), 0u);
  }
}

TEST(PartsThatFit, CoverTheRectangleOnceWhateverFits) {
  ScopedHostDevice device;
  Lane lane(0);
  const Rect whole{5, 7, 900, 331};
  for (const std::int64_t fits : {1000000ll, 297900ll, 100000ll, 4096ll}) {
    std::vector<int> seen(static_cast<std::size_t>(whole.area()), 0);
    in_parts_that_fit(lane, whole, [&](Rect r) {
      if (r.area() > fits) throw DeviceOutOfMemory(1, "a test");
      for (int y = r.y; y < r.bottom(); ++y)
        for (int x = r.x; x < r.right(); ++x)
          ++seen[static_cast<std::size_t>(y - whole.y) * static_cast<std::size_t>(whole.width) +
                 static_cast<std::size_t>(x - whole.x)];
    });
    EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), whole.area()) << fits;
  }
  const auto never = [](Rect r) {
    if (r.area() > 0) throw DeviceOutOfMemory(1, "a test");
  };
  EXPECT_THROW(in_parts_that_fit(lane, whole, never), DeviceOutOfMemory);
}

TEST(PlaneCopies, GoInBands) {
  ScopedHostDevice device;
  CpuQueue q;
  LanePool pool(0);
  const Stream stream(0);
  for (const Extent e : {Extent{3000, 1500}, {1, 1}, {70000, 40}, {3, 2000}}) {
    const auto pixels = random_plane<std::uint32_t>(e, 3);
    DevicePlane<std::uint32_t> there(stream.queue(), e);
    send_in_bands<std::uint32_t>(q, pool, there.view(), [&](Rect band, Plane<std::uint32_t> dst) {
      for (int y = 0; y < band.height; ++y) std::copy_n(pixels.view().row(band.y + y), band.width, dst.row(y));
    });
    EXPECT_TRUE(same_pixels(pixels, fetch_in_bands<std::uint32_t>(q, pool, there.view())));
  }
  EXPECT_TRUE(device.api().misuse().empty()) << device.api().misuse().front();
}

// --- where a part of a stage runs

TEST(ComputePlaceTest, PutsAStageOnTheCpuOnceTheDeviceLacksMemoryForIt) {
  ScopedHostDevice device;
  DeviceChoice choice;
  choice.mode = DeviceChoice::Mode::automatic;
  ComputePlace place(choice);
  constexpr ComputeStage kWindows{"windows"}, kPieces{"pieces", true}, kOther{"others"};
  int there = 0, here = 0;
  const auto lacks = [&]() -> int { throw DeviceOutOfMemory(7, "a test" + std::to_string(++there)); };
  const auto works = [&] { return ++there; };
  const auto on_cpu = [&] { return ++here; };
  for (int i = 0; i < 3; ++i) place.either(kWindows, lacks, on_cpu);
  EXPECT_EQ(there, 1) << "it is asked once";
  EXPECT_EQ(here, 3);
  for (int i = 0; i < 3; ++i) place.either(kPieces, lacks, on_cpu);
  EXPECT_EQ(there, 4) << "smaller ones may fit";
  place.either(kPieces, works, on_cpu);
  EXPECT_EQ(there, 5);
  EXPECT_EQ(place.stages(), std::vector<std::string>{"pieces"});
  EXPECT_EQ(place.fallbacks().size(), 1u) << "parts that are made smaller are no news";
  place.either(
      kOther, []() -> int { throw DeviceError("lost"); }, on_cpu);
  EXPECT_FALSE(place.on_device());
  place.either(kPieces, works, on_cpu);
  EXPECT_EQ(there, 5) << "a device that failed is not touched again";
  EXPECT_EQ(place.fallbacks().size(), 2u);
  choice.mode = DeviceChoice::Mode::cuda;
  ComputePlace strict(choice);
  EXPECT_THROW(strict.either(kWindows, lacks, on_cpu), DeviceOutOfMemory);
  EXPECT_NO_THROW(strict.either(kPieces, lacks, on_cpu));
  EXPECT_THROW(strict.either(
                   kWindows, []() -> int { throw DeviceError("lost"); }, on_cpu),
               DeviceError);
}

#endif

}  // namespace
}  // namespace hexaplex
