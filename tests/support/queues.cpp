#include "tests/support/queues.h"

#include <cstdlib>

namespace hexaplex::testing {

std::vector<QueueKind> all_queues() {
#if HX_WITH_CUDA
  return {QueueKind::kCpu, QueueKind::kCuda, QueueKind::kCudaStandIn};
#else
  return {QueueKind::kCpu};
#endif
}

std::string queue_name(const ::testing::TestParamInfo<QueueKind>& info) {
  switch (info.param) {
    case QueueKind::kCpu:
      return "cpu";
    case QueueKind::kCuda:
      return "cuda";
    default:
      return "cuda_standin";
  }
}

bool is_required(const std::string& backend) {
  const char* required = std::getenv("HEXAPLEX_REQUIRE_BACKEND");
  return required != nullptr && backend == required;
}

void QueueTest::SetUp() {
  if (GetParam() == QueueKind::kCpu) {
    queue_ = std::make_unique<Queue>(CpuQueue{});
    return;
  }
#if HX_WITH_CUDA
  if (GetParam() == QueueKind::kCudaStandIn) stand_in_ = std::make_unique<ScopedHostDevice>();
  if (const std::string reason = why_no_device(); !reason.empty()) {
    if (is_required("cuda")) FAIL() << "HEXAPLEX_REQUIRE_BACKEND=cuda, but: " << reason;
    GTEST_SKIP() << reason;
  }
  stream_ = std::make_unique<Stream>(choose_device());
  queue_ = std::make_unique<Queue>(stream_->queue());
#endif
}

void QueueTest::TearDown() {
  queue_.reset();
  stream_.reset();
  if (!stand_in_) return;
  EXPECT_TRUE(stand_in_->api().misuse().empty()) << stand_in_->api().misuse().front();
  EXPECT_EQ(stand_in_->api().live_allocations(), 0u) << "device memory leaked";
  EXPECT_EQ(stand_in_->api().live_streams(), 0u);
}

}  // namespace hexaplex::testing
