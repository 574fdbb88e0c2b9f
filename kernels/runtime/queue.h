#pragma once

#include <variant>

namespace hexaplex {

class StreamMemory;

/// Work runs on this process's threads, and is done when the call returns. The program bounds their number for all
/// queues at once (`set_cpu_threads`); `threads = 1` keeps one operator call on the calling thread.
struct CpuQueue {
  int threads = 0;  ///< 0: all that the process may use
};

/// Work is enqueued on a stream of one device and returns before it is done: call `synchronise` (device.h) before the
/// host reads a result, or frees host memory that a copy still uses. A view of a Stream, which owns it.
struct CudaQueue {
  void* stream = nullptr;  ///< cudaStream_t
  int device = 0;
  StreamMemory* memory = nullptr;  ///< of a stream that keeps some (stream_memory.h)
};

#if HX_WITH_CUDA
using Queue = std::variant<CpuQueue, CudaQueue>;
#else
using Queue = std::variant<CpuQueue>;
#endif

}  // namespace hexaplex
