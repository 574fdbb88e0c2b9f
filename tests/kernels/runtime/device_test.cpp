#include "kernels/runtime/device.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <vector>

#include "tests/support/host_device_api.h"
#include "tests/support/pixels.h"
#include "tests/support/queues.h"

namespace hexaplex {
namespace {

using testing::random_plane;
using testing::same_pixels;
using testing::ScopedHostDevice;
using Kind = DeviceStatus::Kind;
using Times = testing::HostDeviceApi::Times;

std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(Backends, TheRequiredOneIsActive) {
  if (testing::is_required("cuda")) {
    EXPECT_EQ(why_no_device(), "");
  }
}

TEST(Device, SaysWhyThereIsNone) {
  const std::vector<DeviceInfo> devices = list_devices();
  bool usable = false;
  for (const DeviceInfo& info : devices) {
    usable = usable || info.usable;
    EXPECT_EQ(info.usable, info.unusable_because.empty()) << info.name;
  }
  EXPECT_EQ(usable, why_no_device().empty());
  if (usable) GTEST_SKIP() << "there is a device here";
  EXPECT_THROW(choose_device(), DeviceError);
#if !HX_WITH_CUDA
  EXPECT_TRUE(devices.empty());
  EXPECT_EQ(why_no_device(), "this program was built without CUDA: build it with CUDA, or run on the CPU");
  EXPECT_THROW(Stream(), DeviceError);
#endif
}

TEST(Device, ListsUsableAndUnusableOnes) {
  ScopedHostDevice device;
  DeviceInfo old;
  old.name = "too old";
  old.unusable_because = "this build holds no code for compute capability 5.2";
  device.api().devices.insert(device.api().devices.begin(), old);
  ASSERT_EQ(list_devices().size(), 2u);
  EXPECT_EQ(list_devices()[1].index, 1);
  EXPECT_EQ(why_no_device(), "");
  EXPECT_EQ(choose_device(), 1);
  EXPECT_EQ(choose_device(1), 1);
  EXPECT_EQ(
      message_of([] { choose_device(0); }),
      "device 0 (too old) cannot be used: this build holds no code for compute capability 5.2, or run on the CPU");
  EXPECT_EQ(message_of([] { choose_device(2); }), "there is no device 2: the last one is 1");
  EXPECT_THROW(choose_device(-2), InvalidArgument);
  device.api().devices.pop_back();
  EXPECT_THROW(choose_device(), DeviceError);
  EXPECT_NE(why_no_device(), "");
}

TEST(Device, GivesEachFailureItsOwnSentence) {
  ScopedHostDevice device;
  const auto refusal = [&](Kind kind) {
    device.api().fail_call(1, kind, Times::kForever);
    return message_of([] { choose_device(); });
  };
  EXPECT_NE(refusal(Kind::kNoDriver).find("install or update the driver"), std::string::npos);
  EXPECT_NE(refusal(Kind::kNoDevice).find("CUDA_VISIBLE_DEVICES"), std::string::npos);
  EXPECT_NE(refusal(Kind::kNotBuilt).find("built without CUDA"), std::string::npos);
  EXPECT_NE(refusal(Kind::kLost).find("start a new one"), std::string::npos);
  device.api().fail_nothing();
  device.api().devices.clear();
  EXPECT_NE(message_of([] { choose_device(); }).find("no CUDA device"), std::string::npos);
  device.api().fail_call(1, Kind::kNoKernelImage, Times::kOnce);
  EXPECT_NE(message_of([] { Stream(0); }).find("CMAKE_CUDA_ARCHITECTURES"), std::string::npos);
}

TEST(Device, CopiesPlanesThereAndBackWhateverTheirPitch) {
  ScopedHostDevice device;
  const Stream stream(0);
  const CudaQueue q = stream.queue();
  const auto src = random_plane<std::uint16_t>({37, 11}, 1);
  const Rect window{3, 2, 21, 7};
  const DevicePlane<std::uint16_t> there(q, window.extent());
  EXPECT_EQ(there.view().pitch, 64);  // 128 bytes
  HostPlane<std::uint16_t> back({37, 11}, 0);
  copy<std::uint16_t>(q, src.view().window(window), there.view());
  copy<std::uint16_t>(q, there.view(), back.view().window(window));
  EXPECT_EQ(back(3, 2), 0) << "the stand-in works before it is waited for";
  synchronise(q);
  for (int y = 0; y < 11; ++y)
    for (int x = 0; x < 37; ++x) {
      const bool inside = x >= 3 && x < 24 && y >= 2 && y < 9;
      ASSERT_EQ(back(x, y), inside ? src(x, y) : 0);
    }
  HostPlane<std::uint16_t> other({20, 7});
  EXPECT_THROW(copy<std::uint16_t>(q, there.view(), other.view()), InvalidArgument);
  EXPECT_TRUE(device.api().misuse().empty());
}

TEST(Device, FillsAndCopiesValues) {
  ScopedHostDevice device;
  const Stream stream(0);
  const CudaQueue q = stream.queue();
  const DeviceBuffer<std::uint32_t> there(q, 10);
  std::uint32_t back[10] = {};
  const std::uint32_t five = 5;
  fill_bytes(q, there.data(), 0x11, 10 * sizeof five);
  copy(q, &five, there.data() + 3, 1);
  copy<std::uint32_t>(q, there.data(), back, 10);
  synchronise(q);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(back[i], i == 3 ? 5 : 0x11111111u);
}

TEST(Device, FreesBuffersInStreamOrder) {
  ScopedHostDevice device;
  {
    const Stream stream(0);
    const CudaQueue q = stream.queue();
    std::uint32_t value = 7, back = 0;
    {
      const DeviceBuffer<std::uint32_t> short_lived(q, 1);
      copy(q, &value, short_lived.data(), 1);
      copy<std::uint32_t>(q, short_lived.data(), &back, 1);
    }
    EXPECT_EQ(device.api().live_allocations(), 1u) << "the free waits for its turn";
    synchronise(q);
    EXPECT_EQ(back, 7u);
    EXPECT_EQ(device.api().live_allocations(), 0u);
  }
  EXPECT_EQ(device.api().live_streams(), 0u);
}

TEST(Device, MovesOwnership) {
  ScopedHostDevice device;
  {
    Stream a(0);
    const Stream b(std::move(a));
    DeviceBuffer<int> x(b.queue(), 3), y(b.queue(), 4);
    int* kept = x.data();
    y = std::move(x);
    EXPECT_EQ(y.data(), kept);
    const DeviceBuffer<int> z(std::move(y));
    EXPECT_EQ(z.data(), kept);
    EXPECT_EQ(z.size(), 3u);
    EXPECT_EQ(y.data(), nullptr);
  }
  EXPECT_EQ(device.api().live_allocations(), 0u);
  EXPECT_EQ(device.api().live_streams(), 0u);
  EXPECT_TRUE(device.api().misuse().empty());
}

TEST(Device, AsksForNothingWhereThereIsNothingToDo) {
  ScopedHostDevice device;
  const Stream stream(0);
  const CudaQueue q = stream.queue();
  device.api().forget_calls();
  const DeviceBuffer<int> none(q, 0);
  const DevicePlane<int> empty(q, {0, 9});
  copy<int>(q, nullptr, nullptr, 0);
  copy<int>(q, empty.view(), empty.view());
  fill_bytes(q, nullptr, 0, 0);
  EXPECT_TRUE(device.api().calls().empty());
}

TEST(Device, NamesTheBytesItCouldNotGet) {
  ScopedHostDevice device;
  device.api().limit_memory(1000);
  const Stream stream(0);
  const DeviceBuffer<char> fits(stream.queue(), 900);
  try {
    const DeviceBuffer<char> does_not(stream.queue(), 101);
    FAIL();
  } catch (const OutOfMemory& e) {
    EXPECT_EQ(e.bytes_asked(), 101u);
    EXPECT_STREQ(e.what(), "out of memory: allocating on device 0 asked for 101 bytes");
  }
  EXPECT_NO_THROW(DeviceBuffer<char>(stream.queue(), 100)) << "out of memory does not stick";
  EXPECT_THROW(DeviceBuffer<std::uint64_t>(stream.queue(), static_cast<std::size_t>(-1) / 4), OutOfMemory);
}

TEST(Device, TellsItsMemory) {
  ScopedHostDevice device;
  device.api().limit_memory(5000);
  const Stream stream(0);
  {
    const DeviceBuffer<char> some(stream.queue(), 1500);
    EXPECT_EQ(device_memory(0).free_bytes, 3500u);
  }
  synchronise(stream.queue());
  const DeviceMemory memory = device_memory(0);
  EXPECT_EQ(memory.free_bytes, 5000u);
  EXPECT_EQ(memory.total_bytes, 5000u);
  EXPECT_EQ(memory.most_used_bytes, 1500u);
}

TEST(Device, OwnsHostMemoryForItsCopies) {
  ScopedHostDevice device;
  device.api().limit_pinned(4096);
  {
    PinnedMemory staging(0, 4096), none, other;
    const Stream stream(0);
    const CudaQueue q = stream.queue();
    const DeviceBuffer<std::byte> there(q, 4096);
    std::memset(staging.data(), 7, 2048);
    copy<std::byte>(q, staging.data(), there.data(), 2048);
    copy<std::byte>(q, there.data(), staging.data() + 2048, 2048);
    synchronise(q);
    EXPECT_EQ(std::memcmp(staging.data(), staging.data() + 2048, 2048), 0);
    EXPECT_THROW(copy<std::byte>(q, staging.data() + 1, there.data(), 4096), DeviceError) << "beyond its end";
    other = std::move(staging);
    EXPECT_EQ(staging.data(), nullptr);
    EXPECT_EQ(other.size(), 4096u);
    EXPECT_EQ(none.data(), nullptr);
    EXPECT_THROW(PinnedMemory(0, 1), DeviceOutOfMemory);
    EXPECT_EQ(PinnedMemory(0, 0).data(), nullptr) << "nothing is asked for";
    EXPECT_EQ(device.api().live_pinned(), 1u);
  }
  EXPECT_EQ(device.api().live_pinned(), 0u);
  EXPECT_EQ(device.api().misuse().size(), 1u);
}

TEST(Device, TurnsEveryFailedCallIntoAnError) {
  ScopedHostDevice device;
  const Stream stream(0);
  const CudaQueue q = stream.queue();
  const DeviceBuffer<int> buffer(q, 4);
  int value = 1;
  const std::vector<std::function<void()>> calls{
      [&] { Stream(0); },
      [&] { device_memory(0); },
      [&] { PinnedMemory(0, 4); },
      [&] { DeviceBuffer<int>(q, 4); },
      [&] { copy(q, &value, buffer.data(), 1); },
      [&] { fill_bytes(q, buffer.data(), 0, 4); },
      [&] { launch_on_device(q, {}, "nothing"); },
      [&] { synchronise(q); },
  };
  for (const auto& call : calls) {
    device.api().fail_call(1, Kind::kFailed, Times::kOnce);
    EXPECT_THROW(call(), DeviceError);
    device.api().fail_call(1, Kind::kOutOfMemory, Times::kOnce);
    EXPECT_THROW(call(), DeviceOutOfMemory);
  }
}

TEST(Device, WaitingForTheCpuIsNothing) {
  EXPECT_NO_THROW(synchronise(Queue{CpuQueue{}}));
}

TEST(HostStandIn, HasWhatAStreamFreedBefore) {
  ScopedHostDevice device;
  device.api().limit_memory(1000);
  const Stream stream(0), other(0);
  for (int i = 0; i < 3; ++i) DeviceBuffer<char>(stream.queue(), 700);  // none of them waits
  EXPECT_EQ(device.api().live_allocations(), 1u);
  EXPECT_THROW(DeviceBuffer<char>(other.queue(), 700), DeviceOutOfMemory) << "in the order of its own stream alone";
}

TEST(HostStandIn, ServesThreadsWithAStreamEach) {
  ScopedHostDevice device;
  std::vector<std::thread> threads;
  std::vector<int> right(4, 0);
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&right, t] {
      PinnedMemory staging(0, 1000);
      const Stream stream(0);
      const CudaQueue q = stream.queue();
      for (int i = 0; i < 200; ++i) {
        const DeviceBuffer<std::byte> there(q, 500), again(q, 500);
        std::memset(staging.data(), t + i, 500);
        copy<std::byte>(q, staging.data(), there.data(), 500);
        copy<std::byte>(q, there.data(), again.data(), 500);
        copy<std::byte>(q, again.data(), staging.data() + 500, 500);
        synchronise(q);
        right[static_cast<std::size_t>(t)] += std::memcmp(staging.data(), staging.data() + 500, 500) == 0;
      }
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(right, std::vector<int>(4, 200));
  EXPECT_TRUE(device.api().misuse().empty());
  EXPECT_EQ(device.api().live_allocations() + device.api().live_pinned() + device.api().live_streams(), 0u);
}

TEST(HostStandIn, ReportsMisuse) {
  ScopedHostDevice device;
  const Stream stream(0);
  const CudaQueue q = stream.queue(), nowhere{nullptr, 0};
  const DeviceBuffer<char> buffer(q, 100);
  char host[200] = {};
  EXPECT_THROW(copy(q, host, buffer.data(), 101), DeviceError);
  EXPECT_THROW(copy<char>(q, buffer.data() + 50, host, 51), DeviceError);
  EXPECT_THROW(fill_bytes(q, buffer.data() + 99, 0, 2), DeviceError);
  EXPECT_THROW(synchronise(nowhere), DeviceError);
  EXPECT_THROW(launch_on_device(q, {}, "a kernel without a host form"), DeviceError);
  EXPECT_EQ(device.api().misuse().size(), 5u);
}

}  // namespace
}  // namespace hexaplex
