// libFuzzer: any bytes as a slide. Every pixel is read where the slide is small.
// The only thing that may come back is an InputError (or OutOfMemory); all else is a finding.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/io/slide.h"
#include "kernels/runtime/error.h"

namespace {

constexpr std::int64_t kMaxPixels = 1 << 20;
constexpr std::size_t kMaxPlanes = 16;

void read_all(const std::string& path, const hexaplex::OpenOptions& options) {
  const auto slide = hexaplex::open_slide(path, options);
  const auto& info = slide->info();
  if (info.extent.area() > kMaxPixels || info.channels.size() * static_cast<std::size_t>(info.z_count) > kMaxPlanes)
    return;
  hexaplex::HostPlane<float> plane(info.extent);
  for (int c = 0; c < static_cast<int>(info.channels.size()); ++c) {
    for (int z = 0; z < info.z_count; ++z)
      slide->read(c, z, {0, 0, info.extent.width, info.extent.height}, plane.view());
    (void)slide->damaged_tiles(std::vector<int>{c}, 0, {0, 0, info.extent.width, info.extent.height});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int descriptor = ::memfd_create("slide", MFD_CLOEXEC);
  if (descriptor < 0 || ::write(descriptor, data, size) != static_cast<ssize_t>(size)) __builtin_trap();
  const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
  for (const auto damaged : {hexaplex::DamagedTiles::error, hexaplex::DamagedTiles::not_assessable}) {
    try {
      read_all(path, {damaged});
    } catch (const hexaplex::InputError&) {
    } catch (const hexaplex::OutOfMemory&) {
    }
  }
  try {
    hexaplex::read_label_pages(path);
  } catch (const hexaplex::InputError&) {
  } catch (const hexaplex::OutOfMemory&) {
  }
  ::close(descriptor);
  return 0;
}
