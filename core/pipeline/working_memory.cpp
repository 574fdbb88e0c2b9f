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
constexpr std::int64_t kTileBytesPerPixel = 24;     // of one thread's tile with its halo
constexpr std::int64_t kSmallestPlane = 16 * kMiB;  // smaller ones are tiles
constexpr std::size_t kUsualPool = std::size_t{256} << 20;

std::int64_t need_bytes(Extent extent, std::size_t planes) {
  return extent.area() * (kBytesPerPixel + 4 * static_cast<std::int64_t>(planes)) + kFixedBytes;
}

}  // namespace

std::int64_t smallest_memory_limit(int threads, int tile_px) {
  const std::int64_t side = (tile_px == 0 ? 1024 : tile_px) + 256;
  return 4 * kFixedBytes + threads * side * side * kTileBytesPerPixel;
}

WorkingMemory::WorkingMemory(Extent slide, std::size_t planes, const RunOptions& options, Execution& execution) {
  const std::int64_t limit = options.memory_limit_bytes, need = need_bytes(slide, planes);
  if (limit <= 0 || need <= limit) return;
  const std::int64_t least = smallest_memory_limit(cpu_threads(), options.tile_px);
  if (limit < least)
    throw OutOfMemory(static_cast<std::size_t>(least),
                      fmt::format("a memory limit of {} MiB with {} threads and tiles of {} pixels; give a limit of at "
                                  "least {} MiB, fewer --threads or a smaller --tile-size: the run",
                                  limit / kMiB, cpu_threads(), options.tile_px, least / kMiB + 1));
  set_host_memory_pool_cap(static_cast<std::size_t>(limit / 8));
  scratch_ =
      std::make_unique<ScratchScope>(options.scratch.empty() ? options.out : options.scratch,
                                     static_cast<std::size_t>(kSmallestPlane), static_cast<std::size_t>(limit / 2));
  execution.fallbacks.push_back(fmt::format("the slide needs about {} MiB: what does not fit in {} MiB lay on scratch",
                                            need / kMiB, limit / kMiB));
}

WorkingMemory::~WorkingMemory() {
  if (scratch_) set_host_memory_pool_cap(kUsualPool);
}

}  // namespace hexaplex
