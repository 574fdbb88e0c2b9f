#include "kernels/runtime/scratch.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <random>
#include <thread>

#include "kernels/runtime/error.h"
#include "kernels/runtime/host_memory.h"
#include "kernels/runtime/host_plane.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

std::size_t files_in(const std::filesystem::path& folder) {
  std::size_t n = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++n;
  return n;
}

TEST(ScratchScope, HoldsWhatIsLargeAndLeavesNothingBehind) {
  const test::TemporaryFolder folder;
  const ScratchScope scratch(folder.path(), 8 * kMiB, 512 * kMiB);
  {
    const HostPlane<std::uint8_t> small({1024, 1024}), large({4096, 2048});
    HostVector<std::uint64_t> table(kMiB + 1);
    EXPECT_EQ(scratch.most_bytes(), 8 * kMiB + 8 * (kMiB + 1));
    EXPECT_EQ(files_in(folder.path()), 0u) << "scratch files have no names";
  }
  const HostPlane<std::uint8_t> again({4096, 2048});
  EXPECT_EQ(scratch.most_bytes(), 8 * kMiB + 8 * (kMiB + 1)) << "what was freed is mapped no longer";
}

TEST(ScratchScope, KeepsValuesWhilePagesComeAndGo) {
  const test::TemporaryFolder folder;
  const ScratchScope scratch(folder.path(), kMiB, 1);  // the watcher lets go of everything all the time
  HostPlane<std::uint32_t> plane({2048, 2048});
  const auto work = [&](int first) {
    for (int round = 0; round < 3; ++round)
      for (int y = first; y < plane.height(); y += 2)
        for (int x = 0; x < plane.width(); ++x) plane(x, y) = round * 7 + y * 4096 + x;
  };
  std::thread odd(work, 1);
  work(0);
  odd.join();
  for (int y = 0; y < plane.height(); ++y)
    for (int x = 0; x < plane.width(); ++x) ASSERT_EQ(plane(x, y), 14u + y * 4096 + x);
}

TEST(ScratchScope, BoundsWhatIsResident) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the thread sanitizer keeps several bytes for each byte that was touched";
#endif
  const test::TemporaryFolder folder;
  const std::size_t before = resident_memory_bytes();
  const ScratchScope scratch(folder.path(), kMiB, before + 32 * kMiB);
  HostPlane<std::uint64_t> plane({4096, 8192});  // 256 MiB
  std::size_t most = 0;
  for (int y = 0; y < plane.height(); ++y) {
    for (int x = 0; x < plane.width(); ++x) plane(x, y) = static_cast<std::uint64_t>(y) * x;
    if (y % 128 == 0) most = std::max(most, resident_memory_bytes());
  }
  EXPECT_LT(most, before + 200 * kMiB);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_LT(resident_memory_bytes(), before + 64 * kMiB);
  EXPECT_EQ(plane(4095, 8191), 8191u * 4095u);
}

TEST(ScratchScope, RefusesAFolderThatTakesNoFiles) {
  EXPECT_THROW(ScratchScope("/nonexistent", kMiB, kMiB), OutputError);
  EXPECT_THROW(ScratchScope("/proc", kMiB, kMiB), OutputError);
}

TEST(ScratchScope, SaysThatTheDiskIsFull) {
  const test::TemporaryFolder folder;
  const ScratchScope scratch(folder.path(), kMiB, kMiB);
  EXPECT_THROW(detail::allocate_scratch(std::size_t{1} << 52), OutputError);
}

TEST(ScratchScope, IsOneAtATime) {
  const test::TemporaryFolder folder;
  {
    const ScratchScope scratch(folder.path(), kMiB, kMiB);
    EXPECT_THROW(ScratchScope(folder.path(), kMiB, kMiB), InvalidArgument);
  }
  EXPECT_NO_THROW(ScratchScope(folder.path(), kMiB, kMiB));
  EXPECT_EQ(detail::allocate_scratch(4 * kMiB), nullptr) << "without a scope there is none";
}

TEST(HostVector, GrowsLikeAVector) {
  HostVector<int> v;
  for (int i = 0; i < 500000; ++i) v.push_back(i);
  for (int i = 0; i < 500000; ++i) ASSERT_EQ(v[static_cast<std::size_t>(i)], i);
}

}  // namespace
}  // namespace hexaplex
