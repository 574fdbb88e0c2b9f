#include <fmt/format.h>
#include <turbojpeg.h>

#include <string>

#include "core/io/picture.h"
#include "core/io/text.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr std::uint64_t kMaxFileBytes = 512ull << 20;

struct Decompressor {
  tjhandle handle = tjInitDecompress();
  ~Decompressor() {
    if (handle != nullptr) tjDestroy(handle);
  }
};

}  // namespace

Picture read_jpeg(const FileBytes& file) {
  const std::vector<std::uint8_t> bytes = file.read_all(kMaxFileBytes);
  const Decompressor d;
  if (d.handle == nullptr) throw OutOfMemory(0, "libjpeg-turbo");
  const auto fail = [&] {
    throw InputError(file.name(), fmt::format("is a damaged JPEG: {}; copy or export it again",
                                              clean_text(tjGetErrorStr2(d.handle))));
  };
  int width = 0, height = 0, subsampling = 0, colours = 0;
  if (tjDecompressHeader3(d.handle, bytes.data(), bytes.size(), &width, &height, &subsampling, &colours) != 0) fail();
  if (width == 0 || height == 0)
    throw InputError(file.name(), "is a damaged JPEG: it ends before its picture begins; copy or export it again");
  if (colours == TJCS_CMYK || colours == TJCS_YCCK)
    throw InputError(file.name(), "is a CMYK JPEG, which is not supported; save it as RGB");
  Picture p;
  p.extent = {width, height};
  p.samples = colours == TJCS_GRAY ? 1 : 3;
  check_picture_size(file, static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height), p.samples);
  const std::size_t values = static_cast<std::size_t>(p.extent.area()) * static_cast<std::size_t>(p.samples);
  std::vector<unsigned char> pixels(values);
  // Warnings stop too: where data is missing libjpeg fills in grey and only warns.
  if (tjDecompress2(d.handle, bytes.data(), bytes.size(), pixels.data(), width, 0, height,
                    p.samples == 1 ? TJPF_GRAY : TJPF_RGB,
                    TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS) != 0)
    fail();
  p.pixels.assign(pixels.begin(), pixels.end());
  return p;
}

}  // namespace hexaplex
