#include "core/io/tiff_layout.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/io/tiff_codec.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

TiffLayout layout_of(std::unique_ptr<TiffFile> file, const OpenOptions& options) {
  if (is_qpi(*file)) return qpi_layout(std::move(file));
  if (is_ome(*file)) return ome_layout(std::move(file), options);
  if (is_imagej(*file)) return imagej_layout(std::move(file));
  if (is_shaped(*file)) return shaped_layout(std::move(file));
  if (is_aperio(*file)) return aperio_layout(std::move(file));
  return plain_layout(std::move(file));
}

}  // namespace

// Rows of a page without compression that are worth a window of their own.
constexpr int kFreeRows = 64;

TiffLayout read_tiff_layout(const std::filesystem::path& path, const OpenOptions& options) {
  TiffLayout layout = layout_of(std::make_unique<TiffFile>(path, options), options);
  layout.info.opened = options;
  settle_levels(layout);
  return layout;
}

void describe_page(SlideInfo& info, const TiffFile& file, const TiffPage& page) {
  check_readable(file.bytes, page);
  info.path = file.bytes.path();
  info.extent = {static_cast<int>(page.width), static_cast<int>(page.height)};
  info.block = {static_cast<int>(std::min(page.block_width, page.width)),
                static_cast<int>(std::min(page.block_height, page.height))};
  // Any rows of one uncompressed strip can be read alone. Taken for a block, it would keep a window, and so a thread,
  // for the whole page.
  if (page.compression == tiff::kNone && !page.tiled && page.block_height >= page.height)
    info.block.height = std::min(info.block.height, kFreeRows);
  info.sample_type = sample_type(page);
  info.significant_bits = static_cast<int>(page.bits);
  info.compression = compression_name(page.compression);
  if (page.photometric == tiff::kWhiteIsZero)
    info.warnings.push_back("The file calls its lowest value white; values are read as they are stored.");
  if (page.photometric == tiff::kPalette)
    info.warnings.push_back("The file has a colour table for display; values are read as they are stored.");
}

void check_readable_like(SlideInfo& info, const TiffFile& file, const TiffPage& page) {
  check_readable(file.bytes, page);
  const std::string name = compression_name(page.compression);
  if (info.compression.find(name) == std::string::npos) info.compression += ", " + name;
}

void add_sample_channels(TiffLayout& layout, std::size_t file, const TiffPage& page) {
  const bool colour = page.photometric == tiff::kRgb || page.photometric == tiff::kYCbCr;
  const std::uint32_t first_extra = page.samples - page.extra_samples;
  for (std::uint32_t s = 0; s < page.samples; ++s) {
    // Without ExtraSamples a fourth sample of an RGB page is still an alpha channel: that is what writers mean.
    const bool alpha = (page.has_alpha && s == first_extra) || (colour && page.extra_samples == 0 && s == 3);
    if (alpha) {
      layout.info.warnings.push_back("The alpha channel is left out.");
      continue;
    }
    SlideChannel channel;
    constexpr const char* kColours[] = {"Red", "Green", "Blue"};
    if (colour && s < 3) channel.name = kColours[s];
    layout.info.channels.push_back(channel);
    layout.planes.push_back({file, &page, s, std::nullopt, {}});
  }
  layout.info.rgb = colour && layout.info.channels.size() == 3;
}

bool same_kind(const TiffPage& a, const TiffPage& b) {
  return a.width == b.width && a.height == b.height && a.samples == b.samples && a.bits == b.bits &&
         a.sample_format == b.sample_format;
}

void require_same_kind(const TiffFile& file, const TiffPage& page, const TiffPage& first) {
  if (same_kind(page, first)) return;
  const auto describe = [](const TiffPage& p) {
    return fmt::format("{} x {} pixels, {} samples of {} bits", p.width, p.height, p.samples, p.bits);
  };
  throw InputError(file.name(), fmt::format("{} has {}, but {} has {}; channels of one slide must be alike", page.label,
                                            describe(page), first.label, describe(first)));
}

PlaneSource contiguous_plane(const TiffFile& file, const TiffPage& first, std::uint64_t k) {
  // Where the first plane lies says where all others do.
  if (!first.block_problem.empty()) throw InputError(file.name(), first.label + ": " + first.block_problem);
  const std::uint64_t row = (std::uint64_t{first.width} * first.samples * first.bits + 7) / 8;
  const std::uint64_t plane = row * first.height;  // the pre-scan saw that the first plane lies in the file
  const std::uint64_t room = file.bytes.size() - first.first_block_offset;
  if (k >= room / plane)
    throw InputError(file.name(),
                     fmt::format("ends inside image {} of its stack ({} bytes each, from offset {}); it is "
                                 "truncated",
                                 k + 1, plane, first.first_block_offset));
  return {0, &first, 0, first.first_block_offset + k * plane, {}};
}

}  // namespace hexaplex
