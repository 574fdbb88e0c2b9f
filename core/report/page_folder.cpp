#include "core/report/page_folder.h"

#include <fmt/format.h>

#include <system_error>

#include "core/run/output_file.h"
#include "core/run/staging.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace fs = std::filesystem;

PageFolder::PageFolder(const fs::path& out, std::string what, std::function<bool(const std::string& name)> is_ours,
                       bool overwrite)
    : what_(std::move(what)), is_ours_(std::move(is_ours)), overwrite_(overwrite) {
  const fs::path whole = fs::absolute(out).lexically_normal();
  place_ = whole.has_filename() ? whole : whole.parent_path();  // DIR/ is DIR
  if (!place_.has_filename()) throw OutputError(out.string(), "is no folder's name; give another --out");
  check();
}

// The whole folder is replaced: that must never take anything else along.
void PageFolder::check() const {
  std::error_code error;
  if (!fs::exists(place_, error)) return;
  if (!fs::is_directory(place_, error)) throw OutputError(place_.string(), "is no folder; give another --out");
  const fs::directory_iterator entries(place_, error), end;
  if (error) throw OutputError(place_.string(), "cannot be looked into: " + error.message());
  if (entries == end) return;
  for (const fs::directory_entry& entry : entries) {
    const std::string name = entry.path().filename().string();
    if (!is_ours_(name) || entry.is_directory(error))
      throw OutputError(place_.string(),
                        fmt::format("holds {}, which is no part of {}; give another --out", name, what_));
  }
  if (!overwrite_)
    throw OutputError(place_.string(),
                      fmt::format("holds {} already; give --overwrite to replace it, or another --out", what_));
}

void PageFolder::publish(const std::vector<std::pair<std::string, std::string>>& names_and_texts) const {
  StagingFolder staging(place_.parent_path(), place_.filename().string());
  for (const auto& [name, text] : names_and_texts) {
    OutputFile file(staging.path() / name);
    file.write(text);
    file.close();
  }
  check();  // what came meanwhile is not taken along either
  staging.publish(fs::exists(place_));
}

}  // namespace hexaplex
