#pragma once

#include <filesystem>
#include <string>

#include "core/io/slide.h"
#include "kernels/runtime/host_plane.h"
#include "tests/support/paths.h"

namespace hexaplex::testing {

/// A file of the real images with references, which may be absent: tests then skip, visibly.
inline std::filesystem::path real_image_file(const std::string& file) {
  return ::hexaplex::testing::source_folder() / ".." / "shared" / "data" / file;
}

/// The first channel whose name contains `name`, else the last; the first where the name is empty.
inline HostPlane<float> read_channel(const std::filesystem::path& file, const std::string& name) {
  const auto slide = open_slide(file);
  const SlideInfo& info = slide->info();
  std::size_t channel = 0;
  while (channel + 1 < info.channels.size() && !name.empty() &&
         info.channels[channel].name.find(name) == std::string::npos)
    ++channel;
  HostPlane<float> out(info.extent);
  slide->read(static_cast<int>(channel), 0, {0, 0, info.extent.width, info.extent.height}, out.view());
  return out;
}

}  // namespace hexaplex::testing
