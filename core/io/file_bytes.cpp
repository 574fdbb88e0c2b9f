#include "core/io/file_bytes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/run/reading_mend.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

FileBytes::FileBytes(const std::filesystem::path& path) : path_(path) {
  // Without O_NONBLOCK, opening a named pipe would wait for ever.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0)
    throw InputError(name(), fmt::format("cannot be opened: {}{}", std::strerror(errno), reading_mend(errno)));
  struct stat status {};
  std::string why;
  if (::fstat(descriptor_, &status) != 0) {
    why = fmt::format("cannot be examined: {}", std::strerror(errno));
  } else if (!S_ISREG(status.st_mode)) {
    why = "is not a regular file";
  } else if (status.st_size == 0) {
    why = "is empty (0 bytes); copy or export it again";
  }
  if (!why.empty()) {
    ::close(descriptor_);
    throw InputError(name(), why);
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

FileBytes::~FileBytes() {
  ::close(descriptor_);
}

std::size_t FileBytes::read_some(std::uint64_t offset, void* dst, std::size_t count) const {
  std::size_t done = 0;
  while (done < count && offset + done < size_) {
    const ssize_t n =
        ::pread(descriptor_, static_cast<char*>(dst) + done, count - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw InputError(name(), fmt::format("cannot be read: {}{}", std::strerror(errno), reading_mend(errno)));
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

void FileBytes::read(std::uint64_t offset, void* dst, std::size_t count) const {
  const std::size_t n = offset > size_ ? 0 : read_some(offset, dst, count);
  if (n != count) {
    throw InputError(name(),
                     fmt::format("ends too early: {} bytes are wanted at offset {}, the file has {} in all; copy "
                                 "or export it again",
                                 count, offset, size_));
  }
}

std::vector<std::uint8_t> FileBytes::read_all(std::uint64_t limit) const {
  if (size_ > limit) throw InputError(name(), fmt::format("has {} bytes, more than the {} allowed here", size_, limit));
  std::vector<std::uint8_t> bytes(size_);
  read(0, bytes.data(), bytes.size());
  return bytes;
}

}  // namespace hexaplex
