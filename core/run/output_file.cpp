#include "core/run/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

std::function<int(OutputStep, const std::filesystem::path&)>& fault() {
  static std::function<int(OutputStep, const std::filesystem::path&)> f;
  return f;
}

const char* step_name(OutputStep step) {
  switch (step) {
    case OutputStep::make_folder:
      return "the folder cannot be made";
    case OutputStep::open:
      return "cannot be created";
    case OutputStep::write:
      return "cannot be written";
    case OutputStep::sync:
      return "cannot be synced to disk";
    case OutputStep::close:
      return "cannot be closed";
    case OutputStep::rename:
      return "cannot be renamed into place";
  }
  return "failed";
}

const char* mend(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "; free space there, or give another --out";
    case EROFS:
      return "; give an --out that can be written to";
    case EACCES:
    case EPERM:
      return "; change its permissions, or give another --out";
    case ENOTDIR:
    case EEXIST:
      return "; something else has that name: move it, or give another --out";
    case EIO:
      return "; the disk is failing: give an --out on another one";
    default:
      return "; give another --out";
  }
}

}  // namespace

void set_output_fault(std::function<int(OutputStep, const std::filesystem::path&)> f) {
  fault() = std::move(f);
}

namespace detail {

int output_fault(OutputStep step, const std::filesystem::path& path) {
  return fault() ? fault()(step, path) : 0;
}

void throw_output_error(OutputStep step, const std::filesystem::path& path, int error) {
  throw OutputError(path.string(), std::string(step_name(step)) + ": " + std::strerror(error) + mend(error));
}

}  // namespace detail

namespace {
void check_fault(OutputStep step, const std::filesystem::path& path) {
  if (const int error = detail::output_fault(step, path)) detail::throw_output_error(step, path, error);
}
}  // namespace

OutputFile::OutputFile(const std::filesystem::path& path) : path_(path) {
  check_fault(OutputStep::open, path_);
  fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd_ < 0) detail::throw_output_error(OutputStep::open, path_, errno);
}

OutputFile::~OutputFile() {
  if (fd_ >= 0) ::close(fd_);
}

void OutputFile::write(const void* data, std::size_t bytes) {
  check_fault(OutputStep::write, path_);
  const char* p = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t done = ::write(fd_, p, bytes);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) detail::throw_output_error(OutputStep::write, path_, done < 0 ? errno : ENOSPC);
    p += done;
    bytes -= static_cast<std::size_t>(done);
  }
}

std::size_t OutputFile::read(void* data, std::size_t bytes) {
  std::size_t got = 0;
  while (got < bytes) {
    const ssize_t n = ::read(fd_, static_cast<char*>(data) + got, bytes - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw OutputError(path_.string(), std::string("cannot be read back: ") + std::strerror(errno));
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  return got;
}

std::uint64_t OutputFile::seek(std::int64_t offset, int whence) {
  const off_t at = ::lseek(fd_, offset, whence);
  if (at < 0) detail::throw_output_error(OutputStep::write, path_, errno);
  return static_cast<std::uint64_t>(at);
}

std::uint64_t OutputFile::size() const {
  struct stat status {};
  return ::fstat(fd_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

void OutputFile::close() {
  check_fault(OutputStep::sync, path_);
  if (::fsync(fd_) != 0) detail::throw_output_error(OutputStep::sync, path_, errno);
  check_fault(OutputStep::close, path_);
  const int fd = fd_;
  fd_ = -1;
  if (::close(fd) != 0) detail::throw_output_error(OutputStep::close, path_, errno);
}

void sync_folder(const std::filesystem::path& folder) {
  check_fault(OutputStep::sync, folder);
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) detail::throw_output_error(OutputStep::sync, folder, errno);
  // Some network file systems cannot sync a folder (EINVAL); their renames are durable by other means.
  const int error = ::fsync(fd) != 0 && errno != EINVAL ? errno : 0;
  ::close(fd);
  if (error != 0) detail::throw_output_error(OutputStep::sync, folder, error);
}

void replace_file(const std::filesystem::path& path, std::string_view text) {
  const std::filesystem::path partial = path.parent_path() / ("." + path.filename().string() + ".partial");
  std::error_code error;
  std::filesystem::remove(partial, error);  // of a program that died
  try {
    OutputFile file(partial);
    file.write(text);
    file.close();
    int failed = detail::output_fault(OutputStep::rename, path);
    if (failed == 0) {
      std::filesystem::rename(partial, path, error);
      failed = error.value();
    }
    if (failed != 0) detail::throw_output_error(OutputStep::rename, path, failed);
  } catch (...) {
    std::filesystem::remove(partial, error);
    throw;
  }
  sync_folder(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
}

}  // namespace hexaplex
