// Writes every pixel of a slide as float32, for comparing readers: a line "channels z_planes height width", then
// [channel][z][y][x] in the byte order of this machine. `dump_pixels --labels FILE` reads it as a label mask.

#include <cstdio>
#include <cstring>
#include <vector>

#include "core/io/slide.h"
#include "kernels/runtime/error.h"

namespace {

void write_plane(const hexaplex::HostPlane<float>& p) {
  std::fwrite(p.data(), sizeof(float), static_cast<std::size_t>(p.extent().area()), stdout);
}

void dump_slide(const char* path) {
  const auto slide = hexaplex::open_slide(path);
  const auto& info = slide->info();
  std::printf("%zu %d %d %d\n", info.channels.size(), info.z_count, info.extent.height, info.extent.width);
  hexaplex::HostPlane<float> plane(info.extent);
  for (int c = 0; c < static_cast<int>(info.channels.size()); ++c) {
    for (int z = 0; z < info.z_count; ++z) {
      slide->read(c, z, {0, 0, info.extent.width, info.extent.height}, plane.view());
      write_plane(plane);
    }
  }
}

void dump_labels(const char* path) {
  const auto labels = hexaplex::read_label_pages(path);
  std::printf("%zu 1 %d %d\n", labels.pages.size(), labels.pages.front().height(), labels.pages.front().width());
  for (const auto& page : labels.pages) {
    hexaplex::HostPlane<float> plane(page.extent());
    for (std::int64_t i = 0; i < page.extent().area(); ++i) plane.data()[i] = static_cast<float>(page.data()[i]);
    write_plane(plane);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const bool labels = argc == 3 && std::strcmp(argv[1], "--labels") == 0;
  if (argc != 2 && !labels) {
    std::fprintf(stderr, "usage: dump_pixels [--labels] FILE\n");
    return 2;
  }
  try {
    labels ? dump_labels(argv[2]) : dump_slide(argv[1]);
  } catch (const hexaplex::InputError& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 3;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
  return 0;
}
