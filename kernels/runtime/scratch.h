#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace hexaplex {

// Planes and tables that outgrow the memory live in a file without a name instead: the same bytes at the same kind of
// address, but their pages can leave. What a program keeps resident is then a choice, whatever the size of a slide.

/// Where large blocks go while an object of this type lives; one at a time in a process.
///
/// Planes of `smallest_bytes` and more (and tables of a sixteenth of that) that are allocated meanwhile are mapped from
/// files in `folder` (which have no name, so that nothing is left behind by a process that dies); those that were
/// allocated before stay where they are. A watcher lets go of pages of theirs when more than `resident_bytes` of this
/// process are in memory, but leaves them an eighth of that whatever else the process holds; the system writes them out
/// as it sees fit. Values never change.
class ScratchScope {
 public:
  /// Throws: OutputError where the folder takes no files.
  ScratchScope(const std::filesystem::path& folder, std::size_t smallest_bytes, std::size_t resident_bytes);
  /// Blocks that are still in use stay as they are, but nobody watches over their pages any more.
  ~ScratchScope();
  ScratchScope(const ScratchScope&) = delete;
  ScratchScope& operator=(const ScratchScope&) = delete;

  /// Most bytes that were mapped at a time.
  std::size_t most_bytes() const;
};

/// Resident memory of this process now, in bytes; 0 where the system does not tell.
std::size_t resident_memory_bytes();

namespace detail {
/// What a block is for. Planes below the scope's size are mostly tiles: hot, short-lived, and as many as there are
/// threads. Tables grow with the slide, many at a time, so smaller ones already count.
enum class ScratchUse { plane, table };

/// Whether a scope lives.
bool scratch_in_use() noexcept;
/// What the watcher does, at once and on the caller's thread: work that touches much calls it between its parts, since
/// a thread can be faster than any watcher. Does nothing where no scope lives.
void relieve_memory();

/// A block of the living scope, or null where there is none or the block is too small for it. Throws: OutputError where
/// the disk is full.
void* allocate_scratch(std::size_t bytes, ScratchUse use = ScratchUse::plane);
/// True where `memory` was a block of a scope; it is unmapped then.
bool free_scratch(void* memory) noexcept;
}  // namespace detail

}  // namespace hexaplex
