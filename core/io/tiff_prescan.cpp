#include "core/io/tiff_prescan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_set>

#include "core/io/tiff_block_place.h"
#include "core/io/tiff_codec.h"
#include "core/io/tiff_directory.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr std::size_t kMaxPages = 65535;
constexpr std::size_t kMaxLevels = 64;
constexpr std::uint64_t kMaxSide = 1u << 30;  // windows are ints, and their right and bottom must fit too
constexpr std::uint32_t kMaxSamples = 1024;
constexpr std::uint64_t kMaxBlocks = 1u << 22;  // of one page: a million pixels square in tiles of 512
constexpr std::uint64_t kMaxBlockBytes = 256ull << 20;
constexpr std::uint64_t kMaxDescriptionBytes = 32ull << 20;
constexpr std::uint64_t kMaxTextBytes = 128ull << 20;  // of all pages

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

class Prescan {
 public:
  Prescan(const FileBytes& file, DamagedTiles damaged_tiles) : file_(file), damaged_tiles_(damaged_tiles) {}

  TiffIndex run() {
    const TiffHeader header = read_tiff_header(file_);
    encoding_ = header.encoding;
    TiffIndex index;
    index.big = encoding_.big;
    index.big_endian = encoding_.big_endian;
    for (std::uint64_t offset = header.first; offset != 0;) {
      if (index.pages.size() == kMaxPages)
        throw InputError(file_.name(), fmt::format("holds more than {} pages; no slide does", kMaxPages));
      const TiffDirectory d = open(offset, fmt::format("page {}", index.pages.size() + 1));
      index.pages.push_back(read_page(d, offset));
      add_levels(d, index.pages.back());
      offset = d.next();
    }
    return index;
  }

 private:
  TiffDirectory open(std::uint64_t offset, std::string label) {
    if (!seen_.insert(offset).second)
      throw InputError(file_.name(),
                       fmt::format("{}: its directory (offset {}) was already used by an earlier page; the "
                                   "pages form a cycle",
                                   label, offset));
    TiffDirectory d(file_, encoding_, offset, std::move(label));
    value_bytes_ += d.value_bytes();
    // Pages share a few small values at most. Many pages that claim the same large ones would cost time without end.
    if (value_bytes_ / 4 > file_.size() + (1u << 20))
      d.fail("the tags of all pages claim many times the bytes of the file");
    return d;
  }

  std::string text(const TiffDirectory& d, TiffTag tag, std::uint64_t limit) {
    std::string s = d.text(tag, limit);
    text_bytes_ += s.size();
    if (text_bytes_ > kMaxTextBytes) d.fail("the texts of all pages take more than 128 MiB");
    return s;
  }

  void add_levels(const TiffDirectory& d, TiffPage& page) {
    const auto offsets = d.integers(TiffTag::sub_ifds, kMaxLevels);
    for (std::size_t i = 0; i < offsets.size(); ++i) {
      if (offsets[i] == 0) continue;
      const TiffDirectory sub = open(offsets[i], fmt::format("{}, level {}", page.label, i + 1));
      page.levels.push_back(read_page(sub, offsets[i]));
    }
  }

  TiffPage read_page(const TiffDirectory& d, std::uint64_t offset) {
    TiffPage p;
    p.label = d.label();
    p.offset = offset;
    p.big_endian = encoding_.big_endian;
    for (const TiffTag tag : {TiffTag::image_width, TiffTag::image_length}) {
      if (!d.has(tag)) d.fail(fmt::format("{} is missing", tag_name(static_cast<std::uint16_t>(tag))));
    }
    p.width = d.integer(TiffTag::image_width, 0);
    p.height = d.integer(TiffTag::image_length, 0);
    if (p.width == 0 || p.height == 0)
      d.fail(fmt::format("is {} x {} pixels; a page cannot be empty", p.width, p.height));
    if (p.width > kMaxSide || p.height > kMaxSide)
      d.fail(fmt::format("claims {} x {} pixels, beyond any slide", p.width, p.height));
    read_samples(d, p);
    read_looks(d, p);
    read_blocks(d, p);
    return p;
  }

