#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "kernels/runtime/device.h"
#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/queue.h"
#include "kernels/runtime/queue_plane.h"
#include "tests/support/host_device_api.h"

namespace hexaplex::testing {

enum class QueueKind { kCpu, kCuda, kCudaStandIn };

/// The queues that operators are tested on: the CPU always; in a build with CUDA also the GPU (skipped, visibly, where
/// there is none) and the host stand-in, which runs the CUDA twin without a GPU.
std::vector<QueueKind> all_queues();

/// For INSTANTIATE_TEST_SUITE_P(Queues, MyTest, ::testing::ValuesIn(all_queues()), queue_name).
std::string queue_name(const ::testing::TestParamInfo<QueueKind>& info);

/// Whether HEXAPLEX_REQUIRE_BACKEND names `backend`: its absence is then a failure, not a skip.
bool is_required(const std::string& backend);

/// A plane where a queue's operators can reach it: host memory for the CPU, device memory for CUDA.
template <class T>
class PlaneOnQueue {
 public:
  PlaneOnQueue(const Queue& q, const HostPlane<T>& pixels) : queue_(q), plane_(upload<T>(q, pixels.view())) {}
  Plane<T> view() { return plane_.view(); }

  /// Waits for the queue and fetches the pixels.
  HostPlane<T> pixels() { return download<T>(queue_, plane_.view()); }

 private:
  Queue queue_;
  QueuePlane<T> plane_;
};

/// A fixture over all_queues(): `queue()` is ready to use, or the test is skipped before it starts.
class QueueTest : public ::testing::TestWithParam<QueueKind> {
 protected:
  void SetUp() override;
  void TearDown() override;
  Queue& queue() { return *queue_; }

  template <class T>
  PlaneOnQueue<T> on_queue(const HostPlane<T>& pixels) {
    return PlaneOnQueue<T>(queue(), pixels);
  }

 private:
  std::unique_ptr<ScopedHostDevice> stand_in_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<Queue> queue_;
};

}  // namespace hexaplex::testing
