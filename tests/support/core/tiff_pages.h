#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "kernels/runtime/host_plane.h"

namespace hexaplex::test {

/// One grey page of a TIFF file, its samples as float (exact up to 24 bits), read with libtiff alone so that tests of
/// other parts do not lean on the project's own reader.
struct TiffPage {
  std::string description;
  HostPlane<float> pixels;
};

/// Every grey page; pages of several samples (thumbnails) are left out.
std::vector<TiffPage> read_tiff_pages(const std::filesystem::path& path);

HostPlane<std::uint32_t> as_labels(const HostPlane<float>& pixels);

/// The shared folder of real images, or empty where it is absent.
std::filesystem::path shared_data(const std::string& folder);

}  // namespace hexaplex::test
