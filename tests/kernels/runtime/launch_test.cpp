#include "kernels/runtime/launch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "kernels/runtime/error.h"
#include "kernels/runtime/for_each_pixel.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex {
namespace {

/// Restores the number of threads, which is a setting of the process.
class Launch : public ::testing::Test {
 protected:
  ~Launch() override { set_cpu_threads(0); }
};

TEST_F(Launch, CoversEachItemOnceInBandsOfAtLeastTheGrain) {
  for (int threads : {0, 1, 2, 5})
    for (std::int64_t count : {0, 1, 2, 15, 16, 17, 1000})
      for (std::int64_t grain : {0, 1, 16, 5000}) {
        set_cpu_threads(threads);
        std::vector<std::atomic<int>> seen(count);
        std::atomic<int> short_bands{0};
        for_each_band(CpuQueue{}, count, grain, [&](std::int64_t begin, std::int64_t end) {
          if (end - begin < grain && end != count) ++short_bands;
          for (std::int64_t i = begin; i < end; ++i) ++seen[i];
        });
        for (auto& times : seen) ASSERT_EQ(times, 1) << threads << " " << count << " " << grain;
        EXPECT_EQ(short_bands, 0);
      }
}

TEST_F(Launch, StaysOnTheCallingThreadWhenAskedTo) {
  set_cpu_threads(4);
  const auto caller = std::this_thread::get_id();
  for_each_task(CpuQueue{1}, 100, [&](std::int64_t) { ASSERT_EQ(std::this_thread::get_id(), caller); });
  set_cpu_threads(1);
  EXPECT_EQ(cpu_threads(), 1);
  for_each_task(CpuQueue{}, 100, [&](std::int64_t) { ASSERT_EQ(std::this_thread::get_id(), caller); });
}

TEST_F(Launch, UsesNoMoreThreadsThanAllowed) {
  set_cpu_threads(2);
  std::set<std::thread::id> ids;
  std::mutex guard;
  for_each_task(CpuQueue{}, 200, [&](std::int64_t) {
    std::this_thread::sleep_for(std::chrono::microseconds(50));
    std::lock_guard<std::mutex> lock(guard);
    ids.insert(std::this_thread::get_id());
  });
  EXPECT_LE(ids.size(), 2u);
}

TEST_F(Launch, PassesAnExceptionOn) {
  for (int threads : {1, 3}) {
    set_cpu_threads(threads);
    const auto fail = [](std::int64_t i) {
      if (i == 57) throw OutOfMemory(57, "a task");
    };
    EXPECT_THROW(for_each_task(CpuQueue{}, 100, fail), OutOfMemory);
    std::atomic<int> after{0};
    for_each_task(CpuQueue{}, 100, [&](std::int64_t) { ++after; });
    EXPECT_EQ(after, 100) << "the launcher works on";
  }
}

TEST_F(Launch, NestsWithoutADeadlock) {
  set_cpu_threads(3);
  std::atomic<int> done{0};
  for_each_task(CpuQueue{}, 8, [&](std::int64_t) { for_each_task(CpuQueue{}, 8, [&](std::int64_t) { ++done; }); });
  EXPECT_EQ(done, 64);
}

TEST_F(Launch, AcceptsALambdaThatChangesItsOwnState) {
  set_cpu_threads(1);
  int sum = 0;
  for_each_band(CpuQueue{}, 10, 3, [sum_of = 0, &sum](std::int64_t begin, std::int64_t end) mutable {
    for (std::int64_t i = begin; i < end; ++i) sum_of += static_cast<int>(i);
    sum = sum_of;
  });
  EXPECT_EQ(sum, 45);
}

TEST_F(Launch, RejectsImpossibleThreadCounts) {
  EXPECT_THROW(set_cpu_threads(-1), InvalidArgument);
  EXPECT_THROW(set_cpu_threads(5000), InvalidArgument);
}

TEST_F(Launch, VisitsEachPixelOnce) {
  for (const Extent extent : {Extent{0, 0}, {1, 1}, {1, 50}, {33, 47}}) {
    HostPlane<int> seen(extent, 0);
    const Plane<int> view = seen.view();
    for_each_pixel(CpuQueue{}, extent, [view](int x, int y) { ++view(x, y); });
    for (std::int64_t i = 0; i < extent.area(); ++i) ASSERT_EQ(seen.data()[i], 1);
  }
}

// --- progress of tasks

TEST_F(Launch, TellsHowFarTheOutermostTasksAre) {
  EXPECT_EQ(task_progress().loop, 0u);
  for (int threads : {1, 3}) {
    set_cpu_threads(threads);
    std::uint64_t loop = 0;
    std::atomic<int> begun{0};
    for_each_task(CpuQueue{}, 5, [&](std::int64_t) {
      ++begun;
      for_each_task(CpuQueue{}, 100, [&](std::int64_t) {
        for_each_band(CpuQueue{}, 10, 1, [](std::int64_t, std::int64_t) {});
        const TaskProgress seen = task_progress();
        EXPECT_NE(seen.loop, 0u);
        EXPECT_EQ(seen.count, 5);
        EXPECT_LT(seen.done, 5);
      });
      if (threads == 1) {
        loop = task_progress().loop;
        EXPECT_EQ(task_progress().done, begun - 1);
      }
    });
    EXPECT_EQ(task_progress().loop, 0u);
    for_each_task(CpuQueue{1}, 1, [&](std::int64_t) { EXPECT_GT(task_progress().loop, loop); });
  }
}

TEST_F(Launch, AnExceptionEndsTheTellingToo) {
  EXPECT_THROW(for_each_task(CpuQueue{}, 9, [](std::int64_t) { throw std::runtime_error("no"); }), std::runtime_error);
  EXPECT_EQ(task_progress().loop, 0u);
  for_each_task(CpuQueue{}, 1, [](std::int64_t) { EXPECT_EQ(task_progress().count, 1); });
}

}  // namespace
}  // namespace hexaplex
