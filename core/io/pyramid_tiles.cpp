#include "core/io/pyramid_tiles.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "core/io/tile_encoder.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

constexpr int kTile = PyramidGrid::kTile;
constexpr std::size_t kTilePixels = static_cast<std::size_t>(kTile) * kTile;

// Log2 of a block's side in tiles.
int block_level(std::size_t channels) {
  constexpr std::size_t kMostBytes = std::size_t{64} << 20;
  constexpr int kMostLevel = 3;  // 64 tiles of each channel feed any number of threads
  int level = kMostLevel;
  while (level > 0 && channels * kTilePixels * 4 << (2 * level) > kMostBytes) --level;
  return level;
}

// A pixel of a level is the pixel of full resolution at the same place times 2^level.
int first_at_or_after(int full_resolution_px, int level) {
  return static_cast<int>((static_cast<std::int64_t>(full_resolution_px) + (std::int64_t{1} << level) - 1) >> level);
}

// dst(x, y) = src(x << level, y << level)
template <class T>
void decimate(const Plane<const T>& src, int level, const Plane<T>& dst) {
  for (int y = 0; y < dst.height(); ++y) {
    const T* from = src.data + (static_cast<std::ptrdiff_t>(y) << level) * src.pitch;
    T* to = dst.row(y);
    if (level == 0)
      std::memcpy(to, from, static_cast<std::size_t>(dst.width()) * sizeof(T));
    else
      for (int x = 0; x < dst.width(); ++x) to[x] = from[static_cast<std::ptrdiff_t>(x) << level];
  }
}

// What one thread needs to make a tile.
template <class T>
struct Worker {
  explicit Worker(ImageCodec codec) : encoder(codec), tile(kTilePixels) {}
  TileEncoder encoder;
  std::vector<T> tile;
};

template <class T>
class TileWriter {
 public:
  TileWriter(const CpuQueue& q, OutputFile& file, std::uint64_t at, const PyramidGrid& grid, std::size_t channels,
             const PyramidWindows<T>& windows, ImageCodec codec)
      : q_(q),
        file_(file),
        at_(at),
        grid_(grid),
        channels_(channels),
        windows_(windows),
        codec_(codec),
        levels_(grid.levels()),
        block_level_(std::min(block_level(channels), levels_ - 1)) {
    tables_.resize(channels_);
    for (auto& levels : tables_)
      for (int l = 0; l < levels_; ++l) {
        const auto count = static_cast<std::size_t>(grid_.tiles(l).area());
        levels.push_back({std::vector<std::uint64_t>(count), std::vector<std::uint32_t>(count)});
      }
    open_.resize(static_cast<std::size_t>(levels_ - 1 - block_level_));
    for (auto& tile : open_) tile.resize(channels_ * kTilePixels);
  }

  std::vector<std::vector<TileTable>> write() {
    write_subtree({levels_ - 1, 0, 0});
    write_packed();
    return std::move(tables_);
  }

 private:
  struct Packed {
    PyramidTile tile;
    std::size_t channel;
    std::string bytes;
  };

  void write_subtree(PyramidTile t) {
    if (!grid_.holds(t)) return;
    if (t.level <= block_level_) return write_block(t);
    for (int i = 0; i < 4; ++i) write_subtree({t.level - 1, 2 * t.x + i % 2, 2 * t.y + i / 2});
    const Rect r = grid_.pixels(t);
    encode({t}, [&](PyramidTile, std::size_t c, const Plane<T>& dst) {
      decimate<T>(open_tile(t.level, c).window({0, 0, r.width, r.height}), 0, dst);
    });
  }

  void write_block(PyramidTile root) {
    const int side = kTile << root.level, left = root.x * side, top = root.y * side;
    const Rect window{left, top, std::min(side, grid_.full.width - left), std::min(side, grid_.full.height - top)};
    const std::span<const Plane<const T>> pixels = windows_(window);
    HX_EXPECT(pixels.size() == channels_, "a window needs one plane for each channel");
    for (const auto& p : pixels) HX_EXPECT(p.extent == window.extent(), "a plane must have the window's extent");
    for_each_task(q_, static_cast<std::int64_t>(channels_), [&](std::int64_t i) {
      const auto c = static_cast<std::size_t>(i);
      for (int l = block_level_ + 1; l < levels_; ++l) add_to_open_tile(pixels[c], window, l, c);
    });
    encode(grid_.subtree(root), [&](PyramidTile t, std::size_t c, const Plane<T>& dst) {
      const int x = ((t.x * kTile) << t.level) - left, y = ((t.y * kTile) << t.level) - top;
      decimate<T>(pixels[c].window({x, y, window.width - x, window.height - y}), t.level, dst);
    });
  }

