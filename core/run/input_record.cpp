#include "core/run/input_record.h"

#include <sys/stat.h>

#include <chrono>
#include <map>
#include <utility>

#include "core/run/sha256.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
// File systems keep times to a tick of the kernel, to a second (ext3), or to two (FAT).
constexpr std::int64_t kCoarsestTime = 2 * kSecond;

std::int64_t in_ns(const timespec& t) {
  return static_cast<std::int64_t>(t.tv_sec) * kSecond + t.tv_nsec;
}

// False where it is not there.
bool look_at(const fs::path& file, FileState& state) {
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
FileHash hash_input(const fs::path& file, InputRecord& record) {
  FileState state;
  if (look_at(file, state)) record.states.push_back(state);
  return hash_file(file);
}

[[noreturn]] void refuse(const std::string& file, const char* what) {
  throw InputError(
      file, std::string(what) + " while it was being read; nothing was kept of it: run it again when it " + "rests");
}

// The names in a folder belong to its content.
std::map<std::string, fs::path> files_in(const fs::path& folder) {
  std::error_code error;
  std::map<std::string, fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.is_regular_file(error)) files[entry.path().filename().string()] = entry.path();
  if (error) throw InputError(folder.string(), "the folder cannot be read: " + error.message());
  return files;
}

std::map<std::string, fs::path> files_of_set(const fs::path& path, const std::vector<fs::path>& companions) {
  std::map<std::string, fs::path> files{{path.filename().string(), path}};
  for (const fs::path& file : companions) files[file.lexically_relative(path.parent_path()).generic_string()] = file;
  return files;
}

}  // namespace

std::string combined_sha256(const std::vector<InputFile>& files) {
  Sha256 all;
  for (const InputFile& file : files) {
    const std::string line = file.sha256 + "  " + file.name + "\n";  // as sha256sum writes it
    all.add(line.data(), line.size());
  }
  return all.hex();
}

InputRecord record_input(const std::string& role, const fs::path& path, const std::vector<fs::path>& companions) {
  InputRecord record;
  record.role = role;
  std::error_code error;
  record.path = fs::absolute(path, error);
  record.name = (path.has_filename() ? path : path.parent_path()).filename().string();
  const bool folder = fs::is_directory(path, error);
  if (!folder && companions.empty()) {
    const FileHash hash = hash_input(path, record);
    record.sha256 = hash.sha256;
    record.bytes = hash.bytes;
    return record;
  }
  std::map<std::string, fs::path> by_name = folder ? files_in(path) : files_of_set(path, companions);
  std::vector<InputFile> files;
  for (const auto& [name, file] : by_name) {
    const FileHash hash = hash_input(file, record);
    files.push_back({name, hash.sha256, hash.bytes});
    record.bytes += hash.bytes;
  }
  record.sha256 = combined_sha256(files);
  if (folder) return record;
  record.files = std::move(files);
  for (const fs::path& file : companions) record.companions.push_back(fs::absolute(file, error));
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
  if (!same && record_input(record.role, record.path, record.companions).sha256 != record.sha256)
    refuse(record.path.string(), "was changed or replaced");
}

}  // namespace hexaplex
