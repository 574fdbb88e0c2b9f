#include "core/run/checkpoints.h"

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace fs = std::filesystem;

Checkpoints::Checkpoints(const fs::path& out, const std::string& stem, const std::string& key)
    : folder_(out / ("." + stem + ".checkpoint-" + key)) {
  const std::string prefix = "." + stem + ".checkpoint-";
  std::error_code error;
  std::vector<fs::path> others;
  for (const auto& entry : fs::directory_iterator(out, error))
    if (entry.path().filename().string().rfind(prefix, 0) == 0 && entry.path() != folder_)
      others.push_back(entry.path());
  for (const fs::path& folder : others) fs::remove_all(folder, error);
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
    clear();  // it may have been what filled the disk
    folder_.clear();
  }
}

void Checkpoints::clear() {
  std::error_code error;
  if (!folder_.empty()) fs::remove_all(folder_, error);
}

}  // namespace hexaplex
