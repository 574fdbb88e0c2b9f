#include "kernels/runtime/host_memory.h"

#include <limits>
#include <new>

#include "kernels/runtime/error.h"

namespace hexaplex::detail {

void* allocate_host_memory(std::size_t bytes) {
  void* memory = nullptr;
  if (bytes <= static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()))
    memory = ::operator new (bytes, std::align_val_t{64}, std::nothrow);
  if (memory == nullptr) throw OutOfMemory(bytes, "a plane on the host");
  return memory;
}

void free_host_memory(void* memory, std::size_t) noexcept {
  ::operator delete (memory, std::align_val_t{64});
}

}  // namespace hexaplex::detail
