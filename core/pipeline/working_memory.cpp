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
constexpr std::int64_t kTileBytesPerPixel = 24;        // of one thread's tile with its halo
constexpr std::int64_t kLargestTilePlane = 16 * kMiB;  // what is larger belongs to the whole slide
constexpr std::size_t kUsualPool = std::size_t{256} << 20;

std::int64_t need_bytes(Extent extent, std::size_t planes) {
  return extent.area() * (kBytesPerPixel + 4 * static_cast<std::int64_t>(planes)) + kFixedBytes;
}

std::int64_t tile_bytes(int threads, int tile_px) {
  const std::int64_t side = tile_px + kHalo;
  return threads * side * side * kTileBytesPerPixel;
}

// Least limit that a run can keep with these threads and tiles.
std::int64_t least_limit(int threads, int tile_px) {
  return kWorkingBytes + tile_bytes(threads, tile_px);
}

// The largest tile up to the one asked for (0: as large as may be) that leaves three quarters of the limit to all else.
int largest_tile(std::int64_t limit, int threads, int asked) {
  int tile = asked == 0 ? kLargestTile : asked;
  while (tile > kSmallestTile && tile_bytes(threads, tile) > limit / 4) tile = std::max(kSmallestTile, tile / 2);
  return tile;
}

}  // namespace

WorkingMemory::WorkingMemory(Extent slide, std::size_t planes, const RunOptions& options, Execution& execution)
    : tile_px_(options.tile_px) {
  const std::int64_t limit = options.memory_limit_bytes, need = need_bytes(slide, planes);
  if (limit <= 0 || need <= limit) return;
  tile_px_ = largest_tile(limit, cpu_threads(), options.tile_px);
  const std::int64_t least = least_limit(cpu_threads(), tile_px_);
  if (limit < least)
    throw OutOfMemory(
        static_cast<std::size_t>(least),
        fmt::format("--memory-limit of {} MiB with {} threads; give at least {} MiB, or fewer --threads: it",
                    limit / kMiB, cpu_threads(), least / kMiB + 1));
  if (tile_px_ != options.tile_px) {
    execution.tile_size_px = tile_px_;
    execution.tile_size_reason =
        fmt::format("{} was asked for; the memory limit of {} MiB wins", options.tile_px, limit / kMiB);
  }
  set_host_memory_pool_cap(static_cast<std::size_t>(limit / 8));
  scratch_ = std::make_unique<ScratchScope>(options.scratch.empty() ? options.out : options.scratch,
                                            static_cast<std::size_t>(std::clamp(limit / 96, kMiB, kLargestTilePlane)),
                                            static_cast<std::size_t>(limit / 2));
  execution.fallbacks.push_back(
      fmt::format("the slide needs about {} MiB: what is beyond the memory limit of {} MiB lay on disk", need / kMiB,
                  limit / kMiB));
}

WorkingMemory::~WorkingMemory() {
  if (scratch_) set_host_memory_pool_cap(kUsualPool);
}

}  // namespace hexaplex
