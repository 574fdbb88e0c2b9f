#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/io/file_bytes.h"

namespace hexaplex {

/// Tags that the pre-scan reads.
enum class TiffTag : std::uint16_t {
  new_subfile_type = 254,
  image_width = 256,
  image_length = 257,
  bits_per_sample = 258,
  compression = 259,
  photometric = 262,
  fill_order = 266,
  image_description = 270,
  strip_offsets = 273,
  samples_per_pixel = 277,
  rows_per_strip = 278,
  strip_byte_counts = 279,
  x_resolution = 282,
  y_resolution = 283,
  planar_configuration = 284,
  page_name = 285,
  resolution_unit = 296,
  software = 305,
  predictor = 317,
  color_map = 320,
  tile_width = 322,
  tile_length = 323,
  tile_offsets = 324,
  tile_byte_counts = 325,
  sub_ifds = 330,
  extra_samples = 338,
  sample_format = 339,
  xmp = 700,
  imagej_counts = 50838,
  imagej_metadata = 50839,
};

/// How numbers are written in this file.
struct TiffEncoding {
  bool big = false;         ///< BigTIFF: 64-bit offsets
  bool big_endian = false;  ///< "MM"
};

struct TiffHeader {
  TiffEncoding encoding;
  std::uint64_t first = 0;  ///< offset of the first directory
};

/// Throws InputError where the file does not start as a TIFF or BigTIFF does, or holds no directory.
TiffHeader read_tiff_header(const FileBytes& file);

/// One directory: its tags, their sizes checked against the file, their values not yet read.
class TiffDirectory {
 public:
  /// Throws InputError (beginning with `label`) for a directory outside the file, without tags or with too many, a tag
  /// twice, values outside the file, or values that sum to more than the file.
  TiffDirectory(const FileBytes& file, TiffEncoding encoding, std::uint64_t offset, std::string label);

  std::uint64_t next() const { return next_; }                ///< offset of the next directory, 0 at the end
  std::uint64_t value_bytes() const { return value_bytes_; }  ///< bytes of all values kept outside the directory
  const std::string& label() const { return label_; }

  bool has(TiffTag tag) const { return entries_.count(static_cast<std::uint16_t>(tag)) != 0; }
  std::uint64_t count(TiffTag tag) const;

  /// Unsigned integer values (BYTE, SHORT, LONG, LONG8, IFD, IFD8). Empty where the tag is absent.
  /// Throws InputError for another type, or more than `limit` values.
  std::vector<std::uint64_t> integers(TiffTag tag, std::uint64_t limit) const;

  /// The one value of a tag, or `otherwise`. Throws InputError where there are none or several.
  std::uint32_t integer(TiffTag tag, std::uint32_t otherwise) const;

  /// A value given once for each of `samples` samples, all equal. Throws InputError where they are not.
  std::uint32_t per_sample(TiffTag tag, std::uint32_t samples, std::uint32_t otherwise) const;

  /// A fraction; 0 where absent or its denominator is 0.
  double fraction(TiffTag tag) const;

  /// Bytes of a text, without the zeros at its end.
  std::string text(TiffTag tag, std::uint64_t limit) const;

  /// Where a tag's values lie; {0, 0} where absent.
  std::pair<std::uint64_t, std::uint64_t> location(TiffTag tag) const;

  [[noreturn]] void fail(const std::string& what) const;

 private:
  struct Entry {
    std::uint16_t type = 0;
    std::uint64_t count = 0;
    std::uint64_t offset = 0;  ///< of the values, wherever they are
    std::uint64_t bytes = 0;
  };
  const Entry* find(TiffTag tag) const;
  std::uint64_t number(const std::uint8_t* p, int bytes) const;

  const FileBytes& file_;
  TiffEncoding encoding_;
  std::string label_;
  std::uint64_t next_ = 0;
  std::uint64_t value_bytes_ = 0;
  std::unordered_map<std::uint16_t, Entry> entries_;
};

/// Name of a tag for messages: "ImageWidth (256)".
std::string tag_name(std::uint16_t tag);

}  // namespace hexaplex
