#include "kernels/runtime/scratch.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr std::size_t kTablesPerPlane = 16;
#if defined(__GLIBC__)
constexpr int kLargeBlock = 1 << 20;  // bytes; such a block of the heap goes back to the system when it is freed
#endif
// The system maps pages around the one that is touched, so a thread may bring in 100 MiB in that time.
constexpr std::chrono::milliseconds kWatch{2};
constexpr std::size_t kLookAfter = std::size_t{32} << 20;  // blocks of this size together are worth a look

// However much the process holds elsewhere, this share of its memory may be mapped pages: without any, nothing moves.
constexpr std::size_t kLeastShare = 8;

// Resident memory: its own, and pages of files that are mapped.
struct Resident {
  std::size_t own = 0, mapped = 0;
};

Resident resident() {
  static const int file = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  char text[128];
  const ssize_t got = file < 0 ? -1 : ::pread(file, text, sizeof text - 1, 0);
  if (got <= 0) return {};
  text[got] = '\0';
  char* at = text;
  std::strtoull(at, &at, 10);  // pages of address space
  const std::size_t all = std::strtoull(at, &at, 10), files = std::strtoull(at, &at, 10);
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return {(all - files) * page, files * page};
}

// A file that has no name, or loses it at once.
int open_nameless(const std::filesystem::path& folder) {
#if defined(O_TMPFILE)
  const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) return fd;
#endif
  std::string name = (folder / ".hexaplex-scratch-XXXXXX").string();
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

class Scratch {
 public:
  void open(const std::filesystem::path& folder, std::size_t smallest, std::size_t resident) {
    HX_EXPECT(!open_, "another scratch scope lives");
    HX_EXPECT(smallest >= 1, "smallest_bytes must be positive");
    const int trial = open_nameless(folder);
    if (trial < 0) fail(folder, errno);
    ::close(trial);
    const std::lock_guard<std::mutex> lock(guard_);
    folder_ = folder;
    smallest_ = smallest;
    resident_ = resident;
    most_ = bytes_;
    open_ = true;
#if defined(__GLIBC__)
    // Left alone, the allocator learns from large blocks that were freed to keep such blocks for good.
    ::mallopt(M_MMAP_THRESHOLD, kLargeBlock);
    ::mallopt(M_TRIM_THRESHOLD, kLargeBlock);
#endif
    watcher_ = std::thread([this] { watch(); });
  }

  void close() {
    {
      const std::lock_guard<std::mutex> lock(guard_);
      open_ = false;
    }
    ended_.notify_all();
    watcher_.join();
  }

  void* allocate(std::size_t bytes, detail::ScratchUse use) {
    if (!open_ || bytes < (use == detail::ScratchUse::table ? smallest_ / kTablesPerPlane : smallest_)) return nullptr;
    const int fd = open_nameless(folder_);
    if (fd < 0) fail(folder_, errno);
    // Space is taken now: a disk that fills up later would end the process at a write to memory.
    int error = ::posix_fallocate(fd, 0, static_cast<off_t>(bytes));
    void* memory = error == 0 ? ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (error == 0 && memory == MAP_FAILED) error = errno;
    ::close(fd);
    if (memory == MAP_FAILED) fail(folder_, error);
    const std::lock_guard<std::mutex> lock(guard_);
    blocks_[memory] = bytes;
    bytes_ += bytes;
    most_ = std::max(most_, bytes_);
    return memory;
  }

  bool free(void* memory) noexcept {
    std::size_t bytes = 0;
    {
      const std::lock_guard<std::mutex> lock(guard_);
      const auto found = blocks_.find(memory);
      if (found == blocks_.end()) return false;
      bytes = found->second;
      bytes_ -= bytes;
      blocks_.erase(found);
    }
    // Takes a while for a large file: the watcher must not wait for it.
    ::munmap(memory, bytes);
    return true;
  }

  bool in_use() const noexcept {
    return open_;
  }

  void relieve() {
    if (!open_ || !excess(resident())) return;
    const std::lock_guard<std::mutex> lock(guard_);
    let_go_of_excess();
  }

  std::size_t most() {
    const std::lock_guard<std::mutex> lock(guard_);
    return most_;
  }

 private:
  [[noreturn]] static void fail(const std::filesystem::path& folder, int error) {
    throw OutputError(folder.string(), std::string("no scratch file can be made there: ") + std::strerror(error) +
                                           "; free space there, or name another folder with --scratch");
  }

  void watch() {
    std::unique_lock<std::mutex> lock(guard_);
    while (open_) {
      ended_.wait_for(lock, kWatch);
      if (open_) let_go_of_excess();
    }
  }

  // Of the mapped pages, those that are too many beside what the process holds itself.
  bool excess(const Resident& now) const {
    const std::size_t room = now.own < resident_ ? resident_ - now.own : 0;
    return now.mapped > std::max(room, resident_ / kLeastShare);
  }

  void let_go_of_excess() {
    const Resident now = resident();
    if (excess(now)) let_go(now.mapped / 2);
  }

  // Lets go of block after block, each in its turn, until few enough pages are mapped: those that are in work come back
  // at once, so the fewer are touched the better. They stay in the system's cache as they were.
  void let_go(std::size_t enough) {
    auto next = blocks_.upper_bound(last_let_go_);
    std::size_t seen = 0;
    for (std::size_t i = 0; i < blocks_.size(); ++i, ++next) {
      if (next == blocks_.end()) next = blocks_.begin();
      ::madvise(next->first, next->second, MADV_DONTNEED);
      last_let_go_ = next->first;
      seen += next->second;
      if (seen < kLookAfter && i + 1 < blocks_.size()) continue;
      if (resident().mapped <= enough) return;
      seen = 0;
    }
  }

  std::mutex guard_;
  std::condition_variable ended_;
  std::thread watcher_;
  std::map<void*, std::size_t> blocks_;
  void* last_let_go_ = nullptr;
  std::filesystem::path folder_;
  std::atomic<bool> open_{false};
  std::size_t smallest_ = 0, resident_ = 0, bytes_ = 0, most_ = 0;
};

Scratch& scratch() {
  static Scratch& s = *new Scratch;  // never destroyed: a plane with static storage may outlive it
  return s;
}

}  // namespace

ScratchScope::ScratchScope(const std::filesystem::path& folder, std::size_t smallest_bytes,
                           std::size_t resident_bytes) {
  scratch().open(folder, smallest_bytes, resident_bytes);
}

ScratchScope::~ScratchScope() {
  scratch().close();
}

std::size_t ScratchScope::most_bytes() const {
  return scratch().most();
}

std::size_t resident_memory_bytes() {
  const Resident now = resident();
  return now.own + now.mapped;
}

namespace detail {

bool scratch_in_use() noexcept {
  return scratch().in_use();
}

void relieve_memory() {
  scratch().relieve();
}

void* allocate_scratch(std::size_t bytes, ScratchUse use) {
  return scratch().allocate(bytes, use);
}

bool free_scratch(void* memory) noexcept {
  return scratch().free(memory);
}

}  // namespace detail

}  // namespace hexaplex
