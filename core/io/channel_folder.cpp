#include "core/io/channel_folder.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/io/text.h"
#include "core/io/tiff_layout.h"
#include "core/io/tiff_slide.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

std::vector<std::filesystem::path> tiffs_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  std::error_code error;
  for (auto it = std::filesystem::directory_iterator(folder, error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    const bool tiff = ends_with_ignoring_case(name, ".tif") || ends_with_ignoring_case(name, ".tiff");
    if (tiff && name.front() != '.' && it->is_regular_file(error)) paths.push_back(it->path());
  }
  if (error) throw InputError(folder.string(), "cannot be listed: " + error.message());
  std::sort(paths.begin(), paths.end(), [](const auto& a, const auto& b) { return a.native() < b.native(); });
  return paths;
}

/// Keeps the first file's pixel size; a file that disagrees by more than 1 % is a different picture.
void merge_pixel_size(const std::filesystem::path& folder, SlideInfo& all, const SlideInfo& one) {
  if (!one.um_per_px_x) return;
  if (!all.um_per_px_x) {
    all.um_per_px_x = one.um_per_px_x;
    all.um_per_px_y = one.um_per_px_y;
  } else if (*one.um_per_px_x > 1.01 * *all.um_per_px_x || *one.um_per_px_x < 0.99 * *all.um_per_px_x) {
    throw InputError(folder.string(), fmt::format("{} gives {:.6g} \xC2\xB5m per pixel, the files before it {:.6g}",
                                                  one.path.filename().string(), *one.um_per_px_x, *all.um_per_px_x));
  }
}

}  // namespace

std::unique_ptr<Slide> open_channel_folder(const std::filesystem::path& folder, const OpenOptions& options) {
  TiffLayout all;
  for (const auto& path : tiffs_in(folder)) {
    TiffLayout one = read_tiff_layout(path, options);
    if (one.info.channels.size() != 1 || one.info.z_count != 1 || one.files.size() != 1)
      throw InputError(folder.string(),
                       fmt::format("{} holds {} channels and {} z planes; in a folder of channels each file "
                                   "holds one, open the file itself instead",
                                   path.filename().string(), one.info.channels.size(), one.info.z_count));
    one.info.channels.front().name = slide_stem(path);
    one.planes.front().file = all.files.size();
    if (all.files.empty()) {
      all = std::move(one);
      continue;
    }
    const SlideInfo& info = all.info;
    if (!(one.info.extent == info.extent) || one.info.sample_type != info.sample_type)
      throw InputError(
          folder.string(),
          fmt::format("{} has {} x {} pixels, {} has {} x {}; channels of one slide must have one size and one "
                      "sample type",
                      path.filename().string(), one.info.extent.width, one.info.extent.height,
                      info.path.filename().string(), info.extent.width, info.extent.height));
    merge_pixel_size(folder, all.info, one.info);
    all.info.significant_bits = std::max(all.info.significant_bits, one.info.significant_bits);
    if (all.info.compression.find(one.info.compression) == std::string::npos)
      all.info.compression += ", " + one.info.compression;
    all.info.channels.push_back(std::move(one.info.channels.front()));
    all.files.push_back(std::move(one.files.front()));
    all.planes.push_back(one.planes.front());
    all.info.warnings.insert(all.info.warnings.end(), one.info.warnings.begin(), one.info.warnings.end());
  }
  if (all.files.empty())
    throw InputError(folder.string(),
                     "is a folder without TIFF files; give a slide, or a folder with one TIFF per channel");
  all.info.path = folder;
  all.info.companions.clear();  // in the folder, like everything else
  all.info.format = "folder of TIFFs";
  settle_levels(all);
  return std::make_unique<TiffSlide>(std::move(all));
}

}  // namespace hexaplex
