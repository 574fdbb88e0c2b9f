#pragma once

#include <variant>

namespace hexaplex {

/// Work runs on this process's threads. The program bounds their number for all queues at once
/// (`set_cpu_threads`); `threads = 1` keeps one operator call on the calling thread.
struct CpuQueue {
  int threads = 0;  ///< 0: all that the process may use
};

#if HX_WITH_CUDA
/// Work is enqueued on a stream of one device and returns before it is done.
struct CudaQueue {
  void* stream = nullptr;  ///< cudaStream_t
  int device = 0;
};
using Queue = std::variant<CpuQueue, CudaQueue>;
#else
using Queue = std::variant<CpuQueue>;
#endif

}  // namespace hexaplex
