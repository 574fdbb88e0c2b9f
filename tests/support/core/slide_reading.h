#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/io/slide.h"
#include "kernels/runtime/error.h"

namespace hexaplex::test {

/// All pixels of a channel, row by row.
inline std::vector<float> pixels_of(Slide& slide, int channel = 0, int z = 0) {
  const Extent e = slide.info().extent;
  HostPlane<float> plane(e);
  slide.read(channel, z, {0, 0, e.width, e.height}, plane.view());
  return std::vector<float>(plane.data(), plane.data() + e.area());
}

/// Opens a slide and reads every pixel of it.
inline void read_everything(const std::filesystem::path& path) {
  const auto slide = open_slide(path);
  for (int c = 0; c < static_cast<int>(slide->info().channels.size()); ++c) {
    for (int z = 0; z < slide->info().z_count; ++z) pixels_of(*slide, c, z);
  }
}

/// The message of the InputError that reading a slide ends with; fails the test where there is none, or another.
inline std::string input_error_of(const std::filesystem::path& path) {
  try {
    read_everything(path);
  } catch (const InputError& e) {
    return e.what();
  } catch (const std::exception& e) {
    ADD_FAILURE() << "another exception: " << e.what();
    return {};
  }
  ADD_FAILURE() << "no error";
  return {};
}

}  // namespace hexaplex::test
