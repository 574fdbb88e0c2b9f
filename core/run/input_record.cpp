#include "core/run/input_record.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "core/run/sha256.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
// File systems keep times to a tick of the kernel, to a second (ext3), or to two (FAT).
constexpr std::int64_t kCoarsestTime = 2 * kSecond;

std::int64_t in_ns(const timespec& t) {
  return static_cast<std::int64_t>(t.tv_sec) * kSecond + t.tv_nsec;
}

// False where it is not there.
bool look_at(const std::filesystem::path& file, FileState& state) {
  struct stat s {};
  if (::stat(file.c_str(), &s) != 0) return false;
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  const std::int64_t modified = in_ns(s.st_mtim);
  state = {file.string(),
           static_cast<std::uint64_t>(s.st_dev),
           static_cast<std::uint64_t>(s.st_ino),
           static_cast<std::uint64_t>(s.st_size),
           modified,
           in_ns(s.st_ctim),
           modified > now - kCoarsestTime};
  return true;
}

// Its state comes first: what is written while it is hashed must differ from it.
FileHash hash_input(const std::filesystem::path& file, InputRecord& record) {
  FileState state;
  if (look_at(file, state)) record.states.push_back(state);
  return hash_file(file);
}

[[noreturn]] void refuse(const std::string& file, const char* what) {
  throw InputError(
      file, std::string(what) + " while it was being read; nothing was kept of it: run it again when it " + "rests");
}

// The names in a folder belong to its content.
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.is_regular_file(error)) files.push_back(entry.path());
  if (error) throw InputError(folder.string(), "the folder cannot be read: " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

InputRecord record_input(const std::string& role, const std::filesystem::path& path) {
  InputRecord record;
  record.role = role;
  std::error_code no_folder;
  record.path = std::filesystem::absolute(path, no_folder);
  record.name = (path.has_filename() ? path : path.parent_path()).filename().string();
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    const FileHash hash = hash_input(path, record);
    record.sha256 = hash.sha256;
    record.bytes = hash.bytes;
    return record;
  }
  Sha256 folder;
  for (const auto& file : files_in(path)) {
    const FileHash hash = hash_input(file, record);
    const std::string line = hash.sha256 + "  " + file.filename().string() + "\n";  // as sha256sum writes it
    folder.add(line.data(), line.size());
    record.bytes += hash.bytes;
  }
  record.sha256 = folder.hex();
  return record;
}

void require_unchanged(const InputRecord& record) {
  bool same = true;
  for (const FileState& before : record.states) {
    FileState now;
    if (!look_at(before.file, now)) refuse(before.file, "was taken away");
    if (now.bytes != before.bytes || now.modified_ns != before.modified_ns) refuse(before.file, "was changed");
    now.fresh = before.fresh;
    same = same && now == before && !before.fresh;
  }
  if (!same && record_input(record.role, record.path).sha256 != record.sha256)
    refuse(record.path.string(), "was changed or replaced");
}

}  // namespace hexaplex
