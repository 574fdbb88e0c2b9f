#include "core/batch/ledger.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <vector>

#include "core/run/output_file.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace fs = std::filesystem;

namespace {

constexpr const char* kPrefix = "ledger";
constexpr const char* kSuffix = ".jsonl";
constexpr off_t kRoom = off_t{256} << 10;  // some hundred failures with their last words

std::string utc_now() {
  const auto now = std::chrono::system_clock::now();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(now)), ms);
}

bool ends_in_a_line(int fd) {
  const off_t size = ::lseek(fd, 0, SEEK_END);
  char last = '\n';
  return size <= 0 || (::pread(fd, &last, 1, size - 1) == 1 && last == '\n');
}

}  // namespace

fs::path ledger_path(const fs::path& folder, const Shard& shard) {
  return folder / (shard.whole() ? fmt::format("{}{}", kPrefix, kSuffix)
                                 : fmt::format("{}-{}-of-{}{}", kPrefix, shard.index, shard.count, kSuffix));
}

Ledger::Ledger(const fs::path& folder, const Shard& shard) : path_(ledger_path(folder, shard)) {
  fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (fd_ < 0) detail::throw_output_error(OutputStep::open, path_, errno);
  // A line cut short by a crash must not swallow the next one.
  if (!ends_in_a_line(fd_) && ::write(fd_, "\n", 1) != 1) detail::throw_output_error(OutputStep::write, path_, errno);
  keep_room();
}

Ledger::~Ledger() {
  if (fd_ >= 0) ::close(fd_);
}

// Blocks beyond the end of the file, which its size does not show. Where that cannot be had, add finds the disk full.
void Ledger::keep_room() {
#if defined(FALLOC_FL_KEEP_SIZE)
  const off_t size = ::lseek(fd_, 0, SEEK_END);
  if (size >= 0) (void)::fallocate(fd_, FALLOC_FL_KEEP_SIZE, 0, size + kRoom);
#endif
}

void Ledger::require_in_place() const {
  struct stat open {
  }, named{};
  if (::fstat(fd_, &open) != 0) detail::throw_output_error(OutputStep::write, path_, errno);
  if (::stat(path_.c_str(), &named) == 0 && named.st_dev == open.st_dev && named.st_ino == open.st_ino) return;
  throw OutputError(
      path_.string(),
      "was removed or replaced while the batch was at work; put the folder back, or leave it, and run the "
      "same command with --resume");
}

void Ledger::add(const std::string& event, nlohmann::ordered_json fields) {
  nlohmann::ordered_json line{{"time", utc_now()}, {"event", event}};
  line.update(fields);
  const std::string text = line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  int error = detail::output_fault(OutputStep::write, path_);
  for (std::size_t written = 0; error == 0 && written < text.size();) {
    const ssize_t n = ::write(fd_, text.data() + written, text.size() - written);
    if (n > 0) {
      written += static_cast<std::size_t>(n);
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  if (error != 0) detail::throw_output_error(OutputStep::write, path_, error);
  if (::fdatasync(fd_) != 0 && errno != EINVAL) detail::throw_output_error(OutputStep::sync, path_, errno);
  keep_room();
  require_in_place();
}

std::map<std::string, std::string> last_states(const fs::path& folder) {
  std::map<std::string, std::pair<std::string, std::string>> last;  // stem -> time, state
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind(kPrefix, 0) != 0 || entry.path().extension() != kSuffix) continue;
    std::ifstream file(entry.path());
    for (std::string text; std::getline(file, text);) {
      const nlohmann::json line = nlohmann::json::parse(text, nullptr, false);
      if (!line.is_object() || !line.contains("slide") || !line["slide"].is_string()) continue;
      const std::string event = line.value("event", ""), time = line.value("time", "");
      if (event != "done" && event != "failed") continue;
      auto& state = last[line["slide"].get<std::string>()];
      if (time >= state.first) state = {time, event};
    }
  }
  std::map<std::string, std::string> out;
  for (const auto& [stem, state] : last) out[stem] = state.second;
  return out;
}

}  // namespace hexaplex
