#include "kernels/runtime/scratch.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr std::size_t kTablesPerPlane = 16;
constexpr std::chrono::milliseconds kWatch{5};  // a few threads touch some tens of MiB in that time

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
    const std::lock_guard<std::mutex> lock(guard_);
    const auto found = blocks_.find(memory);
    if (found == blocks_.end()) return false;
    ::munmap(memory, found->second);
    bytes_ -= found->second;
    blocks_.erase(found);
    return true;
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
      // The pages stay in the system's cache; whoever needs them gets them back as they were.
      if (open_ && resident_memory_bytes() > resident_)
        for (const auto& [memory, bytes] : blocks_) ::madvise(memory, bytes, MADV_DONTNEED);
    }
  }

  std::mutex guard_;
  std::condition_variable ended_;
  std::thread watcher_;
  std::map<void*, std::size_t> blocks_;
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
  std::ifstream in("/proc/self/statm");
  std::size_t pages = 0, resident = 0;
  if (!(in >> pages >> resident)) return 0;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

namespace detail {

void* allocate_scratch(std::size_t bytes, ScratchUse use) {
  return scratch().allocate(bytes, use);
}

bool free_scratch(void* memory) noexcept {
  return scratch().free(memory);
}

}  // namespace detail

}  // namespace hexaplex
