#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>

#include "kernels/runtime/device.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/host_plane.h"
#include "tests/support/host_device_api.h"

namespace hexaplex::testing {

/// One use of a device, from its choice to its end.
class DeviceUse {
 public:
  CudaQueue queue() const { return stream_.queue(); }

  template <class T>
  Plane<T> upload(const HostPlane<T>& pixels) {
    const auto device = std::make_shared<DevicePlane<T>>(queue(), pixels.extent());
    on_device_.push_back(device);
    copy_and_wait<T>(queue(), pixels.view(), device->view());
    return device->view();
  }

  template <class T>
  HostPlane<T> download(Plane<T> pixels) {
    HostPlane<T> host(pixels.extent);
    copy_and_wait<T>(queue(), pixels, host.view());
    return host;
  }

 private:
  Stream stream_{choose_device()};
  std::deque<std::shared_ptr<void>> on_device_;
};

/// Calls `work(DeviceUse&)`, which returns whether what it made is right, on a stand-in whose every call fails in turn,
/// once and for ever, in every way: the end must be the right answer or a typed error with a sentence, and the next use
/// must succeed. `calls_at_least`: what the work is known to need, so that a test of nothing fails.
template <class Work>
void expect_right_answers_or_typed_errors(Work work, int calls_at_least) {
  using Kind = DeviceStatus::Kind;
  using Times = HostDeviceApi::Times;
  ScopedHostDevice device;
  const auto use = [&] {
    DeviceUse one;
    return static_cast<bool>(work(one));
  };
  ASSERT_TRUE(use());
  const int calls = static_cast<int>(device.api().calls().size());
  EXPECT_GE(calls, calls_at_least);
  for (const Kind kind :
       {Kind::kOutOfMemory, Kind::kNoDriver, Kind::kNoDevice, Kind::kNoKernelImage, Kind::kLost, Kind::kFailed})
    for (const Times times : {Times::kOnce, Times::kForever})
      for (int n = 1; n <= calls; ++n) {
        device.api().forget_calls();
        device.api().fail_call(n, kind, times);
        const std::string which = "call " + std::to_string(n) + " of kind " + std::to_string(static_cast<int>(kind));
        try {
          EXPECT_TRUE(use()) << "a wrong answer after a failure of " << which;
          // Only calls of destructors, which cannot throw, may go unnoticed.
          const std::string failed = device.api().calls().at(static_cast<std::size_t>(n - 1));
          EXPECT_TRUE(failed == "free" || failed == "synchronise" || failed == "destroy_stream")
              << which << ": " << failed;
        } catch (const OutOfMemory&) {
          EXPECT_EQ(kind, Kind::kOutOfMemory) << which;
        } catch (const DeviceError& e) {
          EXPECT_GT(std::string(e.what()).size(), 20u) << "a sentence, please";
        }
        device.api().fail_nothing();
        EXPECT_TRUE(use()) << "after a failure of " << which;
      }
  EXPECT_TRUE(device.api().misuse().empty()) << device.api().misuse().front();
}

}  // namespace hexaplex::testing
