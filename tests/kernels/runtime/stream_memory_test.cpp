#include "kernels/runtime/stream_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <thread>
#include <vector>

#include "kernels/runtime/device.h"
#include "kernels/runtime/error.h"
#include "tests/support/host_device_api.h"

namespace hexaplex {
namespace {

using testing::ScopedHostDevice;
using Kind = DeviceStatus::Kind;
using Times = testing::HostDeviceApi::Times;
using Bytes = DeviceBuffer<char>;

class StreamMemoryTest : public ::testing::Test {
 protected:
  ~StreamMemoryTest() override {
    stream_ = Stream(0);
    EXPECT_TRUE(api().misuse().empty()) << api().misuse().front();
    if (calls_failed_) return;  // that of freeing too: what then stays is not ours to free again
    EXPECT_EQ(api().live_allocations(), 0u) << "device memory leaked";
    EXPECT_EQ(api().live_pinned(), 0u) << "pinned memory leaked";
  }
  testing::HostDeviceApi& api() { return device_.api(); }
  CudaQueue queue() const { return stream_.queue(); }
  StreamMemory& memory() const { return *queue().memory; }
  std::size_t calls(const std::string& name) {
    return static_cast<std::size_t>(std::count(api().calls().begin(), api().calls().end(), name));
  }
  bool calls_failed_ = false;

