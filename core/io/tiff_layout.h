#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/io/file_bytes.h"
#include "core/io/slide.h"
#include "core/io/tiff_decoder.h"
#include "core/io/tiff_page.h"
#include "core/io/tiff_prescan.h"

namespace hexaplex {

/// A TIFF that passed the pre-scan, open for decoding.
struct TiffFile {
  explicit TiffFile(const std::filesystem::path& path, const OpenOptions& options = {})
      : bytes(path), index(prescan_tiff(bytes, options.damaged_tiles)), decoder(bytes, options.damaged_tiles) {}
  std::string name() const { return bytes.name(); }
  const std::vector<TiffPage>& pages() const { return index.pages; }

  FileBytes bytes;
  TiffIndex index;
  TiffDecoder decoder;
};

/// Where the pixels of one channel in one z plane are.
struct PlaneSource {
  std::size_t file = 0;
  const TiffPage* page = nullptr;  ///< size and layout
  std::uint32_t sample = 0;
  /// Set where planes follow one another in the file without directories of their own (ImageJ): the first byte.
  std::optional<std::uint64_t> contiguous_at;
  /// Smaller copies in the same file, largest first: those of SlideInfo::levels without the first. A format puts here
  /// what it knows, in any order; where it knows nothing, the page's SubIFDs count. settle_levels does the rest.
  std::vector<const TiffPage*> reduced;
};

/// A slide as its format explains it: which page holds which channel. One function per format makes it (the
/// *_layout functions); TiffSlide reads from it.
struct TiffLayout {
  SlideInfo info;
  std::vector<std::unique_ptr<TiffFile>> files;
  std::vector<PlaneSource> planes;  ///< [z * channels + channel]
};

/// Opens a TIFF and explains it, whatever its format. Throws InputError.
TiffLayout read_tiff_layout(const std::filesystem::path& path, const OpenOptions& options = {});

// Each checks that the pages it uses can be decoded, and throws InputError otherwise.
bool is_qpi(const TiffFile& file);
TiffLayout qpi_layout(std::unique_ptr<TiffFile> file);
bool is_ome(const TiffFile& file);
TiffLayout ome_layout(std::unique_ptr<TiffFile> file, const OpenOptions& options);
bool is_imagej(const TiffFile& file);
TiffLayout imagej_layout(std::unique_ptr<TiffFile> file);
bool is_shaped(const TiffFile& file);
TiffLayout shaped_layout(std::unique_ptr<TiffFile> file);
bool is_aperio(const TiffFile& file);
TiffLayout aperio_layout(std::unique_ptr<TiffFile> file);
TiffLayout plain_layout(std::unique_ptr<TiffFile> file);

// What the formats share.

/// Fills extent, sample type, bits, compression and first level from the page, which must be readable.
void describe_page(SlideInfo& info, const TiffFile& file, const TiffPage& page);

/// Checks a further page of the slide: it must be readable, and its compression is named in the info.
void check_readable_like(SlideInfo& info, const TiffFile& file, const TiffPage& page);

/// Adds the samples of a page as channels: one without a name, or Red, Green, Blue (alpha is left out, and said so).
void add_sample_channels(TiffLayout& layout, std::size_t file, const TiffPage& page);

/// Throws InputError unless both pages have the same size, samples and sample type.
void require_same_kind(const TiffFile& file, const TiffPage& page, const TiffPage& first);
bool same_kind(const TiffPage& a, const TiffPage& b);

/// Gives reduced pages to the planes they are copies of, where a format keeps them as pages of their own: as many of
/// one size as there are full pages, in the same order. Any other number is named in a warning and not used.
void add_reduced_pages(TiffLayout& layout, const std::vector<const TiffPage*>& reduced);

/// Makes SlideInfo::levels and PlaneSource::reduced agree: a level is a smaller copy that every plane has, of the same
/// samples, with the proportions of the slide, and that can be decoded. What is not is named in a warning.
void settle_levels(TiffLayout& layout);

/// Plane `k` of a stack whose planes follow one another after the first. Throws InputError where the file ends before,
/// or the first is not there.
PlaneSource contiguous_plane(const TiffFile& file, const TiffPage& first, std::uint64_t k);

}  // namespace hexaplex
