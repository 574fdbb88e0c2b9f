#include "core/io/tiff_directory.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <utility>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr std::uint64_t kMaxTags = 4096;
constexpr std::uint64_t kMaxValueBytes = 512ull << 20;  // libtiff holds one directory's values in memory at a time

/// Bytes of one value of a TIFF type, 0 for a type that does not exist.
int type_bytes(std::uint16_t type) {
  constexpr std::array<int, 19> kBytes{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};
  return type < kBytes.size() ? kBytes[type] : 0;
}

bool is_unsigned_type(std::uint16_t type) {
  return type == 1 || type == 3 || type == 4 || type == 13 || type == 16 || type == 18;
}

}  // namespace

std::string tag_name(std::uint16_t tag) {
  static const std::unordered_map<std::uint16_t, const char*> kNames{
      {254, "NewSubfileType"},   {256, "ImageWidth"},
      {257, "ImageLength"},      {258, "BitsPerSample"},
      {259, "Compression"},      {262, "PhotometricInterpretation"},
      {270, "ImageDescription"}, {273, "StripOffsets"},
      {277, "SamplesPerPixel"},  {278, "RowsPerStrip"},
      {279, "StripByteCounts"},  {282, "XResolution"},
      {283, "YResolution"},      {284, "PlanarConfiguration"},
      {285, "PageName"},         {296, "ResolutionUnit"},
      {305, "Software"},         {317, "Predictor"},
      {320, "ColorMap"},         {322, "TileWidth"},
      {323, "TileLength"},       {324, "TileOffsets"},
      {325, "TileByteCounts"},   {330, "SubIFDs"},
      {338, "ExtraSamples"},     {339, "SampleFormat"}};
  const auto it = kNames.find(tag);
  return it == kNames.end() ? fmt::format("tag {}", tag) : fmt::format("{} ({})", it->second, tag);
}

TiffHeader read_tiff_header(const FileBytes& file) {
  TiffEncoding encoding;
  std::array<std::uint8_t, 16> h{};
  const std::size_t n = file.read_some(0, h.data(), h.size());
  if (n < 8) throw InputError(file.name(), fmt::format("has only {} bytes, too few for a TIFF", file.size()));
  encoding.big_endian = h[0] == 'M';
  const auto at = [&](std::size_t first, std::size_t count) {
    std::uint64_t v = 0;
    for (std::size_t i = 0; i < count; ++i) v = (v << 8) | h[encoding.big_endian ? first + i : first + count - 1 - i];
    return v;
  };
  if (!((h[0] == 'I' && h[1] == 'I') || (h[0] == 'M' && h[1] == 'M')) || (at(2, 2) != 42 && at(2, 2) != 43))
    throw InputError(file.name(), "is not a TIFF (its first bytes are no TIFF header)");
  encoding.big = at(2, 2) == 43;
  if (encoding.big && (n < 16 || at(4, 2) != 8 || at(6, 2) != 0))
    throw InputError(file.name(), "has a damaged BigTIFF header");
  const std::uint64_t first = encoding.big ? at(8, 8) : at(4, 4);
  if (first == 0) throw InputError(file.name(), "is a TIFF without any page");
  return {encoding, first};
}

TiffDirectory::TiffDirectory(const FileBytes& file, TiffEncoding encoding, std::uint64_t offset, std::string label)
    : file_(file), encoding_(encoding), label_(std::move(label)) {
  const int count_bytes = encoding.big ? 8 : 2;
  const int entry_bytes = encoding.big ? 20 : 12;
  const int offset_bytes = encoding.big ? 8 : 4;
  const std::uint64_t size = file.size();
  if (offset < 8 || offset >= size || size - offset < static_cast<std::uint64_t>(count_bytes))
    fail(fmt::format("its directory (offset {}) lies outside the file of {} bytes", offset, size));

  std::array<std::uint8_t, 8> head{};
  file.read(offset, head.data(), static_cast<std::size_t>(count_bytes));
  const std::uint64_t tags = number(head.data(), count_bytes);
  if (tags == 0) fail("its directory holds no tags");
  if (tags > kMaxTags) fail(fmt::format("its directory claims {} tags; at most {} make sense", tags, kMaxTags));
  const std::uint64_t table = offset + static_cast<std::uint64_t>(count_bytes);
  const std::uint64_t table_bytes = tags * static_cast<std::uint64_t>(entry_bytes);
  if (size - table < table_bytes) fail(fmt::format("the file ends inside its directory of {} tags", tags));

  std::vector<std::uint8_t> bytes(table_bytes);
  file.read(table, bytes.data(), bytes.size());
  for (std::uint64_t i = 0; i < tags; ++i) {
    const std::uint8_t* p = bytes.data() + i * static_cast<std::uint64_t>(entry_bytes);
    const auto tag = static_cast<std::uint16_t>(number(p, 2));
    Entry e;
    e.type = static_cast<std::uint16_t>(number(p + 2, 2));
    e.count = number(p + 4, offset_bytes);
    const int each = type_bytes(e.type);
    if (each == 0) continue;  // a reader skips types that it does not know; a tag it needs is then missing
    if (e.count > std::numeric_limits<std::uint64_t>::max() / 8 ||
        e.count * static_cast<std::uint64_t>(each) > kMaxValueBytes)
      fail(fmt::format("{} claims {} values, more than any file needs", tag_name(tag), e.count));
    e.bytes = e.count * static_cast<std::uint64_t>(each);
    const std::uint64_t field =
        table + i * static_cast<std::uint64_t>(entry_bytes) + 4 + static_cast<std::uint64_t>(offset_bytes);
    if (e.bytes <= static_cast<std::uint64_t>(offset_bytes)) {
      e.offset = field;
    } else {
      e.offset = number(p + 4 + offset_bytes, offset_bytes);
      if (e.offset > size || size - e.offset < e.bytes)
        fail(fmt::format("the {} bytes of {} (offset {}) lie outside the file of {} bytes; it is truncated or damaged",
                         e.bytes, tag_name(tag), e.offset, size));
      value_bytes_ += e.bytes;
    }
    if (!entries_.emplace(tag, e).second) fail(fmt::format("{} appears twice in its directory", tag_name(tag)));
  }
  if (value_bytes_ > size || value_bytes_ > kMaxValueBytes)
    fail(fmt::format("its tags claim {} bytes of values together, the file has {} in all", value_bytes_, size));

  const std::uint64_t after = table + table_bytes;
  if (size - after >= static_cast<std::uint64_t>(offset_bytes)) {
    file.read(after, head.data(), static_cast<std::size_t>(offset_bytes));
    next_ = number(head.data(), offset_bytes);
  } else {
    fail("the file ends where the offset of the next directory belongs; it is truncated");
  }
}

