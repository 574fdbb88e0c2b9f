#include "core/quality/measure_slide.h"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>

#include "core/io/reader_pool.h"
#include "core/io/sample_bits.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

struct InReadingOrder {
  static auto key(const DamagedTile& t) {
    return std::tie(t.place.y, t.place.x, t.channels, t.place.height, t.place.width);
  }
  bool operator()(const DamagedTile& a, const DamagedTile& b) const { return key(a) < key(b); }
};

constexpr std::int64_t kBytesAtOnce = std::int64_t{16} << 20;

template <class T>
void look_up(HostPlane<T>& pixels, const std::vector<std::uint16_t>& table) {
  for (std::int64_t i = 0; i < pixels.extent().area(); ++i)
    pixels.data()[i] = static_cast<T>(table[std::min<std::size_t>(static_cast<std::size_t>(pixels.data()[i]), 255)]);
}

template <class T>
void measure(Slide& slide, std::span<const int> channels, int z, Rect window, const SquareOptions& options,
             Plane<SquareSums> squares, const LightTables& tables) {
  std::vector<HostPlane<T>> raw;
  std::vector<Plane<const T>> bands;
  for (const int channel : channels) {
    raw.emplace_back(window.extent());
    slide.read(channel, z, window, raw.back().view());
    if (!tables.empty()) look_up(raw.back(), tables[raw.size() - 1]);
    bands.push_back(raw.back().view());
  }
  HostPlane<std::uint8_t> scanned(window.extent());
  slide.read_scanned(channels, z, window, scanned.view());
  const Extent part = square_grid(window.extent());
  measure_squares(CpuQueue{1}, std::span<const Plane<const T>>(bands), options, scanned.view(),
                  squares.window({window.x / kQualitySquarePx, window.y / kQualitySquarePx, part.width, part.height}));
}

// A side of windows that holds whole blocks and whole squares, and at most `most` pixels unless that is less than one.
int window_side(int block, int most) {
  const int whole = block > 0 && block <= 4096 ? std::lcm(block, kQualitySquarePx) : kQualitySquarePx;
  const int step = whole <= 8192 ? whole : kQualitySquarePx;
  return std::max(step, most / step * step);
}

}  // namespace

void measure_window_squares(Slide& slide, std::span<const int> channels, int z, Rect window,
                            const SquareOptions& options, Plane<SquareSums> squares, const LightTables& tables) {
  HX_EXPECT(tables.empty() || (tables.size() == channels.size() && slide.info().sample_type == SampleType::uint8),
            "one table a channel, of samples of 8 bits");
  const Extent whole = slide.info().extent;
  HX_EXPECT(squares.extent == square_grid(whole), "the squares must be those of the slide");
  HX_EXPECT(window.x % kQualitySquarePx == 0 && window.y % kQualitySquarePx == 0,
            "a window starts at a multiple of the square's side");
  HX_EXPECT((window.width % kQualitySquarePx == 0 || window.right() == whole.width) &&
                (window.height % kQualitySquarePx == 0 || window.bottom() == whole.height),
            "a window holds whole squares");
  if (window.extent().empty()) return;
  if (fits_16_bits(slide.info().sample_type))
    measure<std::uint16_t>(slide, channels, z, window, options, squares, tables);
  else
    measure<float>(slide, channels, z, window, options, squares, tables);
}

SlideSquares measure_slide_squares(const CpuQueue& q, const SlideInfo& info, std::span<const int> channels, int z,
                                   const SquareOptions& options, const LightTables& tables) {
  const Extent whole = info.extent;
  SlideSquares out{HostPlane<SquareSums>(square_grid(whole), SquareSums{}), {}};
  std::set<DamagedTile, InReadingOrder> damaged;
  std::mutex guard;
  const std::int64_t pixel_bytes =
      static_cast<std::int64_t>(channels.size()) * (fits_16_bits(info.sample_type) ? 2 : 4);
  const int width = info.block.width >= whole.width
                        ? (whole.width + kQualitySquarePx - 1) / kQualitySquarePx * kQualitySquarePx
                        : window_side(info.block.width, 1024);
  const auto rows = static_cast<int>(std::clamp<std::int64_t>(kBytesAtOnce / (pixel_bytes * width), 1, 1024));
  const int height = window_side(info.block.height, rows);
  const int across = (whole.width - 1) / width + 1, down = (whole.height - 1) / height + 1;
  ReaderPool readers(info);
  for_each_task(q, static_cast<std::int64_t>(across) * down, [&](std::int64_t i) {
    const int x = static_cast<int>(i % across) * width, y = static_cast<int>(i / across) * height;
    const Rect window{x, y, std::min(width, whole.width - x), std::min(height, whole.height - y)};
    const ReaderPool::Lease slide(readers);
    measure_window_squares(*slide, channels, z, window, options, out.sums.view(), tables);
    std::vector<DamagedTile> tiles = slide->damaged_tiles(channels, z, window);
    const std::lock_guard<std::mutex> lock(guard);
    for (DamagedTile& tile : tiles) damaged.insert(std::move(tile));  // windows share tiles
  });
  out.damaged.assign(damaged.begin(), damaged.end());
  return out;
}

}  // namespace hexaplex