  // Blocks never straddle a tile of a coarser level.
  void add_to_open_tile(const Plane<const T>& pixels, Rect window, int level, std::size_t c) {
    const int x0 = first_at_or_after(window.x, level), x1 = first_at_or_after(window.right(), level);
    const int y0 = first_at_or_after(window.y, level), y1 = first_at_or_after(window.bottom(), level);
    if (x0 >= x1 || y0 >= y1) return;
    const int x = (x0 << level) - window.x, y = (y0 << level) - window.y;
    decimate<T>(pixels.window({x, y, window.width - x, window.height - y}), level,
                open_tile(level, c).window({x0 % kTile, y0 % kTile, x1 - x0, y1 - y0}));
  }

  Plane<T> open_tile(int level, std::size_t c) {
    return {open_[static_cast<std::size_t>(level - block_level_ - 1)].data() + c * kTilePixels, {kTile, kTile}, kTile};
  }

  // Compresses tiles of all channels, and meanwhile writes those of the call before. fill(tile, channel, destination)
  template <class Fill>
  void encode(const std::vector<PyramidTile>& tiles, const Fill& fill) {
    std::vector<Packed> next;
    next.reserve(tiles.size() * channels_);
    for (const PyramidTile t : tiles)
      for (std::size_t c = 0; c < channels_; ++c) next.push_back({t, c, {}});
    for_each_task(q_, static_cast<std::int64_t>(next.size()) + 1, [&](std::int64_t i) {
      if (i == 0) return write_packed();
      Packed& p = next[static_cast<std::size_t>(i - 1)];
      std::unique_ptr<Worker<T>> worker = take_worker();
      const Rect r = grid_.pixels(p.tile);
      const Plane<T> whole{worker->tile.data(), {kTile, kTile}, kTile};
      if (r.width < kTile || r.height < kTile) std::fill(worker->tile.begin(), worker->tile.end(), T{});
      fill(p.tile, p.channel, whole.window({0, 0, r.width, r.height}));
      p.bytes = worker->encoder.encode(std::as_bytes(std::span<const T>(worker->tile)));
      return_worker(std::move(worker));
    });
    packed_ = std::move(next);
  }

  void write_packed() {
    for (Packed& p : packed_) {
      TileTable& table = tables_[p.channel][static_cast<std::size_t>(p.tile.level)];
      const std::size_t i = grid_.index(p.tile);
      file_.write(p.bytes);
      table.offsets[i] = at_;
      table.bytes[i] = static_cast<std::uint32_t>(p.bytes.size());
      at_ += p.bytes.size();
      p.bytes = {};
    }
    packed_.clear();
  }

  std::unique_ptr<Worker<T>> take_worker() {
    {
      const std::lock_guard lock(guard_);
      if (!idle_.empty()) {
        std::unique_ptr<Worker<T>> worker = std::move(idle_.back());
        idle_.pop_back();
        return worker;
      }
    }
    return std::make_unique<Worker<T>>(codec_);
  }
  void return_worker(std::unique_ptr<Worker<T>> worker) {
    const std::lock_guard lock(guard_);
    idle_.push_back(std::move(worker));
  }

  const CpuQueue q_;
  OutputFile& file_;
  std::uint64_t at_;
  const PyramidGrid grid_;
  const std::size_t channels_;
  const PyramidWindows<T>& windows_;
  const ImageCodec codec_;
  const int levels_, block_level_;
  std::vector<std::vector<TileTable>> tables_;  ///< [channel][level]
  std::vector<std::vector<T>> open_;            ///< for each level above the blocks, a tile of every channel
  std::vector<Packed> packed_;                  ///< what is to be written next
  std::mutex guard_;
  std::vector<std::unique_ptr<Worker<T>>> idle_;
};

}  // namespace

int pyramid_window_px(std::size_t channels) {
  return kTile << block_level(channels);
}

template <class T>
std::vector<std::vector<TileTable>> write_pyramid_tiles(const CpuQueue& q, OutputFile& file, std::uint64_t at,
                                                        const PyramidGrid& grid, std::size_t channels,
                                                        const PyramidWindows<T>& windows, ImageCodec codec) {
  static_assert(sizeof(T) == 4);
  return TileWriter<T>(q, file, at, grid, channels, windows, codec).write();
}

template std::vector<std::vector<TileTable>> write_pyramid_tiles(const CpuQueue&, OutputFile&, std::uint64_t,
                                                                 const PyramidGrid&, std::size_t,
                                                                 const PyramidWindows<std::uint32_t>&, ImageCodec);
template std::vector<std::vector<TileTable>> write_pyramid_tiles(const CpuQueue&, OutputFile&, std::uint64_t,
                                                                 const PyramidGrid&, std::size_t,
                                                                 const PyramidWindows<float>&, ImageCodec);

}  // namespace hexaplex
