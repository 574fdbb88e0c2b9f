#include "core/io/sample_unpack.h"

#include <bit>
#include <cstring>
#include <type_traits>

namespace hexaplex {

namespace {

/// Widens an IEEE half; every half is a float.
float half_to_float(std::uint16_t h) {
  const std::uint32_t sign = static_cast<std::uint32_t>(h & 0x8000u) << 16;
  const std::uint32_t exponent = (h >> 10) & 0x1Fu;
  const std::uint32_t fraction = h & 0x3FFu;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000u | (fraction << 13));
  if (exponent == 0) {  // zero and subnormals: fraction * 2^-24
    const float value = static_cast<float>(fraction) * 0x1p-24f;
    return sign != 0 ? -value : value;
  }
  return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
}

template <class Stored, class T>
void copy(const PackedRow& row, std::size_t first, std::size_t count, T* out) {
  const std::uint8_t* p = row.bytes + (first * row.samples + row.sample) * sizeof(Stored);
  if (row.samples == 1) {  // the common case, apart so that it becomes vector code
    if constexpr (std::is_same_v<Stored, T>) {
      std::memcpy(out, p, count * sizeof(T));
    } else {
      for (std::size_t i = 0; i < count; ++i) {
        Stored v;
        std::memcpy(&v, p + i * sizeof(Stored), sizeof v);
        out[i] = static_cast<T>(v);  // NOLINT(bugprone-signed-char-misuse): a sample, no character
      }
    }
    return;
  }
  const std::size_t step = row.samples * sizeof(Stored);
  for (std::size_t i = 0; i < count; ++i) {
    Stored v;
    std::memcpy(&v, p + i * step, sizeof v);
    out[i] = static_cast<T>(v);  // NOLINT(bugprone-signed-char-misuse): a sample, no character
  }
}

template <class T>
void copy_halves(const PackedRow& row, std::size_t first, std::size_t count, T* out) {
  for (std::size_t i = 0; i < count; ++i) {
    std::uint16_t v;
    std::memcpy(&v, row.bytes + ((first + i) * row.samples + row.sample) * 2, sizeof v);
    out[i] = static_cast<T>(half_to_float(v));
  }
}

template <class T>
void copy_triples(const PackedRow& row, std::size_t first, std::size_t count, T* out) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* p = row.bytes + ((first + i) * row.samples + row.sample) * 3;
    const std::uint32_t v = std::endian::native == std::endian::little
                                ? p[0] | (p[1] << 8u) | (static_cast<std::uint32_t>(p[2]) << 16)
                                : p[2] | (p[1] << 8u) | (static_cast<std::uint32_t>(p[0]) << 16);
    out[i] = static_cast<T>(v);
  }
}

template <class T>
void copy_bits(const PackedRow& row, std::size_t first, std::size_t count, T* out) {
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t bit = ((first + i) * row.samples + row.sample) * row.bits;
    std::uint32_t v = 0;
    for (std::uint32_t left = row.bits; left > 0;) {
      const std::uint32_t room = 8 - bit % 8;
      const std::uint32_t take = left < room ? left : room;
      const std::uint32_t part = (static_cast<std::uint32_t>(row.bytes[bit / 8]) >> (room - take)) & ((1u << take) - 1);
      v = (v << take) | part;
      bit += take;
      left -= take;
    }
    out[i] = static_cast<T>(v);
  }
}

}  // namespace

template <class T>
void unpack_samples(const PackedRow& row, std::size_t first, std::size_t count, T* out) {
  if (row.format == tiff::kFloat)
    return row.bits == 16 ? copy_halves(row, first, count, out) : copy<float>(row, first, count, out);
  if (row.format == tiff::kInt) {
    if (row.bits == 8) return copy<std::int8_t>(row, first, count, out);
    if (row.bits == 16) return copy<std::int16_t>(row, first, count, out);
    return copy<std::int32_t>(row, first, count, out);
  }
  switch (row.bits) {
    case 8:
      return copy<std::uint8_t>(row, first, count, out);
    case 16:
      return copy<std::uint16_t>(row, first, count, out);
    case 24:
      return copy_triples(row, first, count, out);
    case 32:
      return copy<std::uint32_t>(row, first, count, out);
    default:
      return copy_bits(row, first, count, out);
  }
}

template void unpack_samples<float>(const PackedRow&, std::size_t, std::size_t, float*);
template void unpack_samples<std::uint16_t>(const PackedRow&, std::size_t, std::size_t, std::uint16_t*);
template void unpack_samples<std::int64_t>(const PackedRow&, std::size_t, std::size_t, std::int64_t*);

}  // namespace hexaplex
