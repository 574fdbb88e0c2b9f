#pragma once

#include <cstddef>
#include <vector>

namespace hexaplex {

// Memory of planes. Writing to a page for the first time costs several times what a filter's arithmetic does, so
// freed blocks of 1 MiB and more wait in a pool for the next plane of about their size, and large ones are asked for
// as huge pages. Planes are uninitialised either way. All functions may be called from any thread.

/// Bounds the pool; what is beyond is given back at once, the oldest block first. 256 MiB unless set; 0 switches the
/// pool off, as it is under the address sanitizer, which must see each block end.
void set_host_memory_pool_cap(std::size_t bytes);

/// Gives all waiting blocks back to the system: between slides, or when memory is short.
void release_host_memory_pool();

/// Bytes that wait in the pool now: they count towards the process's memory.
std::size_t host_memory_pool_bytes();

namespace detail {
/// Uninitialised memory for pixels, aligned to 64 bytes. When the system has none left, the pool is given back before
/// OutOfMemory is thrown.
void* allocate_host_memory(std::size_t bytes);
/// The same for tables that grow with the slide: they go to scratch at a smaller size.
void* allocate_table_memory(std::size_t bytes);
/// `bytes` as it was asked for.
void free_host_memory(void* memory, std::size_t bytes) noexcept;
}  // namespace detail

/// Memory of planes for standard containers, so that tables that grow with the slide are pooled, or on scratch, too.
template <class T>
struct HostAllocator {
  using value_type = T;
  HostAllocator() = default;
  template <class U>
  HostAllocator(const HostAllocator<U>&) noexcept {}
  T* allocate(std::size_t n) { return static_cast<T*>(detail::allocate_table_memory(n * sizeof(T))); }
  void deallocate(T* memory, std::size_t n) noexcept { detail::free_host_memory(memory, n * sizeof(T)); }
  bool operator==(const HostAllocator&) const { return true; }
};

/// A table that grows with the slide.
template <class T>
using HostVector = std::vector<T, HostAllocator<T>>;

}  // namespace hexaplex
