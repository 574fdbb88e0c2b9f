// Slides whose heavy stages run on a device: the files of the CPU, whatever the device has, lacks or does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "core/panel/load_panel.h"
#include "core/pipeline/run_slide.h"
#include "kernels/runtime/error.h"
#include "tests/support/core/painted_nuclei.h"
#include "tests/support/core/result_files.h"
#include "tests/support/core/tiff_builder.h"
#include "tests/support/host_device_api.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

namespace fs = std::filesystem;
using hexaplex::testing::HostDeviceApi;
using hexaplex::testing::ScopedHostDevice;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = DeviceStatus::Kind;
using Mode = DeviceChoice::Mode;
using Times = HostDeviceApi::Times;

struct Result : ResultFiles {
  using ResultFiles::ResultFiles;
  std::vector<std::string> fallbacks() const { return execution.at("fallbacks"); }
};

void expect_same_files(const Result& want, const Result& got) {
  EXPECT_GT(want.files.size(), 6u);
  ASSERT_EQ(want.files.size(), got.files.size());
  for (const auto& [name, bytes] : want.files) EXPECT_TRUE(bytes == got.files.at(name)) << name;
}

// --- a small multispectral slide

constexpr Extent kSmall{180, 150};

const char* const kLibrary =
    "band,DAPI,CD3,Autofluorescence\nb1,1,0.1,0.3\nb2,0.2,1,0.3\nb3,0.05,0.4,0.5\nb4,0,0.1,1\n";

std::vector<BuiltPage> bands_of(const HostPlane<float>& nuclei, const HostPlane<float>& marker) {
  const double library[4][3] = {{1, 0.1, 0.3}, {0.2, 1, 0.3}, {0.05, 0.4, 0.5}, {0, 0.1, 1}};
  std::vector<BuiltPage> pages;
  for (int b = 0; b < 4; ++b) {
    std::vector<std::uint64_t> pixels;
    for (int y = 0; y < nuclei.height(); ++y)
      for (int x = 0; x < nuclei.width(); ++x)
        pixels.push_back(static_cast<std::uint64_t>(
            library[b][0] * nuclei(x, y) + library[b][1] * marker(x, y) +
            library[b][2] * (0.3f * marker(x, y) + static_cast<float>((x * 7 + y * 13) % 5))));
    pages.push_back(grey_page(static_cast<std::uint32_t>(nuclei.width()), static_cast<std::uint32_t>(nuclei.height()),
                              pixels, 16, 16));
    pages.back().set(296, 3, 3).set_fraction(282, 20000, 1).set_fraction(283, 20000, 1);
  }
  return pages;
}

class SlideOnDevice : public ::testing::Test {
 protected:
  SlideOnDevice() {
    const auto nuclei = testing::paint_field(kSmall, 14, 7, 0.5, 3).image;
    const auto marker = testing::paint_field(kSmall, 24, 9, 0.5, 8).image;
    slide_ = folder_.write("small.tif", build_tiff(bands_of(nuclei, marker)).bytes);
    options_.library = folder_.write("library.csv", std::string(kLibrary));
    panel_ = parse_panel(
        "name: two\nmodality: multispectral\n"
        "channels: [{marker: DAPI, compartment: nucleus}, {marker: CD3, compartment: membrane}]\n"
        "segmentation: {nuclear: DAPI, membrane: [CD3], nucleus_um: 7}\nquality: {mask: 'off'}\n"
        "positivity: {default: {method: fixed, value: 300}}\nphenotypes: [{name: T, when: CD3}]\n",
        "");
    options_.tile_px = 64;
  }

  Result run(Mode mode) {
    options_.device.mode = mode;
    options_.out = folder_.path() / ("out" + std::to_string(++runs_));
    const Result result(run_slide(slide_, panel_, options_).result);
    fs::remove_all(options_.out);
    return result;
  }
  const Result& on_cpu() {
    if (!cpu_) cpu_.emplace(run(Mode::cpu));
    return *cpu_;
  }
  static void expect_nothing_left(const HostDeviceApi& api) {
    EXPECT_TRUE(api.misuse().empty()) << api.misuse().front();
    EXPECT_EQ(api.live_allocations(), 0u) << "device memory leaked";
    EXPECT_EQ(api.live_pinned(), 0u) << "pinned memory leaked";
    EXPECT_EQ(api.live_streams(), 0u);
  }

  const TemporaryFolder folder_;
  fs::path slide_;
  Panel panel_;
  RunOptions options_;

 private:
  std::optional<Result> cpu_;
  int runs_ = 0;
};

#if HX_WITH_CUDA

