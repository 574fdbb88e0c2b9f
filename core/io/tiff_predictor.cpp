#include "core/io/tiff_predictor.h"

#include <bit>
#include <cstring>

namespace hexaplex {

namespace {

template <class T>
T load(const std::uint8_t* p) {
  T v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

template <class T>
void store(std::uint8_t* p, T v) {
  std::memcpy(p, &v, sizeof v);
}

template <class T>
void accumulate(std::uint8_t* row, std::size_t count, std::uint32_t samples) {
  if (samples == 1) {  // the sum stays in a register
    T sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      sum = static_cast<T>(sum + load<T>(row + i * sizeof(T)));
      store<T>(row + i * sizeof(T), sum);
    }
    return;
  }
  for (std::size_t i = samples; i < count; ++i)
    store<T>(row + i * sizeof(T),
             static_cast<T>(load<T>(row + i * sizeof(T)) + load<T>(row + (i - samples) * sizeof(T))));
}

}  // namespace

void swap_sample_bytes(std::uint8_t* row, std::size_t count, std::uint32_t bytes) {
  if (bytes == 2) {
    for (std::size_t i = 0; i < count; ++i) store(row + i * 2, __builtin_bswap16(load<std::uint16_t>(row + i * 2)));
  } else if (bytes == 4) {
    for (std::size_t i = 0; i < count; ++i) store(row + i * 4, __builtin_bswap32(load<std::uint32_t>(row + i * 4)));
  }
}

void undo_horizontal_predictor(std::uint8_t* row, std::size_t count, std::uint32_t samples, std::uint32_t bytes) {
  if (bytes == 1) return accumulate<std::uint8_t>(row, count, samples);
  if (bytes == 2) return accumulate<std::uint16_t>(row, count, samples);
  accumulate<std::uint32_t>(row, count, samples);
}

void undo_float_predictor(std::uint8_t* row, std::uint8_t* scratch, std::size_t count, std::uint32_t samples,
                          std::uint32_t bytes) {
  accumulate<std::uint8_t>(row, count * bytes, samples);
  std::memcpy(scratch, row, count * bytes);
  for (std::uint32_t b = 0; b < bytes; ++b) {
    const std::uint8_t* plane = scratch + b * count;
    const std::uint32_t place = std::endian::native == std::endian::little ? bytes - 1 - b : b;
    for (std::size_t i = 0; i < count; ++i) row[i * bytes + place] = plane[i];
  }
}

}  // namespace hexaplex
