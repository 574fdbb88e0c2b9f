#include "core/run/staging.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "core/run/output_file.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace fs = std::filesystem;

namespace {

constexpr const char* kPartial = ".partial-";
constexpr const char* kPrevious = ".previous";

// True for a folder that no living run holds; takes its lock for the moment only.
bool is_abandoned(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool free = ::flock(fd, LOCK_EX | LOCK_NB) == 0;
  ::close(fd);
  return free;
}

void remove_abandoned(const fs::path& parent, const std::string& prefix) {
  std::error_code error;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(parent, error))
    if (entry.path().filename().string().rfind(prefix, 0) == 0) found.push_back(entry.path());
  for (const fs::path& folder : found)
    if (is_abandoned(folder)) fs::remove_all(folder, error);
}

void rename_or_throw(const fs::path& from, const fs::path& to) {
  int error = detail::output_fault(OutputStep::rename, to);
  if (error == 0 && ::rename(from.c_str(), to.c_str()) != 0) error = errno;
  if (error != 0) detail::throw_output_error(OutputStep::rename, to, error);
}

}  // namespace

StagingFolder::StagingFolder(const fs::path& parent, const std::string& name)
    : parent_(parent), target_(parent / name), name_(name) {
  std::error_code error;
  if (const int fault = detail::output_fault(OutputStep::make_folder, parent))
    detail::throw_output_error(OutputStep::make_folder, parent, fault);
  fs::create_directories(parent, error);
  if (error) detail::throw_output_error(OutputStep::make_folder, parent, error.value());
  remove_abandoned(parent, "." + name + kPartial);
  const fs::path previous = parent / ("." + name + kPrevious);
  if (fs::exists(previous, error)) {
    if (fs::exists(target_, error))
      fs::remove_all(previous, error);
    else
      rename_or_throw(previous, target_);
  }
  for (int attempt = 0; path_.empty(); ++attempt) {
    const fs::path path = parent / ("." + name + kPartial + std::to_string(::getpid()) + "-" + std::to_string(attempt));
    if (::mkdir(path.c_str(), 0777) == 0)
      path_ = path;
    else if (errno != EEXIST || attempt > 1000)
      detail::throw_output_error(OutputStep::make_folder, path, errno);
  }
  lock_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock_ >= 0) ::flock(lock_, LOCK_EX | LOCK_NB);  // where locks do not work, nothing is ever taken for abandoned
}

StagingFolder::~StagingFolder() {
  if (!path_.empty()) {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  if (lock_ >= 0) ::close(lock_);
}

void StagingFolder::publish(bool overwrite) {
  sync_folder(path_);
  std::error_code error;
  if (!fs::exists(target_, error)) {
    rename_or_throw(path_, target_);
  } else if (!overwrite) {
    throw OutputError(target_.string(),
                      "holds a result already; give --overwrite to replace it, --resume to keep it, or "
                      "another --out");
  } else {
    if (const int fault = detail::output_fault(OutputStep::rename, target_))
      detail::throw_output_error(OutputStep::rename, target_, fault);
    if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) == 0) {
      sync_folder(parent_);
      fs::remove_all(path_, error);  // the old result has the hidden name now
      path_.clear();
      return;
    }
    // A file system that cannot exchange: the old result is set aside for a moment, and put back by the next run
    // should this one die in between.
    const fs::path previous = parent_ / ("." + name_ + kPrevious);
    fs::remove_all(previous, error);
    rename_or_throw(target_, previous);
    try {
      rename_or_throw(path_, target_);
    } catch (...) {
      fs::rename(previous, target_, error);
      throw;
    }
    fs::remove_all(previous, error);
  }
  path_.clear();
  sync_folder(parent_);
}

}  // namespace hexaplex
