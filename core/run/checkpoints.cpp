#include "core/run/checkpoints.h"

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace fs = std::filesystem;

namespace {
constexpr const char* kMark = ".checkpoint-";
}  // namespace

Checkpoints::Checkpoints(const fs::path& out, const std::string& stem, const std::string& key)
    : folder_(out / ("." + stem + kMark + key)) {
  remove(out, stem, folder_);
}

void Checkpoints::remove(const fs::path& out, const std::string& stem) {
  remove(out, stem, {});
}

void Checkpoints::remove(const fs::path& out, const std::string& stem, const fs::path& but) {
  const std::string prefix = "." + stem + kMark;
  std::error_code error;
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(out, error))
    if (entry.path().filename().string().rfind(prefix, 0) == 0 && entry.path() != but) folders.push_back(entry.path());
  for (const fs::path& folder : folders) fs::remove_all(folder, error);
}

bool Checkpoints::load(const std::string& stage, const std::function<void(CheckpointReader&)>& read) {
  std::error_code error;
  if (folder_.empty() || !fs::exists(file_of(stage), error)) return false;
  try {
    CheckpointReader reader(file_of(stage));
    read(reader);
    reader.finish();
    notes_.push_back("the stage '" + stage + "' was taken from a checkpoint of a run that did not end");
    return true;
  } catch (const InputError& e) {
    notes_.push_back(e.what());
    fs::remove(file_of(stage), error);
    return false;
  }
}

void Checkpoints::save(const std::string& stage, const std::function<void(CheckpointWriter&)>& write) {
  if (folder_.empty()) return;
  try {
    std::error_code error;
    fs::create_directories(folder_, error);
    CheckpointWriter writer(file_of(stage));
    write(writer);
    writer.commit();
  } catch (const OutputError& e) {
    notes_.push_back("no checkpoint of the stage '" + stage + "' could be kept: " + e.what());
    std::error_code error;
    fs::remove_all(folder_, error);  // it may have been what filled the disk
    folder_.clear();
  }
}

}  // namespace hexaplex
