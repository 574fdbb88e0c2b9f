#include "core/pipeline/working_memory.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/runtime/error.h"
#include "kernels/runtime/host_memory.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;
// What a field holds at its peak, from measured runs: every channel as float32, and the planes of segmentation.
constexpr std::int64_t kBytesPerPixel = 48, kFixedBytes = 64 * kMiB;
// The program itself, decoded blocks that readers keep, and pages on their way between scratch and the disk.
constexpr std::int64_t kWorkingBytes = 320 * kMiB;
constexpr int kSmallestTile = 256, kLargestTile = 2048, kHalo = 256;
// Of one thread's tile with its halo: raw pixels and the components made of them.
constexpr std::int64_t kTileBytesPerPixel = 64;
constexpr std::int64_t kLargestTilePlane = 16 * kMiB;  // what is larger belongs to the whole slide
constexpr std::int64_t kSmallestWindow = kMiB;         // of raw pixels
constexpr std::size_t kUsualPool = std::size_t{256} << 20;

std::int64_t need_bytes(std::int64_t pixels, std::size_t planes) {
  return pixels * (kBytesPerPixel + 4 * static_cast<std::int64_t>(planes)) + kFixedBytes;
}

std::int64_t tile_bytes(int threads, TileShape tile) {
  return threads * static_cast<std::int64_t>(tile.width + kHalo) * (tile.height + kHalo) * kTileBytesPerPixel;
}

// Least limit that a run can keep with these threads and tiles.
std::int64_t least_limit(int threads, TileShape tile) {
  return kWorkingBytes + tile_bytes(threads, tile);
}

// The largest tile up to the one asked for (0: as large as may be) that leaves three quarters of the limit to all else.
TileShape largest_tile(std::int64_t limit, int threads, TileShape asked) {
  TileShape tile = asked.whole() ? TileShape(kLargestTile, kLargestTile, asked.order_seed) : asked;
  while (tile_bytes(threads, tile) > limit / 4) {
    int& longer = tile.width > tile.height ? tile.width : tile.height;
    if (longer <= kSmallestTile) break;
    longer = std::max(kSmallestTile, longer / 2);
  }
  return tile;
}

}  // namespace

WorkingMemory::WorkingMemory(Extent slide, std::size_t planes, const RunOptions& options, Execution& execution)
    : limit_(options.memory_limit_bytes),
      planes_(planes),
      tile_px_(options.tile_px),
      window_bytes_(options.window_bytes) {
  const std::int64_t limit = limit_, need = need_bytes(slide.area(), planes);
  if (limit <= 0 || need <= limit) return;
  tile_px_ = largest_tile(limit, cpu_threads(), options.tile_px);
  const std::int64_t least = least_limit(cpu_threads(), tile_px_);
  if (limit < least)
    throw OutOfMemory(
        static_cast<std::size_t>(least),
        fmt::format("--memory-limit of {} MiB with {} threads; give at least {} MiB, or fewer --threads: it",
                    limit / kMiB, cpu_threads(), least / kMiB + 1));
  if (tile_px_ != options.tile_px) {
    execution.tile_px = tile_px_;
    execution.tile_size_reason =
        fmt::format("{} was asked for; the memory limit of {} MiB wins", text_of(options.tile_px), limit / kMiB);
  }
  window_bytes_ = std::clamp(limit / (32 * cpu_threads()), kSmallestWindow, options.window_bytes);
  set_host_memory_pool_cap(static_cast<std::size_t>(limit / 8));
  scratch_ = std::make_unique<ScratchScope>(options.scratch.empty() ? options.out : options.scratch,
                                            static_cast<std::size_t>(std::clamp(limit / 96, kMiB, kLargestTilePlane)),
                                            static_cast<std::size_t>(limit / 8 * 5));
  execution.fallbacks.push_back(
      fmt::format("the slide needs about {} MiB: what is beyond the memory limit of {} MiB lay on disk", need / kMiB,
                  limit / kMiB));
}

WorkingMemory::~WorkingMemory() {
  if (scratch_) set_host_memory_pool_cap(kUsualPool);
}

bool WorkingMemory::holds_channels(std::int64_t pixels) const {
  return limit_ <= 0 || need_bytes(pixels, planes_) <= limit_;
}

}  // namespace hexaplex
