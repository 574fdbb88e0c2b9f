#include "core/io/tiff_slide.h"

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <tuple>

#include "core/io/sample_unpack.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

PackedRow packed_row(const TiffPage& page, std::uint32_t sample, const std::uint8_t* bytes) {
  return {bytes, page.bits, page.sample_format, page.planar ? 1 : page.samples, page.planar ? 0 : sample};
}

const TiffPage& page_of(const PlaneSource& source, int level) {
  return level == 0 ? *source.page : *source.reduced[static_cast<std::size_t>(level) - 1];
}

/// The same sentence for every page or file helps nobody.
void keep_first_of_equal(std::vector<std::string>& sentences) {
  std::set<std::string> seen;
  std::vector<std::string> kept;
  for (const std::string& s : sentences) {
    if (seen.insert(s).second) kept.push_back(s);
  }
  sentences = std::move(kept);
}

}  // namespace

TiffSlide::TiffSlide(TiffLayout layout) : files_(std::move(layout.files)), planes_(std::move(layout.planes)) {
  info_ = std::move(layout.info);
  keep_first_of_equal(info_.warnings);
}

void TiffSlide::read_level(int level, int channel, int z, Rect window, Plane<float> dst) {
  read_pixels(level, channel, z, window, dst);
}

void TiffSlide::read_level(int level, int channel, int z, Rect window, Plane<std::uint16_t> dst) {
  read_pixels(level, channel, z, window, dst);
}

void TiffSlide::read(int channel, int z, Rect window, Plane<std::int64_t> dst) {
  HX_EXPECT(info_.sample_type != SampleType::float32, "float samples cannot be read as integers");
  check_read(0, channel, z, window, dst.extent);
  if (!window.extent().empty()) read_pixels(0, channel, z, window, dst);
}

const PlaneSource& TiffSlide::plane(int channel, int z) const {
  return planes_[static_cast<std::size_t>(z) * info_.channels.size() + static_cast<std::size_t>(channel)];
}

template <class T>
void TiffSlide::read_pixels(int level, int channel, int z, Rect window, Plane<T> dst) {
  const PlaneSource& source = plane(channel, z);
  if (source.contiguous_at) {
    read_contiguous(source, window, dst);
  } else {
    read_blocks(source, page_of(source, level), window, dst);
  }
}

template <class T>
void TiffSlide::read_blocks(const PlaneSource& source, const TiffPage& page, Rect window, Plane<T> dst) {
  TiffDecoder& decoder = files_[source.file]->decoder;
  for (int y = window.y; y < window.bottom();) {
    int next_y = window.bottom();
    for (int x = window.x; x < window.right();) {
      const TiffBlock& b = decoder.block_at(page, static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y),
                                            page.planar ? source.sample : 0);
      const int last_y = std::min(window.bottom(), static_cast<int>(b.y + b.height));
      const int last_x = std::min(window.right(), static_cast<int>(b.x + b.width));
      for (int row = y; row < last_y; ++row) {
        const std::uint8_t* bytes = b.bytes.data() + (static_cast<std::size_t>(row) - b.y) * b.row_bytes;
        unpack_samples(packed_row(page, source.sample, bytes), static_cast<std::size_t>(x) - b.x,
                       static_cast<std::size_t>(last_x - x), dst.row(row - window.y) + (x - window.x));
      }
      next_y = last_y;
      x = last_x;
    }
    y = next_y;
  }
}

std::vector<DamagedTile> TiffSlide::damaged_in_level(int level, std::span<const int> channels, int z, Rect window) {
  if (info_.opened.damaged_tiles == DamagedTiles::error) return {};
  // The samples of one page share its blocks.
  std::map<std::tuple<std::size_t, std::uint64_t, std::uint32_t>, std::vector<int>> sharing;
  for (const int channel : channels) {
    const PlaneSource& source = plane(channel, z);
    if (source.contiguous_at) continue;  // no blocks: the file holds them all, or was refused
    const TiffPage& page = page_of(source, level);
    sharing[{source.file, page.offset, page.planar ? source.sample : 0}].push_back(channel);
  }
  std::vector<DamagedTile> tiles;
  for (auto& [key, of_block] : sharing) {
    std::sort(of_block.begin(), of_block.end());
    const PlaneSource& source = plane(of_block.front(), z);
    const TiffPage& page = page_of(source, level);
    const int width = static_cast<int>(page.block_width), height = static_cast<int>(page.block_height);
    for (int y = window.y / height * height; y < window.bottom(); y += height) {
      for (int x = window.x / width * width; x < window.right(); x += width) {
        const TiffBlock& b = files_[source.file]->decoder.block_at(
            page, static_cast<std::uint32_t>(std::max(x, window.x)), static_cast<std::uint32_t>(std::max(y, window.y)),
            page.planar ? source.sample : 0);
        if (!b.damaged) continue;
        const Extent extent = info_.levels[static_cast<std::size_t>(level)];
        tiles.push_back({{x, y, std::min(width, extent.width - x), std::min(height, extent.height - y)}, of_block});
      }
    }
  }
  return tiles;
}

template <class T>
void TiffSlide::read_contiguous(const PlaneSource& source, Rect window, Plane<T> dst) {
  const TiffPage& page = *source.page;
  const TiffFile& file = *files_[source.file];
  const std::size_t bytes = page.bits / 8;  // whole bytes and one sample: the layouts make sure
  std::vector<std::uint8_t> row(static_cast<std::size_t>(window.width) * bytes);
  const bool swap = bytes > 1 && file.index.big_endian != (std::endian::native == std::endian::big);
  for (int y = 0; y < window.height; ++y) {
    const std::uint64_t at =
        (static_cast<std::uint64_t>(window.y + y) * page.width + static_cast<std::uint64_t>(window.x)) * bytes;
    file.bytes.read(*source.contiguous_at + at, row.data(), row.size());
    if (swap) {
      for (std::size_t i = 0; i < row.size(); i += bytes)
        std::reverse(row.begin() + static_cast<std::ptrdiff_t>(i),
                     row.begin() + static_cast<std::ptrdiff_t>(i + bytes));
    }
    unpack_samples(packed_row(page, 0, row.data()), 0, static_cast<std::size_t>(window.width), dst.row(y));
  }
}

}  // namespace hexaplex
