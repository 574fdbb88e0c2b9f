#include <tiffio.h>

#include <cstdarg>
#include <memory>
#include <string>
#include <vector>

#include "core/io/ome_tiff_writer.h"
#include "core/io/pyramid_grid.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

// libtiff prints its errors unless it is told not to.
class QuietOptions {
 public:
  QuietOptions() : options_(TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree) {
    TIFFOpenOptionsSetErrorHandlerExtR(options_.get(), quiet, nullptr);
    TIFFOpenOptionsSetWarningHandlerExtR(options_.get(), quiet, nullptr);
  }
  TIFFOpenOptions* get() const { return options_.get(); }

 private:
  static int quiet(TIFF*, void*, const char*, const char*, va_list) { return 1; }
  std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options_;
};

}  // namespace

void verify_ome_tiff(const std::filesystem::path& path, int channels, Extent extent) {
  const auto broken = [&](const std::string& what) {
    throw OutputError(path.string(), "does not read back (" + what + "); is the disk full or failing?");
  };
  const QuietOptions options;
  const std::unique_ptr<TIFF, void (*)(TIFF*)> tiff(TIFFOpenExt(path.c_str(), "r", options.get()), TIFFClose);
  if (!tiff) broken("it cannot be opened");
  if (static_cast<int>(TIFFNumberOfDirectories(tiff.get())) != channels) broken("directories are missing");
  const std::uint64_t file_bytes = std::filesystem::file_size(path);
  const PyramidGrid grid{extent};
  const int levels = grid.levels();
  for (int c = 0; c < channels; ++c) {
    if (!TIFFSetDirectory(tiff.get(), static_cast<tdir_t>(c))) broken("a directory is damaged");
    std::uint16_t count = 0;
    toff_t* offsets = nullptr;
    std::vector<toff_t> levels_at;
    if (TIFFGetField(tiff.get(), TIFFTAG_SUBIFD, &count, &offsets)) levels_at.assign(offsets, offsets + count);
    if (static_cast<int>(levels_at.size()) != levels - 1) broken("levels are missing");
    for (int level = 0; level < levels; ++level) {
      if (level > 0 && !TIFFSetSubDirectory(tiff.get(), levels_at[static_cast<std::size_t>(level - 1)]))
        broken("a level is damaged");
      std::uint32_t width = 0, height = 0;
      TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width);
      TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height);
      const Extent expected = grid.extent(level);
      if (static_cast<int>(width) != expected.width || static_cast<int>(height) != expected.height)
        broken("a level has another size");
      for (std::uint32_t t = 0; t < TIFFNumberOfTiles(tiff.get()); ++t) {
        const std::uint64_t bytes = TIFFGetStrileByteCount(tiff.get(), t);
        const std::uint64_t offset = TIFFGetStrileOffset(tiff.get(), t);
        if (bytes == 0 || offset > file_bytes || bytes > file_bytes - offset) broken("a tile is missing");
      }
    }
  }
}

}  // namespace hexaplex