  void read_samples(const TiffDirectory& d, TiffPage& p) {
    p.samples = d.integer(TiffTag::samples_per_pixel, 1);
    if (p.samples == 0 || p.samples > kMaxSamples) d.fail(fmt::format("claims {} samples a pixel", p.samples));
    p.bits = d.per_sample(TiffTag::bits_per_sample, p.samples, 1);
    if (p.bits == 0 || p.bits > 64) d.fail(fmt::format("claims {} bits a sample", p.bits));
    p.sample_format = d.per_sample(TiffTag::sample_format, p.samples, tiff::kUint);
    if (p.sample_format == 4) p.sample_format = tiff::kUint;  // "undefined": the standard says to treat it so
    p.compression = d.integer(TiffTag::compression, tiff::kNone);
    p.photometric = d.integer(TiffTag::photometric, tiff::kBlackIsZero);
    p.fill_order = d.integer(TiffTag::fill_order, 1);
    p.predictor = d.integer(TiffTag::predictor, 1);
    const std::uint32_t planar = d.integer(TiffTag::planar_configuration, 1);
    if (planar != 1 && planar != 2)
      d.fail(fmt::format("PlanarConfiguration (284) is {}, where 1 or 2 belongs", planar));
    p.planar = planar == 2 && p.samples > 1;
    const auto extra = d.integers(TiffTag::extra_samples, kMaxSamples);
    if (extra.size() >= p.samples && !extra.empty())
      d.fail(fmt::format("claims {} extra samples of {}", extra.size(), p.samples));
    p.extra_samples = static_cast<std::uint32_t>(extra.size());
    p.has_alpha = !extra.empty() && (extra.front() == 1 || extra.front() == 2);
    if (p.photometric == tiff::kPalette) p.palette_is_ramp = palette_is_ramp(d, p);
  }

  /// A display table only gets brighter along the intensities. Its two ends may mark under- and overexposure.
  bool palette_is_ramp(const TiffDirectory& d, const TiffPage& p) {
    if (p.bits > 16) return false;
    const auto map = d.integers(TiffTag::color_map, 3u << 16);
    const std::size_t n = std::size_t{1} << p.bits;
    if (map.size() != 3 * n) d.fail(fmt::format("its colour table has {} values, where {} belong", map.size(), 3 * n));
    const auto brightness = [&](std::size_t i) { return map[i] + map[n + i] + map[2 * n + i]; };
    const std::size_t first = n > 4 ? 1 : 0, last = n > 4 ? n - 2 : n - 1;
    for (std::size_t i = first; i < last; ++i) {
      if (brightness(i + 1) < brightness(i)) return false;
    }
    return true;
  }

  void read_looks(const TiffDirectory& d, TiffPage& p) {
    p.subfile_type = d.integer(TiffTag::new_subfile_type, 0);
    const auto resolution = [&](TiffTag tag) -> std::optional<double> {
      const double r = d.fraction(tag);
      return r > 0 ? std::optional(r) : std::nullopt;
    };
    p.x_resolution = resolution(TiffTag::x_resolution);
    p.y_resolution = resolution(TiffTag::y_resolution);
    p.resolution_unit = d.integer(TiffTag::resolution_unit, tiff::kInch);
    p.description = text(d, TiffTag::image_description, kMaxDescriptionBytes);
    p.software = text(d, TiffTag::software, 1u << 16);
    p.page_name = text(d, TiffTag::page_name, 1u << 16);
    const auto [counts_at, counts_bytes] = d.location(TiffTag::imagej_counts);
    const auto [meta_at, meta_bytes] = d.location(TiffTag::imagej_metadata);
    p.imagej_counts = {counts_at, counts_bytes};
    p.imagej_metadata = {meta_at, meta_bytes};
  }

