// Writes planes of raw uint32 as a pyramid and says in JSON how long that took: what label_pyramid.py measures.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/io/ome_tiff_writer.h"
#include "core/run/output_file.h"
#include "core/run/sha256.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {
namespace {

struct Arguments {
  std::string raw, out;
  int width = 0, height = 0, channels = 1, threads = 0, repeat = 1;
  ImageCodec codec = ImageCodec::zstd;
  bool read_back = false;
};

// Pixels as the pipeline holds those of a large slide: mapped from a file, which the page cache holds.
class MappedPlanes {
 public:
  MappedPlanes(const std::string& path, Extent extent, int channels)
      : extent_(extent), bytes_(static_cast<std::size_t>(extent.area()) * 4 * static_cast<std::size_t>(channels)) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) throw Error(path + " cannot be opened");
    const bool long_enough = static_cast<std::size_t>(::lseek(fd, 0, SEEK_END)) >= bytes_;
    memory_ = ::mmap(nullptr, bytes_, PROT_READ, MAP_SHARED, fd, 0);
    ::close(fd);
    if (!long_enough || memory_ == MAP_FAILED) throw Error(path + " does not hold that many pixels");
  }
  ~MappedPlanes() { ::munmap(memory_, bytes_); }
  MappedPlanes(const MappedPlanes&) = delete;
  Plane<const std::uint32_t> plane(int c) const {
    return {static_cast<const std::uint32_t*>(memory_) + c * extent_.area(), extent_, extent_.width};
  }

 private:
  Extent extent_;
  std::size_t bytes_;
  void* memory_ = nullptr;
};

nlohmann::json measure(const Arguments& a) {
  const auto now = [] { return std::chrono::steady_clock::now(); };
  const auto seconds = [](auto d) { return std::chrono::duration<double>(d).count(); };
  const Extent extent{a.width, a.height};
  nlohmann::json runs = nlohmann::json::array();
  for (int i = 0; i < a.repeat; ++i) {
    std::filesystem::remove(a.out);
    const auto start = now();
    const MappedPlanes planes(a.raw, extent, a.channels);
    std::vector<OmeChannel<std::uint32_t>> channels;
    channels.reserve(static_cast<std::size_t>(a.channels));
    for (int c = 0; c < a.channels; ++c) channels.push_back({"channel " + std::to_string(c), planes.plane(c)});
    OutputFile file(a.out);
    write_ome_tiff(CpuQueue{}, file, channels, {"labels", 0.5, "Hexaplex", a.codec});
    const auto written = now();
    file.close();
    const auto synced = now();
    nlohmann::json run{{"write", seconds(written - start)}, {"sync", seconds(synced - written)}};
    if (a.read_back) {
      run["sha256"] = hash_file(a.out).sha256;
      verify_ome_tiff(a.out, a.channels, extent);
      run["read_back"] = seconds(now() - synced);
    }
    run["bytes"] = std::filesystem::file_size(a.out);
    runs.push_back(std::move(run));
  }
  return {{"threads", cpu_threads()}, {"codec", name_of(a.codec)}, {"runs", std::move(runs)}};
}

}  // namespace
}  // namespace hexaplex

int main(int argc, char** argv) {
  using namespace hexaplex;
  CLI::App app{"Writes planes of raw uint32 as an OME-TIFF pyramid and says how long that took"};
  Arguments a;
  const std::map<std::string, ImageCodec> codecs{{"deflate", ImageCodec::deflate}, {"zstd", ImageCodec::zstd}};
  app.add_option("RAW", a.raw, "Pixels: channels x height x width, uint32")->required();
  app.add_option("OUT", a.out, "The pyramid; an existing one is replaced")->required();
  app.add_option("--width", a.width)->required()->check(CLI::PositiveNumber);
  app.add_option("--height", a.height)->required()->check(CLI::PositiveNumber);
  app.add_option("--channels", a.channels)->check(CLI::PositiveNumber);
  app.add_option("--codec", a.codec)->transform(CLI::CheckedTransformer(codecs));
  app.add_option("--threads", a.threads, "0: all cores")->check(CLI::NonNegativeNumber);
  app.add_option("--repeat", a.repeat)->check(CLI::PositiveNumber);
  app.add_flag("--read-back", a.read_back, "Hash and verify the file too, as a run does");
  CLI11_PARSE(app, argc, argv);
  try {
    set_cpu_threads(a.threads);
    std::puts(measure(a).dump().c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "pyramid_bench: %s\n", error.what());
    return 1;
  }
}
