#include "core/run/input_record.h"

#include <algorithm>
#include <vector>

#include "core/run/sha256.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

InputRecord record_input(const std::string& role, const std::filesystem::path& path) {
  InputRecord record;
  record.role = role;
  std::error_code no_folder;
  record.path = std::filesystem::absolute(path, no_folder);
  record.name = (path.has_filename() ? path : path.parent_path()).filename().string();
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    const FileHash hash = hash_file(path);
    record.sha256 = hash.sha256;
    record.bytes = hash.bytes;
    return record;
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path, error))
    if (entry.is_regular_file(error)) files.push_back(entry.path());
  if (error) throw InputError(path.string(), "the folder cannot be read: " + error.message());
  std::sort(files.begin(), files.end());
  Sha256 folder;
  for (const auto& file : files) {
    const FileHash hash = hash_file(file);
    const std::string line = hash.sha256 + "  " + file.filename().string() + "\n";  // as sha256sum writes it
    folder.add(line.data(), line.size());
    record.bytes += hash.bytes;
  }
  record.sha256 = folder.hex();
  return record;
}

}  // namespace hexaplex