  void read_blocks(const TiffDirectory& d, TiffPage& p) {
    p.tiled = d.has(TiffTag::tile_offsets) || d.has(TiffTag::tile_width);
    const char* const block = p.tiled ? "tile" : "strip";
    if (p.tiled) {
      p.block_width = d.integer(TiffTag::tile_width, 0);
      p.block_height = d.integer(TiffTag::tile_length, 0);
    } else {
      p.block_width = p.width;
      p.block_height =
          std::min(d.integer(TiffTag::rows_per_strip, std::numeric_limits<std::uint32_t>::max()), p.height);
    }
    if (p.block_width == 0 || p.block_height == 0)
      d.fail(fmt::format("its {}s are {} x {} pixels; they cannot be empty", block, p.block_width, p.block_height));
    if (p.block_width > kMaxSide || p.block_height > kMaxSide)
      d.fail(fmt::format("claims {}s of {} x {} pixels", block, p.block_width, p.block_height));

    // Early writers kept tiles in the tags of strips, and libtiff reads them so.
    const bool tile_tags = p.tiled && (d.has(TiffTag::tile_offsets) || !d.has(TiffTag::strip_offsets));
    const TiffTag offsets_tag = tile_tags ? TiffTag::tile_offsets : TiffTag::strip_offsets;
    const TiffTag counts_tag = tile_tags ? TiffTag::tile_byte_counts : TiffTag::strip_byte_counts;
    const std::uint64_t across = ceil_div(p.width, p.block_width);
    const std::uint64_t down = ceil_div(p.height, p.block_height);
    const std::uint64_t planes = p.planar ? p.samples : 1;
    if (across * down > kMaxBlocks || across * down * planes > kMaxBlocks)
      d.fail(fmt::format("{} x {} pixels in {}s of {} x {} are more than {} {}s", p.width, p.height, block,
                         p.block_width, p.block_height, kMaxBlocks, block));
    const std::uint64_t expected = across * down * planes;
    for (const TiffTag tag : {offsets_tag, counts_tag}) {
      const std::string name = tag_name(static_cast<std::uint16_t>(tag));
      if (!d.has(tag)) d.fail(fmt::format("{} is missing", name));
      if (d.count(tag) != expected)
        d.fail(fmt::format("{} lists {} {}s, but {} x {} pixels need {}", name, d.count(tag), block, p.width, p.height,
                           expected));
    }
    const auto numbers = [&](TiffTag tag) {
      const auto [at, bytes] = d.location(tag);
      return TiffNumbers{at, static_cast<std::uint32_t>(bytes / expected)};
    };
    p.block_offsets = numbers(offsets_tag);
    p.block_bytes = numbers(counts_tag);
    check_blocks(d, p, d.integers(offsets_tag, expected), d.integers(counts_tag, expected));
  }

  void check_blocks(const TiffDirectory& d, TiffPage& p, const std::vector<std::uint64_t>& offsets,
                    const std::vector<std::uint64_t>& counts) {
    const char* const block = p.tiled ? "tile" : "strip";
    p.first_block_offset = offsets.front();
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < offsets.size(); ++i) {
      // libtiff reads one large uncompressed strip in pieces; everything else is decoded whole.
      const bool in_pieces = p.compression == tiff::kNone && !p.tiled && offsets.size() == 1;
      const std::uint64_t decoded = decoded_block_bytes(p, i);
      if (!in_pieces && decoded > kMaxBlockBytes)
        d.fail(fmt::format(
            "{} {} of {} decodes to {} bytes; at most {} are accepted, save it with smaller tiles or strips", block,
            i + 1, offsets.size(), decoded, kMaxBlockBytes));
      const std::string problem = block_problem(p, i, {offsets[i], counts[i]}, file_.size());
      if (!problem.empty() && damaged_tiles_ == DamagedTiles::error) d.fail(problem);
      if (!problem.empty() && p.block_problem.empty()) p.block_problem = problem;
      // Below 2^64: each is at most the file, and there are fewer of them than the file has bytes.
      if (problem.empty()) sum += counts[i];
    }
    if (sum > file_.size())
      d.fail(fmt::format("its {}s claim {} bytes together, the file has {} in all", block, sum, file_.size()));
  }

  const FileBytes& file_;
  DamagedTiles damaged_tiles_;
  TiffEncoding encoding_;
  std::unordered_set<std::uint64_t> seen_;
  std::uint64_t value_bytes_ = 0;
  std::uint64_t text_bytes_ = 0;
};

}  // namespace

bool looks_like_tiff(const FileBytes& file) {
  std::array<std::uint8_t, 4> h{};
  if (file.read_some(0, h.data(), h.size()) != h.size()) return false;
  return (h[0] == 'I' && h[1] == 'I' && (h[2] == 42 || h[2] == 43) && h[3] == 0) ||
         (h[0] == 'M' && h[1] == 'M' && h[2] == 0 && (h[3] == 42 || h[3] == 43));
}

TiffIndex prescan_tiff(const FileBytes& file, DamagedTiles damaged_tiles) {
  return Prescan(file, damaged_tiles).run();
}

}  // namespace hexaplex
