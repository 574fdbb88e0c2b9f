#pragma once

#include <cstddef>

#include "kernels/runtime/queue.h"

namespace hexaplex::detail {

#if HX_WITH_CUDA
/// Enqueues a copy of 32-bit words between memory of the device and pinned memory, either way, that the multiprocessors
/// carry out: a copy engine would get to it once it is done with the pixels of all other streams.
///
/// @param from, to  aligned to 4 bytes; pinned memory belongs to the queue's device
void copy_words(const CudaQueue& q, const void* from, void* to, std::size_t words);
#endif

}  // namespace hexaplex::detail
