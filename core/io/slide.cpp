#include "core/io/slide.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

void check_finite(const SlideInfo& info, int level, int channel, Rect window, Plane<const float> pixels) {
  for (int y = 0; y < pixels.height(); ++y) {
    for (int x = 0; x < pixels.width(); ++x) {
      if (std::isfinite(pixels(x, y))) continue;
      const std::string& name = info.channels[static_cast<std::size_t>(channel)].name;
      throw InputError(
          info.path.string(),
          fmt::format("channel {}{} is {} at x {}, y {}{}; pixels must be finite numbers, export it again", channel + 1,
                      name.empty() ? "" : " (" + name + ")", std::isnan(pixels(x, y)) ? "not a number" : "infinite",
                      window.x + x, window.y + y, level > 0 ? fmt::format(" of level {}", level) : ""));
    }
  }
}

}  // namespace

void Slide::check_read(int level, int channel, int z, Rect window, Extent dst) const {
  HX_EXPECT(channel >= 0 && channel < static_cast<int>(info_.channels.size()), "the slide has no such channel");
  HX_EXPECT(z >= 0 && z < info_.z_count, "the slide has no such z plane");
  HX_EXPECT(level >= 0 && level < static_cast<int>(info_.levels.size()), "the slide has no such level");
  const Extent extent = info_.levels[static_cast<std::size_t>(level)];
  HX_EXPECT(window.x >= 0 && window.y >= 0 && window.width >= 0 && window.height >= 0 &&
                window.width <= extent.width - window.x && window.height <= extent.height - window.y,
            "the window leaves the slide");
  HX_EXPECT(window.extent() == dst, "window and destination differ in size");
}

void Slide::read(int channel, int z, Rect window, Plane<float> dst, int level) {
  check_read(level, channel, z, window, dst.extent);
  if (window.extent().empty()) return;
  read_level(level, channel, z, window, dst);
  if (info_.sample_type == SampleType::float32) check_finite(info_, level, channel, window, dst);
}

void Slide::read(int channel, int z, Rect window, Plane<std::uint16_t> dst, int level) {
  HX_EXPECT(info_.sample_type == SampleType::uint8 || info_.sample_type == SampleType::uint16,
            "only unsigned samples of up to 16 bits can be read as such");
  check_read(level, channel, z, window, dst.extent);
  if (!window.extent().empty()) read_level(level, channel, z, window, dst);
}

void Slide::read_scanned(std::span<const int> channels, int z, Rect window, Plane<std::uint8_t> dst, int level) {
  for (const int channel : channels) check_read(level, channel, z, window, dst.extent);
  HX_EXPECT(!channels.empty(), "one channel at least is needed");
  if (window.extent().empty()) return;
  read_scanned_level(level, window, dst);
  for (const DamagedTile& tile : damaged_in_level(level, channels, z, window)) {
    const Rect hole = common(tile.place, window);
    for (int y = hole.y; y < hole.bottom(); ++y)
      std::fill_n(dst.row(y - window.y) + (hole.x - window.x), hole.width, std::uint8_t{0});
  }
}

std::vector<DamagedTile> Slide::damaged_tiles(std::span<const int> channels, int z, Rect window, int level) {
  for (const int channel : channels) check_read(level, channel, z, window, window.extent());
  HX_EXPECT(!channels.empty(), "one channel at least is needed");
  if (window.extent().empty()) return {};
  return damaged_in_level(level, channels, z, window);
}

void Slide::read_scanned_level(int, Rect, Plane<std::uint8_t> dst) {
  for (int y = 0; y < dst.height(); ++y) std::fill_n(dst.row(y), dst.width(), std::uint8_t{1});
}

std::vector<DamagedTile> Slide::damaged_in_level(int, std::span<const int>, int, Rect) {
  return {};
}

}  // namespace hexaplex
