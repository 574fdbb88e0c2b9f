#include "core/run/checkpoint_file.h"

#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kEnd = 0x68786370656e6421;  // where the size of a block would be
constexpr std::size_t kBlockBytes = std::size_t{4} << 20;

std::string packed(std::span<const std::byte> bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
  if (context == nullptr) throw OutOfMemory(out.size(), "a checkpoint");
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, 1);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  const std::size_t size = ZSTD_compress2(context.get(), out.data(), out.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(size) != 0) throw OutOfMemory(out.size(), "a checkpoint");
  out.resize(size);
  return out;
}

int rows_in_block(int count, std::size_t bytes) {
  return static_cast<int>(std::clamp<std::size_t>(kBlockBytes / std::max<std::size_t>(bytes, 1), 1,
                                                  static_cast<std::size_t>(std::max(count, 1))));
}

// Rows that follow each other without a gap.
std::vector<std::byte> gathered(const std::byte* first, int count, std::size_t bytes, std::size_t apart) {
  std::vector<std::byte> out(bytes * static_cast<std::size_t>(count));
  for (int y = 0; y < count; ++y)
    std::memcpy(out.data() + bytes * static_cast<std::size_t>(y), first + apart * static_cast<std::size_t>(y), bytes);
  return out;
}

void write_block(OutputFile& file, std::uint64_t bytes, const std::string& data) {
  const std::uint64_t head[2] = {bytes, data.size()};
  file.write(head, sizeof head);
  file.write(data);
}

}  // namespace

CheckpointWriter::CheckpointWriter(fs::path path) : path_(std::move(path)) {
  partial_ = path_;
  partial_ += ".partial-" + std::to_string(::getpid());
  std::error_code error;
  fs::remove(partial_, error);  // of a process with the same number that died
  file_ = std::make_unique<OutputFile>(partial_);
}

CheckpointWriter::~CheckpointWriter() {
  if (file_ == nullptr) return;
  file_.reset();
  std::error_code error;
  fs::remove(partial_, error);
}

void CheckpointWriter::block(std::span<const std::byte> bytes) {
  write_block(*file_, bytes.size(), packed(bytes));
}

void CheckpointWriter::rows(const CpuQueue& q, const std::byte* first, int count, std::size_t bytes,
                            std::size_t apart) {
  const int step = rows_in_block(count, bytes);
  const int blocks = (count + step - 1) / step;
  // A few blocks at a time: packed side by side, written in order.
  const int at_once = 2 * cpu_threads();
  for (int begin = 0; begin < blocks; begin += at_once) {
    std::vector<std::string> done(static_cast<std::size_t>(std::min(at_once, blocks - begin)));
    std::vector<std::uint64_t> sizes(done.size());
    for_each_task(q, static_cast<std::int64_t>(done.size()), [&](std::int64_t i) {
      const int y = (begin + static_cast<int>(i)) * step;
      const std::vector<std::byte> data =
          gathered(first + apart * static_cast<std::size_t>(y), std::min(step, count - y), bytes, apart);
      sizes[static_cast<std::size_t>(i)] = data.size();
      done[static_cast<std::size_t>(i)] = packed(data);
    });
    for (std::size_t i = 0; i < done.size(); ++i) write_block(*file_, sizes[i], done[i]);
  }
}

void CheckpointWriter::commit() {
  file_->write(&kEnd, sizeof kEnd);
  file_->close();
  int error = detail::output_fault(OutputStep::rename, path_);
  if (error == 0 && std::rename(partial_.c_str(), path_.c_str()) != 0) error = errno;
  if (error != 0) detail::throw_output_error(OutputStep::rename, path_, error);
  file_.reset();
  sync_folder(path_.parent_path());
}

struct CheckpointReader::State {
  fs::path path;
  std::ifstream file;
  std::vector<char> packed;
};

CheckpointReader::CheckpointReader(const fs::path& path) : state_(std::make_unique<State>()) {
  state_->path = path;
  state_->file.open(path, std::ios::binary);
  if (!state_->file) damaged();
}
CheckpointReader::~CheckpointReader() = default;

void CheckpointReader::damaged() const {
  throw InputError(state_->path.string(), "this checkpoint is damaged; what it held is made again");
}

void CheckpointReader::block(std::span<std::byte> bytes) {
  std::uint64_t head[2] = {};
  State& s = *state_;
  if (!s.file.read(reinterpret_cast<char*>(head), sizeof head) || head[0] != bytes.size() ||
      head[1] > ZSTD_compressBound(bytes.size()))
    damaged();
  s.packed.resize(head[1]);
  if (!s.file.read(s.packed.data(), static_cast<std::streamsize>(head[1]))) damaged();
  const std::size_t size = ZSTD_decompress(bytes.data(), bytes.size(), s.packed.data(), s.packed.size());
  if (ZSTD_isError(size) != 0 || size != bytes.size()) damaged();
}

void CheckpointReader::rows(std::byte* first, int count, std::size_t bytes, std::size_t apart) {
  const int step = rows_in_block(count, bytes);
  std::vector<std::byte> data;
  for (int y = 0; y < count; y += step) {
    const int n = std::min(step, count - y);
    data.resize(bytes * static_cast<std::size_t>(n));
    block(data);
    for (int i = 0; i < n; ++i)
      std::memcpy(first + apart * static_cast<std::size_t>(y + i), data.data() + bytes * static_cast<std::size_t>(i),
                  bytes);
  }
}

void CheckpointReader::finish() {
  std::uint64_t end = 0;
  if (!state_->file.read(reinterpret_cast<char*>(&end), sizeof end) || end != kEnd || state_->file.get() != EOF)
    damaged();
}

}  // namespace hexaplex