 private:
  ScopedHostDevice device_;
  Stream stream_{0, FreedMemory::is_kept};
};

TEST_F(StreamMemoryTest, GivesAgainWhatWasFreed) {
  char* first = nullptr;
  {
    const Bytes a(queue(), 100000), b(queue(), 5);
    first = a.data();
    EXPECT_EQ(calls("allocate"), 2u);
  }
  EXPECT_EQ(memory().idle_bytes(), 106496u + 512u) << "rounded up to eighths of a power of two";
  for (const std::size_t bytes : {100000u, 99000u, 106496u}) {
    const Bytes a(queue(), bytes), b(queue(), 511);
    EXPECT_EQ(a.data(), first);
    EXPECT_EQ(memory().idle_bytes(), 0u);
  }
  EXPECT_EQ(calls("allocate"), 2u);
  EXPECT_EQ(calls("free"), 0u);
}

TEST_F(StreamMemoryTest, GivesTheSmallestBlockThatIsLargeEnoughAndNotMuchTooLarge) {
  std::vector<Bytes> blocks;
  for (const std::size_t bytes : {64u << 10, 72u << 10, 80u << 10, 128u << 10}) blocks.emplace_back(queue(), bytes);
  char* const of_72 = blocks[1].data();
  blocks.clear();
  const Bytes a(queue(), 66 << 10);
  EXPECT_EQ(a.data(), of_72);
  const Bytes b(queue(), 96 << 10);  // 128 is a third too large
  EXPECT_EQ(calls("allocate"), 5u);
}

TEST_F(StreamMemoryTest, KeepsAQuarterMoreThanWasEverInUse) {
  constexpr std::size_t kMiB = 1 << 20;
  for (std::size_t k = 1; k <= 64; k += 3) {
    const std::size_t bytes = k * kMiB;
    const Bytes some(queue(), bytes);
    EXPECT_LE(memory().idle_bytes() + bytes, bytes + bytes / 2 + 8 * kMiB) << k;  // sizes are rounded, too
  }
  EXPECT_GT(calls("free"), 10u);
}

TEST_F(StreamMemoryTest, LetsIdleBlocksGoWhereTheDeviceHasNoMore) {
  api().limit_memory(1 << 20);
  { const Bytes half(queue(), 512 << 10); }
  { const Bytes most(queue(), 1 << 20); }
  EXPECT_EQ(calls("free"), 1u);
  try {
    const Bytes too_much(queue(), (1 << 20) + 1);
    FAIL();
  } catch (const DeviceOutOfMemory& e) {
    EXPECT_GT(e.bytes_asked(), std::size_t{1} << 20);
  }
  const Bytes all(queue(), 1 << 20);
}

TEST_F(StreamMemoryTest, SendsAndBringsThroughPinnedMemory) {
  std::vector<int> host(1000), back(1000);
  std::iota(host.begin(), host.end(), 7);
  const DeviceBuffer<int> there(queue(), 1000);
  send<int>(queue(), host.data(), there.data(), 1000);
  EXPECT_EQ(calls("synchronise"), 0u) << "nothing waits for it";
  const std::vector<int> sent = host;
  std::fill(host.begin(), host.end(), 0);
  bring<int>(queue(), there.data(), back.data(), 1000);
  EXPECT_EQ(back, sent);
  EXPECT_EQ(calls("allocate_pinned"), 1u);
}

TEST_F(StreamMemoryTest, WaitsBeforePinnedMemoryServesAgain) {
  constexpr std::size_t kThird = StreamMemory::kStaging / 3;
  std::vector<std::vector<char>> sent;
  std::vector<Bytes> there;
  for (char v = 1; v <= 9; ++v) {
    sent.emplace_back(kThird, v);
    there.emplace_back(queue(), kThird);
    send<char>(queue(), sent.back().data(), there.back().data(), kThird);
  }
  EXPECT_GE(calls("synchronise"), 2u);
  for (std::size_t i = 0; i < sent.size(); ++i) {
    std::vector<char> back(kThird);
    bring<char>(queue(), there[i].data(), back.data(), kThird);
    EXPECT_TRUE(back == sent[i]) << i;
  }
}

TEST_F(StreamMemoryTest, CopiesAsOthersDoWithoutPinnedMemoryOrWithTooLittle) {
  const std::vector<char> large(StreamMemory::kStaging + 1, 3);
  std::vector<char> back(large.size());
  const Bytes there(queue(), large.size());
  send<char>(queue(), large.data(), there.data(), large.size());
  bring<char>(queue(), there.data(), back.data(), back.size());
  EXPECT_TRUE(back == large);
  EXPECT_EQ(calls("allocate_pinned"), 0u);
  api().limit_pinned(100);
  char small = 5, small_back = 0;
  send(queue(), &small, there.data(), 1);
  bring<char>(queue(), there.data(), &small_back, 1);
  EXPECT_EQ(small_back, 5);
  EXPECT_EQ(calls("allocate_pinned"), 1u) << "asked once";
}

TEST_F(StreamMemoryTest, MovesWithItsStream) {
  Stream moved(0, FreedMemory::is_kept);
  const StreamMemory* const kept = moved.queue().memory;
  { const Bytes some(moved.queue(), 1000); }
  const Stream other = std::move(moved);
  EXPECT_EQ(other.queue().memory, kept);
  EXPECT_EQ(moved.queue().memory, nullptr);
  EXPECT_EQ(Stream(0).queue().memory, nullptr) << "only where it is asked for";
}

TEST_F(StreamMemoryTest, EndsInATypedErrorOrTheRightValuesWhicheverCallFails) {
  const auto work = [] {
    const Stream stream(0, FreedMemory::is_kept);
    const CudaQueue q = stream.queue();
    std::vector<int> host(100), back(100);
    for (int turn = 0; turn < 3; ++turn) {
      std::iota(host.begin(), host.end(), turn);
      const DeviceBuffer<int> there(q, 100), large(q, 20000u + 9000u * static_cast<unsigned>(turn));
      send<int>(q, host.data(), there.data(), 100);
      bring<int>(q, there.data(), back.data(), 100);
      EXPECT_EQ(back, host);
    }
  };
  work();
  api().forget_calls();
  work();
  const int count = static_cast<int>(api().calls().size());
  EXPECT_GT(count, 15);
  calls_failed_ = true;
  int failed = 0;
  for (const Kind kind : {Kind::kOutOfMemory, Kind::kLost, Kind::kFailed})
    for (const Times times : {Times::kOnce, Times::kForever})
      for (int n = 1; n <= count; ++n) {
        api().fail_call(n, kind, times);
        try {
          work();
        } catch (const DeviceOutOfMemory&) {
          EXPECT_EQ(kind, Kind::kOutOfMemory);
          ++failed;
        } catch (const DeviceError&) {
          EXPECT_NE(kind, Kind::kOutOfMemory);
          ++failed;
        }
        api().fail_nothing();
      }
  EXPECT_GT(failed, count);
}

// A benchmark let go of its last results while their streams made the next ones, and crashed in a few runs of a
// hundred.
TEST_F(StreamMemoryTest, TakesBackFromAnyThreadWhatOneThreadMakes) {
  constexpr std::size_t kTurns = 3000, kThreads = 3;
  std::vector<Bytes> made;
  for (std::size_t i = 0; i < kTurns * kThreads; ++i) made.emplace_back(queue(), 1 + i % 1000);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = t; i < made.size(); i += kThreads) made[i] = Bytes();
    });
  for (std::size_t i = 0; i < kTurns; ++i) {
    const Bytes a(queue(), 1 + i % 5000), b(queue(), 7);
    EXPECT_NE(a.data(), b.data());
  }
  for (std::thread& t : threads) t.join();
  made.clear();
  EXPECT_GT(memory().idle_bytes(), 0u);
  const std::size_t before = calls("allocate");
  const Bytes again(queue(), 100);
  EXPECT_EQ(calls("allocate"), before) << "what other threads let go of is not there";
}

}  // namespace
}  // namespace hexaplex