void TiffDirectory::fail(const std::string& what) const {
  throw InputError(file_.name(), label_ + ": " + what);
}

std::uint64_t TiffDirectory::number(const std::uint8_t* p, int bytes) const {
  std::uint64_t value = 0;
  for (int i = 0; i < bytes; ++i) {
    const int at = encoding_.big_endian ? i : bytes - 1 - i;
    value = (value << 8) | p[at];
  }
  return value;
}

const TiffDirectory::Entry* TiffDirectory::find(TiffTag tag) const {
  const auto it = entries_.find(static_cast<std::uint16_t>(tag));
  return it == entries_.end() ? nullptr : &it->second;
}

std::uint64_t TiffDirectory::count(TiffTag tag) const {
  const Entry* e = find(tag);
  return e == nullptr ? 0 : e->count;
}

std::vector<std::uint64_t> TiffDirectory::integers(TiffTag tag, std::uint64_t limit) const {
  const Entry* e = find(tag);
  if (e == nullptr) return {};
  if (!is_unsigned_type(e->type))
    fail(fmt::format("{} has type {}, where unsigned integers belong", tag_name(static_cast<std::uint16_t>(tag)),
                     e->type));
  if (e->count > limit)
    fail(fmt::format("{} has {} values; {} are expected at most", tag_name(static_cast<std::uint16_t>(tag)), e->count,
                     limit));
  std::vector<std::uint8_t> bytes(e->bytes);
  file_.read(e->offset, bytes.data(), bytes.size());
  const int each = type_bytes(e->type);
  std::vector<std::uint64_t> values(e->count);
  for (std::uint64_t i = 0; i < e->count; ++i)
    values[i] = number(bytes.data() + i * static_cast<std::uint64_t>(each), each);
  return values;
}

std::uint32_t TiffDirectory::integer(TiffTag tag, std::uint32_t otherwise) const {
  if (!has(tag)) return otherwise;
  const auto name = tag_name(static_cast<std::uint16_t>(tag));
  if (count(tag) != 1) fail(fmt::format("{} has {} values, where one belongs", name, count(tag)));
  const std::uint64_t value = integers(tag, 1).front();
  if (value > std::numeric_limits<std::uint32_t>::max()) fail(fmt::format("{} is {}, out of range", name, value));
  return static_cast<std::uint32_t>(value);
}

std::uint32_t TiffDirectory::per_sample(TiffTag tag, std::uint32_t samples, std::uint32_t otherwise) const {
  if (!has(tag)) return otherwise;
  const auto name = tag_name(static_cast<std::uint16_t>(tag));
  if (count(tag) != samples && count(tag) != 1)  // one value for all samples is common and clear
    fail(fmt::format("{} has {} values for {} samples", name, count(tag), samples));
  const auto values = integers(tag, samples);
  for (const std::uint64_t v : values) {
    if (v != values.front())
      fail(fmt::format("{} differs between samples ({} and {}); unsupported", name, values.front(), v));
  }
  if (values.front() > 0xFFFF) fail(fmt::format("{} is {}, out of range", name, values.front()));
  return static_cast<std::uint32_t>(values.front());
}

double TiffDirectory::fraction(TiffTag tag) const {
  const Entry* e = find(tag);
  if (e == nullptr || e->type != 5 || e->count != 1) return 0;
  std::array<std::uint8_t, 8> bytes{};
  file_.read(e->offset, bytes.data(), bytes.size());
  const auto numerator = static_cast<double>(number(bytes.data(), 4));
  const auto denominator = static_cast<double>(number(bytes.data() + 4, 4));
  return denominator > 0 ? numerator / denominator : 0;
}

std::string TiffDirectory::text(TiffTag tag, std::uint64_t limit) const {
  const Entry* e = find(tag);
  if (e == nullptr || type_bytes(e->type) != 1) return {};
  if (e->bytes > limit)
    fail(fmt::format("{} has {} bytes; at most {} are accepted", tag_name(static_cast<std::uint16_t>(tag)), e->bytes,
                     limit));
  std::string bytes(e->bytes, '\0');
  file_.read(e->offset, bytes.data(), bytes.size());
  while (!bytes.empty() && bytes.back() == '\0') bytes.pop_back();
  return bytes;
}

std::pair<std::uint64_t, std::uint64_t> TiffDirectory::location(TiffTag tag) const {
  const Entry* e = find(tag);
  return e == nullptr ? std::pair<std::uint64_t, std::uint64_t>{0, 0} : std::pair{e->offset, e->bytes};
}

}  // namespace hexaplex
