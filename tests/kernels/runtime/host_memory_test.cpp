#include "kernels/runtime/host_memory.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include "kernels/runtime/error.h"
#include "kernels/runtime/host_plane.h"

namespace hexaplex {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

/// An empty pool with a cap of its own, whatever the build's default.
class HostMemoryPool : public ::testing::Test {
 protected:
  HostMemoryPool() {
    release_host_memory_pool();
    set_host_memory_pool_cap(64 * kMiB);
  }
  ~HostMemoryPool() override {
    release_host_memory_pool();
#if defined(__SANITIZE_ADDRESS__)
    set_host_memory_pool_cap(0);
#else
    set_host_memory_pool_cap(256 * kMiB);
#endif
  }
};

TEST_F(HostMemoryPool, GivesABlockOfTheSameSizeAgain) {
  const void* first = nullptr;
  {
    const HostPlane<std::uint16_t> plane({2048, 2048});
    first = plane.data();
    EXPECT_EQ(host_memory_pool_bytes(), 0u);
  }
  EXPECT_EQ(host_memory_pool_bytes(), 8 * kMiB);
  const HostPlane<std::uint32_t> same_bytes({2048, 1024});
  EXPECT_EQ(same_bytes.data(), static_cast<const void*>(first));
  EXPECT_EQ(host_memory_pool_bytes(), 0u);
}

TEST_F(HostMemoryPool, SharesBlocksAmongNearlyEqualSizes) {
  void* big = detail::allocate_host_memory(8 * kMiB);
  detail::free_host_memory(big, 8 * kMiB);
  void* a_little_less = detail::allocate_host_memory(8 * kMiB - 1000);
  EXPECT_EQ(a_little_less, big);
  std::memset(a_little_less, 1, 8 * kMiB - 1000);
  detail::free_host_memory(a_little_less, 8 * kMiB - 1000);
  void* much_less = detail::allocate_host_memory(5 * kMiB);
  EXPECT_NE(much_less, big);
  detail::free_host_memory(much_less, 5 * kMiB);
}

TEST_F(HostMemoryPool, NeverGivesABlockTwice) {
  std::vector<void*> blocks;
  for (int i = 0; i < 6; ++i) blocks.push_back(detail::allocate_host_memory(2 * kMiB));
  for (void* p : blocks) detail::free_host_memory(p, 2 * kMiB);
  std::vector<void*> again;
  for (int i = 0; i < 6; ++i) {
    again.push_back(detail::allocate_host_memory(2 * kMiB));
    for (int k = 0; k < i; ++k) ASSERT_NE(again[i], again[k]);
  }
  for (void* p : again) detail::free_host_memory(p, 2 * kMiB);
}

TEST_F(HostMemoryPool, KeepsNoMoreThanItsCap) {
  set_host_memory_pool_cap(10 * kMiB);
  std::vector<void*> blocks;
  for (int i = 0; i < 8; ++i) blocks.push_back(detail::allocate_host_memory(3 * kMiB));
  for (void* p : blocks) {
    detail::free_host_memory(p, 3 * kMiB);
    EXPECT_LE(host_memory_pool_bytes(), 10 * kMiB);
  }
  EXPECT_EQ(host_memory_pool_bytes(), 9 * kMiB);
  detail::free_host_memory(detail::allocate_host_memory(11 * kMiB), 11 * kMiB);
  EXPECT_EQ(host_memory_pool_bytes(), 9 * kMiB) << "a block beyond the cap does not push the others out";
  set_host_memory_pool_cap(4 * kMiB);
  EXPECT_EQ(host_memory_pool_bytes(), 3 * kMiB);
  set_host_memory_pool_cap(0);
  EXPECT_EQ(host_memory_pool_bytes(), 0u);
}

TEST_F(HostMemoryPool, LeavesSmallBlocksToTheSystem) {
  detail::free_host_memory(detail::allocate_host_memory(kMiB - 1), kMiB - 1);
  EXPECT_EQ(host_memory_pool_bytes(), 0u);
  detail::free_host_memory(detail::allocate_host_memory(kMiB), kMiB);
  EXPECT_EQ(host_memory_pool_bytes(), kMiB);
  release_host_memory_pool();
  EXPECT_EQ(host_memory_pool_bytes(), 0u);
}

TEST_F(HostMemoryPool, AlignsEverySize) {
  for (std::size_t bytes : {std::size_t{1}, kMiB - 1, kMiB, kMiB + 1, 5 * kMiB + 3, 9 * kMiB + 7}) {
    void* p = detail::allocate_host_memory(bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(p) % 64, 0u) << bytes;
    std::memset(p, 0xff, bytes);
    detail::free_host_memory(p, bytes);
  }
}

TEST_F(HostMemoryPool, ServesManyThreads) {
  std::vector<std::thread> team;
  for (int t = 0; t < 4; ++t)
    team.emplace_back([t] {
      for (int i = 0; i < 50; ++i) {
        const std::size_t bytes = (1 + (t + i) % 3) * kMiB;
        auto* p = static_cast<unsigned char*>(detail::allocate_host_memory(bytes));
        p[0] = p[bytes - 1] = static_cast<unsigned char>(t);
        EXPECT_EQ(p[0], t);
        detail::free_host_memory(p, bytes);
      }
    });
  for (auto& thread : team) thread.join();
}

TEST_F(HostMemoryPool, ReportsWhatNoMachineHas) {
  detail::free_host_memory(detail::allocate_host_memory(2 * kMiB), 2 * kMiB);
  EXPECT_THROW(detail::allocate_host_memory(static_cast<std::size_t>(-1)), OutOfMemory);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they end the process instead of returning null
  EXPECT_THROW(detail::allocate_host_memory(static_cast<std::size_t>(1) << 61), OutOfMemory);
#endif
}

}  // namespace
}  // namespace hexaplex
