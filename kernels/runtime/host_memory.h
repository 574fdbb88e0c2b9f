#pragma once

#include <cstddef>

namespace hexaplex::detail {

/// Uninitialised memory for pixels, aligned to 64 bytes. Throws OutOfMemory.
void* allocate_host_memory(std::size_t bytes);
void free_host_memory(void* memory, std::size_t bytes) noexcept;

}  // namespace hexaplex::detail
