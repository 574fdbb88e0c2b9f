#include "core/io/library_versions.h"

#include <fmt/format.h>
#include <libdeflate.h>
#include <openslide.h>
#include <openssl/crypto.h>
#include <png.h>
#include <tiffio.h>
#include <zlib.h>
#include <zstd.h>

#include <nlohmann/json.hpp>
#include <opencv2/core/utility.hpp>
#include <pugixml.hpp>

namespace hexaplex {

namespace {

// "LIBTIFF, Version 4.5.0" and a copyright line.
std::string tiff_version() {
  const std::string text = TIFFGetVersion();
  const std::size_t start = text.find_first_of("0123456789");
  return text.substr(start, text.find('\n') - start);
}

}  // namespace

std::vector<LibraryVersion> library_versions() {
  return {
      {"fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100)},
      {"libdeflate", LIBDEFLATE_VERSION_STRING},
      {"libpng", png_get_libpng_ver(nullptr)},
      {"libtiff", tiff_version()},
      {"nlohmann-json",
       fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH)},
      {"OpenCV", cv::getVersionString()},
      {"OpenSlide", openslide_get_version()},
      {"OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING)},
      {"pugixml", fmt::format("{}.{}", PUGIXML_VERSION / 1000, PUGIXML_VERSION % 1000 / 10)},
      {"zlib", zlibVersion()},
      {"zstd", ZSTD_versionString()},
  };
}

}  // namespace hexaplex
