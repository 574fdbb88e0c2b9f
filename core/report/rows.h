#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "core/run/output_file.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

inline constexpr std::size_t kRowsPerBlock = 512;

/// Formats rows in parallel and hands blocks of kRowsPerBlock of them on in order, so that the bytes do not depend on
/// the threads.
///
/// @param format  format(row, text) appends one row; called from several threads
/// @param finish  finish(block) replaces the text of a block (compresses it, say); called from several threads
template <class Format, class Finish>
void write_rows(const CpuQueue& q, OutputFile& file, std::size_t rows, Format format, Finish finish) {
  // Few at once: a wide table has megabytes a block, and fresh memory costs more than the text that goes into it.
  const std::size_t at_once = 4 * static_cast<std::size_t>(cpu_threads());
  const std::size_t blocks = (rows + kRowsPerBlock - 1) / kRowsPerBlock;
  std::vector<std::string> texts(std::min(blocks, at_once));
  for (std::size_t first = 0; first < blocks; first += at_once) {
    const std::size_t count = std::min(at_once, blocks - first);
    for_each_task(q, static_cast<std::int64_t>(count), [&](std::int64_t task) {
      std::string& text = texts[static_cast<std::size_t>(task)];
      text.clear();
      const std::size_t begin = (first + static_cast<std::size_t>(task)) * kRowsPerBlock;
      for (std::size_t row = begin; row < std::min(rows, begin + kRowsPerBlock); ++row) format(row, text);
      finish(text);
    });
    for (std::size_t i = 0; i < count; ++i) file.write(texts[i]);
  }
}

template <class Format>
void write_rows(const CpuQueue& q, OutputFile& file, std::size_t rows, Format format) {
  write_rows(q, file, rows, format, [](std::string&) {});
}

}  // namespace hexaplex
