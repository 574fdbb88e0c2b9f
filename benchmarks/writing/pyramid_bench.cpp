// Writes planes of raw uint32 as a pyramid and says in JSON how long that took: what label_pyramid.py measures.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/io/ome_tiff_writer.h"
#include "core/run/output_file.h"
#include "core/run/sha256.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {
namespace {

struct Arguments {
  std::string raw, out;
  int width = 0, height = 0, channels = 1, threads = 0, repeat = 1;
  ImageCodec codec = ImageCodec::zstd;
};

HostPlane<std::uint32_t> read_plane(std::ifstream& file, Extent extent) {
  HostPlane<std::uint32_t> plane(extent);
  if (!file.read(reinterpret_cast<char*>(plane.data()), static_cast<std::streamsize>(plane.bytes())))
    throw Error("the file of pixels is shorter than width x height x channels x 4 bytes");
  return plane;
}

nlohmann::json measure(const Arguments& a) {
  const Extent extent{a.width, a.height};
  std::ifstream raw(a.raw, std::ios::binary);
  if (!raw) throw Error(a.raw + " cannot be opened");
  std::vector<HostPlane<std::uint32_t>> planes;
  std::vector<OmeChannel<std::uint32_t>> channels;
  for (int c = 0; c < a.channels; ++c) planes.push_back(read_plane(raw, extent));
  for (int c = 0; c < a.channels; ++c)
    channels.push_back({"channel " + std::to_string(c), planes[static_cast<std::size_t>(c)].view()});
  nlohmann::json runs = nlohmann::json::array();
  for (int i = 0; i < a.repeat; ++i) {
    std::filesystem::remove(a.out);
    OutputFile file(a.out);
    const auto now = [] { return std::chrono::steady_clock::now(); };
    const auto seconds = [](auto d) { return std::chrono::duration<double>(d).count(); };
    const auto start = now();
    write_ome_tiff(CpuQueue{}, file, channels, {"labels", 0.5, "Hexaplex", a.codec});
    const auto written = now();
    file.close();
    const auto synced = now();
    const FileHash hash = hash_file(a.out);
    verify_ome_tiff(a.out, a.channels, extent);
    runs.push_back({{"write", seconds(written - start)},
                    {"sync", seconds(synced - written)},
                    {"read_back", seconds(now() - synced)},
                    {"bytes", hash.bytes},
                    {"sha256", hash.sha256}});
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
  CLI11_PARSE(app, argc, argv);
  try {
    set_cpu_threads(a.threads);
    std::puts(measure(a).dump().c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "pyramid_bench: %s\n", error.what());
    return 1;
  }
}
