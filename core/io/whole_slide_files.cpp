// Which files a slide that OpenSlide reads is made of; OpenSlide itself does not tell.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "core/io/text.h"
#include "core/io/whole_slide.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr std::uint64_t kMaxKeyFileBytes = 32u << 20;

std::vector<std::filesystem::path> files_of_mirax(const FileBytes& file) {
  std::filesystem::path folder = file.path();
  folder.replace_extension();
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (auto it = std::filesystem::directory_iterator(folder, error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    if (it->is_regular_file(error)) files.push_back(it->path());
  }
  if (error) throw InputError(folder.string(), "the folder of the slide cannot be read: " + error.message());
  return files;
}

/// Lines `ImageFile=a.jpg`, `ImageFile(0,1)=b.jpg`, `MapFile=c.jpg`, `OptimisationFile=d.opt`. The macro picture is
/// never read.
std::vector<std::filesystem::path> files_of_hamamatsu(const FileBytes& file) {
  const auto bytes = file.read_all(kMaxKeyFileBytes);
  std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::vector<std::filesystem::path> files;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find_first_of("\r\n"));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const bool wanted =
        starts_with(line, "ImageFile") || starts_with(line, "MapFile") || starts_with(line, "OptimisationFile");
    const std::size_t equals = line.find('=');
    if (!wanted || equals == std::string_view::npos) continue;
    std::string_view name = line.substr(equals + 1);
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    std::error_code error;
    const std::filesystem::path path = file.path().parent_path() / name;
    if (!name.empty() && name.find('/') == std::string_view::npos && std::filesystem::is_regular_file(path, error))
      files.push_back(path);
  }
  return files;
}

}  // namespace

std::vector<std::filesystem::path> companions_of_whole_slide(const FileBytes& file) {
  std::array<char, 32> head{};
  const std::string_view start(head.data(), file.read_some(0, head.data(), head.size()));
  std::vector<std::filesystem::path> files;
  if (ends_with_ignoring_case(file.name(), ".mrxs")) files = files_of_mirax(file);
  if (starts_with(start, "[Virtual Microscope") || starts_with(start, "[Uncompressed Virtual"))
    files = files_of_hamamatsu(file);
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace hexaplex