TEST_F(SlideOnDevice, HasTheFilesOfTheCpu) {
  panel_ = load_panel("aml-marrow-6plex");  // with giants
  slide_ = ::hexaplex::testing::source_folder() / "sample_images" / "marrow" / "before.ome.tif";
  options_.library = ::hexaplex::testing::source_folder() / "sample_images" / "marrow" / "library.csv";
  options_.write_unmixed = true;
  for (const UnmixMethod method : {UnmixMethod::non_negative, UnmixMethod::least_squares}) {
    options_.unmixing = method;
    const Result want = run(Mode::cpu);
    EXPECT_FALSE(want.execution.contains("on_device"));
    ScopedHostDevice device;
    for (const int tile : {0, 200}) {
      options_.tile_px = tile;
      const Result got = run(Mode::cuda);
      expect_same_files(want, got);
      EXPECT_THAT(got.fallbacks(), IsEmpty());
      EXPECT_THAT(got.execution.at("device").get<std::string>(), HasSubstr("host stand-in (cuda:0) and CPU"));
      EXPECT_THAT(got.execution.at("on_device").get<std::vector<std::string>>(),
                  ElementsAre("unmixing", "nuclei", "cells", "measuring"));
      EXPECT_GT(got.execution.at("peak_device_memory_bytes").get<std::int64_t>(), 1 << 20);
    }
    expect_nothing_left(device.api());
  }
}

TEST_F(SlideOnDevice, OfAStainedSectionHasThemToo) {
  panel_ = load_panel("bpdcn-infiltration-ihc");
  slide_ = ::hexaplex::testing::source_folder() / "sample_images" / "sections" / "hdab.ome.tif";
  options_.library.reset();
  const Result want = run(Mode::cpu);
  ScopedHostDevice device;
  const Result got = run(Mode::cuda);
  expect_same_files(want, got);
  EXPECT_THAT(got.execution.at("on_device").get<std::vector<std::string>>(),
              ElementsAre("nuclei", "cells", "measuring"));
  expect_nothing_left(device.api());
}

TEST_F(SlideOnDevice, HasThemWhereChannelsAreNotHeldToo) {
  const Result& want = on_cpu();
  ScopedHostDevice device;
  options_.memory_limit_bytes = std::int64_t{600} << 20;
  options_.checkpoint_pixels = 0;
  expect_same_files(want, run(Mode::automatic));
  expect_nothing_left(device.api());
}

TEST_F(SlideOnDevice, OfSeveralPiecesHasThemToo) {
  constexpr Extent kGlass{1504, 1120};
  HostPlane<float> nuclei(kGlass, 15), marker(kGlass, 15);
  // Pieces of their own brightness, one with glass inside its box: their levels differ from those of the slide.
  const struct {
    Rect place;
    float light;
  } tissue[] = {{{96, 128, 420, 110}, 0.5f}, {{96, 238, 110, 260}, 0.5f}, {{992, 640, 352, 300}, 1}};
  for (const auto& [r, light] : tissue) {
    const auto a = testing::paint_field(r.extent(), 18, 7, 1, 1).image;
    const auto b = testing::paint_field(r.extent(), 26, 7, 0.5, 2).image;
    for (int y = 0; y < r.height; ++y)
      for (int x = 0; x < r.width; ++x) {
        nuclei(r.x + x, r.y + y) += light * a(x, y);
        marker(r.x + x, r.y + y) += light * b(x, y);
      }
  }
  slide_ = folder_.write("glass.tif", build_tiff(bands_of(nuclei, marker)).bytes);
  panel_.quality.mask = true;
  const Result want = run(Mode::cpu);
  ScopedHostDevice device;
  expect_same_files(want, run(Mode::cuda));
  // Too small for one of the pieces: the device takes it in tiles.
  device.api().limit_memory(std::size_t{21} << 20);
  for (const Mode mode : {Mode::automatic, Mode::cuda}) {
    const Result mixed = run(mode);
    expect_same_files(want, mixed);
    EXPECT_THAT(mixed.fallbacks(), IsEmpty());
    options_.memory_limit_bytes = std::int64_t{600} << 20;  // then with smoothed images that are made again
    options_.checkpoint_pixels = 0;
  }
  expect_nothing_left(device.api());
}

TEST_F(SlideOnDevice, TakesNoMoreThanThereIs) {
  const Result& want = on_cpu();
  ScopedHostDevice device;
  for (const std::size_t bytes : {0ul, 1ul << 16, 1ul << 18, 1ul << 20, 1ul << 21, 1ul << 22, 1ul << 23, 1ul << 25}) {
    device.api().limit_memory(bytes);
    const Result got = run(Mode::automatic);
    expect_same_files(want, got);
    EXPECT_EQ(got.fallbacks().empty(), bytes >= (1ul << 22)) << bytes;
    EXPECT_LE(got.execution.at("peak_device_memory_bytes").get<std::size_t>(), bytes);
    try {
      expect_same_files(want, run(Mode::cuda));
    } catch (const DeviceOutOfMemory& e) {
      EXPECT_THAT(e.what(), HasSubstr("bytes"));
      EXPECT_FALSE(got.fallbacks().empty()) << "what one can the other can";
    }
    EXPECT_FALSE(fs::exists(options_.out / "small"));
  }
  device.api().limit_memory(std::size_t{1} << 30);
  device.api().limit_pinned(std::size_t{1} << 16);
  expect_same_files(want, run(Mode::automatic));
  expect_nothing_left(device.api());
}

