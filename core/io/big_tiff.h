#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/run/output_file.h"

namespace hexaplex {

// libtiff fills one directory after the other, so a pyramid by it means a pass over the pixels for each level. These
// few parts of a BigTIFF file are written by hand instead: tiles come in any order, directories last.

/// Fields of one directory, in the byte order of this machine. Add tags in ascending order.
class BigTiffDirectory {
 public:
  void add_short(std::uint16_t tag, std::uint16_t value);
  void add_long(std::uint16_t tag, std::uint32_t value);
  void add_rational(std::uint16_t tag, double value);  ///< to at least 9 digits, where a ratio of 32 bits has them
  void add_text(std::uint16_t tag, std::string_view text);
  void add_longs(std::uint16_t tag, const std::vector<std::uint32_t>& values);
  void add_offsets(std::uint16_t tag, const std::vector<std::uint64_t>& values);              ///< LONG8
  void add_directories(std::uint16_t tag, const std::vector<std::uint64_t>& directories_at);  ///< IFD8

  /// Bytes that the directory and the values outside it take.
  std::uint64_t size() const;
  /// Writes it where the file stands, `at`, a multiple of 8. `next`: offset of the directory that follows, or 0.
  void write(OutputFile& file, std::uint64_t at, std::uint64_t next) const;

 private:
  struct Field {
    std::uint16_t tag, type;
    std::uint64_t count;
    std::string value;
  };
  void add(std::uint16_t tag, std::uint16_t type, std::uint64_t count, const void* data, std::size_t bytes);
  std::vector<Field> fields_;
};

/// Bytes before the first tile.
inline constexpr std::uint64_t kBigTiffHeaderBytes = 16;
/// The header of a file whose first directory lies at `first_directory`.
std::string big_tiff_header(std::uint64_t first_directory);

}  // namespace hexaplex
