#include "core/io/big_tiff.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

enum Type : std::uint16_t { kAscii = 2, kShort = 3, kLong = 4, kRational = 5, kLong8 = 16, kIfd8 = 18 };

constexpr std::size_t kEntryBytes = 20;
constexpr std::size_t kInlineBytes = 8;

std::uint64_t padded(std::uint64_t bytes) {
  return (bytes + 7) / 8 * 8;
}

template <class T>
void append(std::string& out, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

}  // namespace

void BigTiffDirectory::add(std::uint16_t tag, std::uint16_t type, std::uint64_t count, const void* data,
                           std::size_t bytes) {
  HX_EXPECT(fields_.empty() || fields_.back().tag < tag, "the tags of a directory ascend");
  fields_.push_back({tag, type, count, std::string(static_cast<const char*>(data), bytes)});
}

void BigTiffDirectory::add_short(std::uint16_t tag, std::uint16_t value) {
  add(tag, kShort, 1, &value, sizeof value);
}
void BigTiffDirectory::add_long(std::uint16_t tag, std::uint32_t value) {
  add(tag, kLong, 1, &value, sizeof value);
}
void BigTiffDirectory::add_rational(std::uint16_t tag, double value) {
  constexpr double kMost = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t denominator = 1;
  while (denominator < 1'000'000'000 && value * denominator * 10 <= kMost) denominator *= 10;
  const double numerator = std::min(value * denominator + 0.5, kMost);
  const std::uint32_t ratio[] = {static_cast<std::uint32_t>(numerator), denominator};
  add(tag, kRational, 1, ratio, sizeof ratio);
}
void BigTiffDirectory::add_text(std::uint16_t tag, std::string_view text) {
  const std::string terminated(text);
  add(tag, kAscii, terminated.size() + 1, terminated.c_str(), terminated.size() + 1);
}
void BigTiffDirectory::add_longs(std::uint16_t tag, const std::vector<std::uint32_t>& values) {
  add(tag, kLong, values.size(), values.data(), values.size() * sizeof values[0]);
}
void BigTiffDirectory::add_offsets(std::uint16_t tag, const std::vector<std::uint64_t>& values) {
  add(tag, kLong8, values.size(), values.data(), values.size() * sizeof values[0]);
}
void BigTiffDirectory::add_directories(std::uint16_t tag, const std::vector<std::uint64_t>& directories_at) {
  add(tag, kIfd8, directories_at.size(), directories_at.data(), directories_at.size() * sizeof directories_at[0]);
}

std::uint64_t BigTiffDirectory::size() const {
  std::uint64_t bytes = padded(8 + fields_.size() * kEntryBytes + 8);
  for (const Field& f : fields_)
    if (f.value.size() > kInlineBytes) bytes += padded(f.value.size());
  return bytes;
}

void BigTiffDirectory::write(OutputFile& file, std::uint64_t at, std::uint64_t next) const {
  std::string out, outside;
  const std::uint64_t outside_at = at + padded(8 + fields_.size() * kEntryBytes + 8);
  append<std::uint64_t>(out, fields_.size());
  for (const Field& f : fields_) {
    append(out, f.tag);
    append(out, f.type);
    append(out, f.count);
    if (f.value.size() <= kInlineBytes) {
      out += f.value;
      out.append(kInlineBytes - f.value.size(), '\0');
    } else {
      append<std::uint64_t>(out, outside_at + outside.size());
      outside += f.value;
      outside.resize(padded(outside.size()));
    }
  }
  append(out, next);
  out.resize(padded(out.size()));
  file.write(out + outside);
}

std::string big_tiff_header(std::uint64_t first_directory) {
  std::string out(std::endian::native == std::endian::little ? "II" : "MM");
  append<std::uint16_t>(out, 43);  // BigTIFF
  append<std::uint16_t>(out, 8);   // bytes of an offset
  append<std::uint16_t>(out, 0);
  append(out, first_directory);
  return out;
}

}  // namespace hexaplex
