#include "core/batch/batch_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "core/run/output_file.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace fs = std::filesystem;

namespace {

constexpr const char* kFolder = ".hexaplex";

fs::path lock_file(const fs::path& folder, const std::string& name) {
  return folder / kFolder / (name + ".lock");
}

void make_lock_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder / kFolder, error);
  if (error) detail::throw_output_error(OutputStep::make_folder, folder / kFolder, error.value());
}

int open_lock(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) detail::throw_output_error(OutputStep::open, file, errno);
  return fd;
}

// True where the file system has no locks: two batches are then kept apart by nothing but their ledgers' names.
bool cannot_lock(int error) {
  return error == ENOLCK || error == EOPNOTSUPP || error == ENOSYS;
}

std::string holder(int fd) {
  char text[256] = {};
  const ssize_t n = ::pread(fd, text, sizeof text - 1, 0);
  return n > 0 ? std::string(text, static_cast<std::size_t>(n)) : "another process";
}

void sign(int fd) {
  char host[128] = "this computer";
  (void)::gethostname(host, sizeof host - 1);
  const std::string text = fmt::format("process {} on {}", ::getpid(), host);
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, text.data(), text.size(), 0) < 0) {
    // Only the words of a later refusal hang on it.
  }
}

}  // namespace

BatchLock::BatchLock(const fs::path& folder, const Shard& shard) {
  make_lock_folder(folder);
  const auto hold = [&](const std::string& name, int kind, const char* mend) {
    const int fd = open_lock(lock_file(folder, name));
    held_.push_back(fd);
    if (::flock(fd, kind | LOCK_NB) == 0) {
      if (kind == LOCK_EX) sign(fd);
      return;
    }
    const int failed = errno;
    if (cannot_lock(failed)) return;
    const std::string who = holder(fd);
    for (const int open : held_) ::close(open);
    held_.clear();
    throw OutputError(folder.string(), fmt::format("is in use by another batch ({}); {}", who, mend));
  };
  if (shard.whole()) {
    hold("batch", LOCK_EX, "wait for it to end, or give another --out");
  } else {
    hold("batch", LOCK_SH, "it works on the whole cohort: wait for it to end, or give another --out");
    hold(fmt::format("shard-{}-of-{}", shard.index, shard.count), LOCK_EX,
         "it works on the same shard: wait for it to end, or give another --shard");
  }
}

BatchLock::~BatchLock() {
  for (const int fd : held_) ::close(fd);
}

TablesLock::TablesLock(const fs::path& folder) {
  make_lock_folder(folder);
  fd_ = open_lock(lock_file(folder, "tables"));
  while (::flock(fd_, LOCK_EX) != 0 && errno == EINTR) {
  }
}

TablesLock::~TablesLock() {
  ::close(fd_);
}

}  // namespace hexaplex
