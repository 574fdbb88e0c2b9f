#include <array>

#include "core/io/channel_folder.h"
#include "core/io/picture.h"
#include "core/io/slide.h"
#include "core/io/text.h"
#include "core/io/tiff_slide.h"
#include "core/io/whole_slide.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

[[noreturn]] void refuse(const FileBytes& file) {
  if (ends_with_ignoring_case(file.name(), ".im3"))
    throw InputError(file.name(),
                     "is an IM3 file, a format that its maker keeps to itself; open it in inForm and export "
                     "component data (TIFF)");
  throw InputError(
      file.name(),
      "is no TIFF, PNG, JPEG or whole slide that OpenSlide knows; export it as OME-TIFF or component data");
}

}  // namespace

std::unique_ptr<Slide> open_slide(const std::filesystem::path& path, const OpenOptions& options) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return open_channel_folder(path, options);
  const FileBytes file(path);
  if (is_for_openslide(file)) {
    if (auto slide = open_whole_slide(file)) return slide;
  }
  if (looks_like_png(file) || looks_like_jpeg(file)) return open_picture(file);
  if (!looks_like_tiff(file)) refuse(file);
  return std::make_unique<TiffSlide>(read_tiff_layout(path, options));
}

std::string slide_stem(const std::filesystem::path& path) {
  std::filesystem::path p = path.lexically_normal();
  if (p.filename().empty()) p = p.parent_path();  // a folder given with a slash at its end
  std::string name = p.filename().string();
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return name;
  constexpr std::array kSuffixes{".ome.tiff", ".ome.tif", ".ome.btf", ".tiff", ".tif",  ".btf",
                                 ".qptiff",   ".svs",     ".ndpi",    ".mrxs", ".scn",  ".vms",
                                 ".vmu",      ".bif",     ".svslide", ".png",  ".jpeg", ".jpg"};
  for (const char* suffix : kSuffixes) {
    const std::size_t length = std::string_view(suffix).size();
    if (name.size() > length && ends_with_ignoring_case(name, suffix)) return name.substr(0, name.size() - length);
  }
  return name;
}

}  // namespace hexaplex