TEST_F(SlideOnDevice, KeepsWithinTheLimitThatItIsGiven) {
  const Result& want = on_cpu();
  ScopedHostDevice device;
  options_.device.limit_bytes = std::int64_t{1} << 20;
  const Result by_bytes = run(Mode::automatic);
  expect_same_files(want, by_bytes);
  EXPECT_THAT(by_bytes.fallbacks(), Contains(HasSubstr("where 262144 may be taken")));
  options_.device.limit_bytes = 0;
  device.api().devices[0].memory_bytes = std::size_t{100} << 20;
  options_.device.limit_percent = 1;
  expect_same_files(want, run(Mode::automatic));
  EXPECT_THROW(run(Mode::cuda), DeviceOutOfMemory);
  options_.device.limit_percent = 50;
  EXPECT_THAT(run(Mode::cuda).fallbacks(), IsEmpty());
}

// Every device call of a run cannot fail in turn in a test's time: some of them, spread over all.
TEST_F(SlideOnDevice, EndsInTheRightFilesOrATypedErrorWhicheverCallFails) {
  constexpr int kSampled = 10;
  const Result& want = on_cpu();
  ScopedHostDevice device;
  HostDeviceApi& api = device.api();
  (void)run(Mode::cuda);
  const int calls = static_cast<int>(api.calls().size());
  EXPECT_GT(calls, 200);
  int failed = 0, fell_back = 0;
  for (const Kind kind : {Kind::kOutOfMemory, Kind::kNoKernelImage, Kind::kLost, Kind::kFailed})
    for (const Times times : {Times::kOnce, Times::kForever})
      for (int k = 0; k < kSampled; ++k) {
        // The first ones look for the device. Their order varies with the threads, so any offset will do.
        const int n = 1 + k * (calls - 1) / (kSampled - 1) - (k > 0 && k + 1 < kSampled ? static_cast<int>(kind) : 0);
        const std::string which = "call " + std::to_string(n) + " of kind " + std::to_string(static_cast<int>(kind));
        api.fail_call(n, kind, times);
        const Result got = run(Mode::automatic);
        expect_same_files(want, got);
        fell_back += got.fallbacks().empty() ? 0 : 1;
        api.fail_call(n, kind, times);
        try {
          expect_same_files(want, run(Mode::cuda));
        } catch (const DeviceOutOfMemory&) {
          EXPECT_EQ(kind, Kind::kOutOfMemory) << which;
          ++failed;
        } catch (const DeviceError& e) {
          EXPECT_TRUE(kind != Kind::kOutOfMemory || n == 1) << which << ": only a look for devices needs no memory";
          EXPECT_GT(std::string(e.what()).size(), 20u) << "a sentence, please";
          ++failed;
        }
        EXPECT_FALSE(fs::exists(options_.out / "small")) << which << ": something was published";
        api.fail_nothing();
      }
  EXPECT_GT(failed, 30);
  EXPECT_GT(fell_back, 30);
  EXPECT_TRUE(api.misuse().empty()) << api.misuse().front();
  expect_same_files(want, run(Mode::cuda));
}

TEST_F(SlideOnDevice, GoesOnOnTheCpuFromWhereTheDeviceFailed) {
  const Result& want = on_cpu();
  ScopedHostDevice device;
  (void)run(Mode::cuda);
  const int calls = static_cast<int>(device.api().calls().size());
  device.api().fail_call(calls / 2, Kind::kLost, Times::kForever);
  const Result got = run(Mode::automatic);
  expect_same_files(want, got);
  ASSERT_EQ(got.fallbacks().size(), 1u);
  EXPECT_THAT(got.fallbacks()[0], HasSubstr("and all that followed went on on the CPU"));
  EXPECT_THAT(got.fallbacks()[0], HasSubstr("cannot be used again in this process"));
}

#endif

TEST_F(SlideOnDevice, RunsOnTheCpuWhereThereIsNone) {
  const Result& want = on_cpu();
  ScopedHostDevice device;
  device.api().devices.clear();
  const Result got = run(Mode::automatic);
  expect_same_files(want, got);
  ASSERT_EQ(got.fallbacks().size(), 1u);
#if HX_WITH_CUDA
  EXPECT_THAT(got.fallbacks()[0], HasSubstr("everything ran on the CPU: no CUDA device was found"));
#else
  EXPECT_THAT(got.fallbacks()[0], HasSubstr("built without CUDA"));
#endif
  EXPECT_EQ(got.execution.at("device"), want.execution.at("device"));
  EXPECT_THROW(run(Mode::cuda), DeviceError);
}

}  // namespace
}  // namespace hexaplex::test
