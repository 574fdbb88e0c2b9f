#include <gtest/gtest.h>

#include "kernels/intensity/logarithm.h"
#include "kernels/intensity/logarithm_chain.h"
#include "kernels/runtime/error.h"
#include "tests/support/failing_calls.h"
#include "tests/support/framed_on_queue.h"
#include "tests/support/pixels.h"
#include "tests/support/queues.h"
#include "tests/support/windows.h"

// The table itself is held against the C library's logarithm in quantise_test.cpp.

namespace hexaplex {
namespace {

using testing::same_pixels;
using Pixels = HostPlane<std::uint16_t>;

// Every value there is.
Pixels all_values() {
  Pixels out({512, 128});
  for (int i = 0; i < 65536; ++i) out.data()[i] = static_cast<std::uint16_t>(40503 * i);
  return out;
}

Pixels by_table(const Pixels& src, double soft) {
  Pixels out(src.extent());
  apply_table(CpuQueue{}, src.view(), out.view(), log_table(soft));
  return out;
}

class LogarithmTwins : public testing::QueueTest {};

TEST_P(LogarithmTwins, AreTheTable) {
  for (const double soft : {0.05, 0.3, 1.0}) {
    const Pixels src = all_values();
    auto in = on_queue(src), out = on_queue(Pixels(src.extent(), 7));
    take_logarithm(queue(), in.view(), out.view(), soft);
    EXPECT_TRUE(same_pixels(by_table(src, soft), out.pixels())) << soft;
    take_logarithm(queue(), in.view(), in.view(), soft);
    EXPECT_TRUE(same_pixels(by_table(src, soft), in.pixels())) << soft << ", in place";
  }
}

TEST_P(LogarithmTwins, KeepToTheirWindows) {
  const Pixels src = all_values();
  testing::FramedOnQueue<std::uint16_t> in(queue(), src), out(queue(), Pixels(src.extent(), 7));
  take_logarithm(queue(), in.view(), out.view(), 0.05);
  EXPECT_TRUE(same_pixels(by_table(src, 0.05), out.pixels()));
  EXPECT_TRUE(out.surroundings_untouched());
}

TEST_P(LogarithmTwins, RefuseAnOffsetThatTheTableCannotHold) {
  auto plane = on_queue(Pixels({4, 4}, 1)), other = on_queue(Pixels({4, 5}, 1));
  EXPECT_THROW(take_logarithm(queue(), plane.view(), plane.view(), 0.049), InvalidArgument);
  EXPECT_THROW(take_logarithm(queue(), plane.view(), plane.view(), 1.1), InvalidArgument);
  EXPECT_THROW(take_logarithm(queue(), plane.view(), other.view(), 0.5), InvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(Queues, LogarithmTwins, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

TEST(LogarithmChain, IsTheTableOnAnyNumberOfThreads) {
  const Pixels src = all_values(), want = by_table(src, 0.05);
  testing::for_thread_counts([&] {
    Pixels got(src.extent());
    detail::take_logarithm_chain(CpuQueue{}, Plane<const std::uint16_t>(src.view()), got.view(), 0.05);
    EXPECT_TRUE(same_pixels(want, got));
  });
}

}  // namespace
}  // namespace hexaplex
