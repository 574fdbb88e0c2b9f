// Cells whose sums and medians come from a device: the table of the CPU, whatever the device has, lacks or does.
#include "core/cells/measure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "kernels/runtime/error.h"
#include "tests/support/core/painted_cells.h"
#include "tests/support/core/streamed_planes.h"
#include "tests/support/host_device_api.h"

namespace hexaplex {
namespace {

#if HX_WITH_CUDA

using test::expect_same;
using test::PaintedCells;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ScopedHostDevice;
using Mode = DeviceChoice::Mode;

class MeasureOnDevice : public ::testing::Test {
 protected:
  CellTable measured(ComputePlace& place, const ChannelSource& source, TileShape tile,
                     const MeasureOptions& options = {}) const {
    return measure_cells(CpuQueue{}, place, source, channels_, p_.labels, 0.5, membrane_um_, tile, options);
  }
  CellTable on_cpu(const MeasureOptions& options = {}) const {
    ComputePlace cpu;
    return measured(cpu, held(), {}, options);
  }
  HeldChannels held() const { return {p_.e, p_.names, p_.views()}; }
  static DeviceChoice choice(Mode mode) {
    DeviceChoice c;
    c.mode = mode;
    return c;
  }

  PaintedCells p_;
  std::vector<int> channels_{2, 0, 1};
  double membrane_um_ = 1.3;
};

TEST_F(MeasureOnDevice, GivesTheTableOfTheCpuInAnyTiles) {
  const test::StreamedPlanes streamed(p_.e, p_.names, p_.views());
  for (const double membrane : {0.5, 1.3, 4.0}) {
    membrane_um_ = membrane;
    const CellTable want = on_cpu();
    ASSERT_GT(want.size(), 250u);
    for (const TileShape tile : {TileShape{}, TileShape(100, 333, 9), TileShape(256)}) {
      ScopedHostDevice device;
      {
        ComputePlace place(choice(Mode::cuda));
        expect_same(want, measured(place, held(), tile));
        expect_same(want, measured(place, streamed, tile));
        EXPECT_THAT(place.stages(), ElementsAre("measuring"));
      }
      EXPECT_EQ(device.api().live_allocations(), 0u) << "device memory leaked";
      EXPECT_EQ(device.api().live_pinned(), 0u) << "pinned memory leaked";
    }
  }
}

TEST_F(MeasureOnDevice, LeavesOutWhatIsNotWanted) {
  for (const MeasureOptions& options :
       {MeasureOptions{.medians = false}, MeasureOptions{.shapes = false}, MeasureOptions{.means_only = true}}) {
    const CellTable want = on_cpu(options);
    const ScopedHostDevice device;
    ComputePlace place(choice(Mode::cuda));
    expect_same(want, measured(place, held(), 200, options));
  }
  channels_.clear();
  const CellTable want = on_cpu();
  const ScopedHostDevice device;
  ComputePlace place(choice(Mode::cuda));
  expect_same(want, measured(place, held(), 200));
}

// Nuclei that lie over cells of another label, over none, and in several parts.
TEST_F(MeasureOnDevice, TakesNucleiOverOtherCells) {
  for (int y = 100; y < 400; ++y)
    for (int x = 100; x < 500; ++x)
      if ((x / 9 + y / 7) % 3 == 0)
        p_.labels.nucleus(x, y) = 4402 + 2 * static_cast<std::uint32_t>((x / 40 + y / 30) % 50);
  const CellTable want = on_cpu();
  const ScopedHostDevice device;
  ComputePlace place(choice(Mode::cuda));
  expect_same(want, measured(place, held(), 256));
  p_.labels.nucleus = {};
  expect_same(on_cpu(), measured(place, held(), 256));
}

TEST_F(MeasureOnDevice, TakesFewerCellsAtATimeWhereMemoryIsShort) {
  const CellTable want = on_cpu();
  for (const std::size_t bytes : {std::size_t{1} << 14, std::size_t{1} << 20, std::size_t{3} << 20}) {
    ScopedHostDevice device;
    device.api().limit_memory(bytes);
    ComputePlace place(choice(Mode::automatic));
    expect_same(want, measured(place, held(), 0));
    const bool any = bytes > std::size_t{1} << 16;
    EXPECT_EQ(place.stages().size(), any ? 1u : 0u) << bytes;
    EXPECT_EQ(place.fallbacks().empty(), any) << bytes;
    if (!any) {
      EXPECT_THAT(place.fallbacks(), Contains(HasSubstr("measuring")));
    }
  }
}

TEST_F(MeasureOnDevice, SendsFewerCellsAtATimeThanTakeTooMuchOfTheHost) {
  const CellTable want = on_cpu();
  ScopedHostDevice device;
  ComputePlace place(choice(Mode::cuda));
  expect_same(want, measured(place, held(), 0));
  EXPECT_GT(device.api().most_pinned(), std::size_t{4} << 20);
  EXPECT_LE(device.api().most_pinned(), std::size_t{9} << 20) << "where all take 11.5 million, and results a mebibyte";
}

TEST_F(MeasureOnDevice, EndsInTheRightTableOrATypedErrorWhicheverCallFails) {
  using Kind = DeviceStatus::Kind;
  using Times = testing::HostDeviceApi::Times;
  const CellTable want = on_cpu();
  ScopedHostDevice device;
  {
    ComputePlace place(choice(Mode::cuda));
    expect_same(want, measured(place, held(), 300));
  }
  const int calls = static_cast<int>(device.api().calls().size());
  EXPECT_GT(calls, 100);
  int failed = 0, fell_back = 0;
  for (const Kind kind : {Kind::kOutOfMemory, Kind::kLost, Kind::kFailed})
    for (const Times times : {Times::kOnce, Times::kForever})
      for (int n = 2; n <= calls; n += 1 + calls / 10) {
        device.api().fail_call(n, kind, times);
        {
          ComputePlace place(choice(Mode::automatic));
          expect_same(want, measured(place, held(), 300));
          fell_back += place.fallbacks().empty() ? 0 : 1;
        }
        device.api().fail_call(n, kind, times);
        try {
          ComputePlace place(choice(Mode::cuda));
          expect_same(want, measured(place, held(), 300));
        } catch (const DeviceOutOfMemory&) {
          EXPECT_EQ(kind, Kind::kOutOfMemory);
          ++failed;
        } catch (const DeviceError& e) {
          EXPECT_GT(std::string(e.what()).size(), 20u);
          ++failed;
        }
        device.api().fail_nothing();
      }
  EXPECT_GT(failed, 15);
  EXPECT_GT(fell_back, 15);
  EXPECT_TRUE(device.api().misuse().empty()) << device.api().misuse().front();
  ComputePlace place(choice(Mode::cuda));
  expect_same(want, measured(place, held(), 300));
}

#endif

}  // namespace
}  // namespace hexaplex
