#pragma once

#include <cstdint>

#include "kernels/runtime/wide_access.h"
#include "kernels/segment/landscape_pixel.h"
#include "kernels/segment/level_runs.h"

namespace hexaplex::detail {

// The pixel-wise steps as a device takes them: a thread has a run of neighbours in a row.

struct LandscapeRun {
  static constexpr int kRun = 8;
  Plane<const std::int16_t> fine, coarse;
  Plane<const std::uint16_t> wall;  ///< no data: none
  std::int32_t weight;
  Plane<std::uint16_t> dst;

  HX_HD void operator()(int run, int y) const {
    const int x = run * kRun, count = dst.width() - x;
    std::int16_t finer[kRun] = {}, coarser[kRun] = {};
    std::uint16_t walls[kRun] = {}, out[kRun];
    load_run(fine.row(y) + x, count, finer);
    load_run(coarse.row(y) + x, count, coarser);
    if (wall.data != nullptr) load_run(wall.row(y) + x, count, walls);
    unrolled<kRun>([&](int i) { out[i] = landscape_value(finer[i], coarser[i], walls[i], weight); });
    store_run(dst.row(y) + x, count, out);
  }
};

struct CapRun {
  static constexpr int kRun = 8;
  Plane<std::uint16_t> image;
  std::uint16_t most;

  HX_HD void operator()(int run, int y) const {
    const int x = run * kRun, count = image.width() - x;
    std::uint16_t pixels[kRun] = {};
    load_run(image.row(y) + x, count, pixels);
    unrolled<kRun>([&](int i) { pixels[i] = pixels[i] < most ? pixels[i] : most; });
    store_run(image.row(y) + x, count, pixels);
  }
};

struct RestrictRun {
  static constexpr int kRun = 16;
  Plane<std::uint8_t> mask;
  Plane<const std::uint8_t> keep;

  HX_HD void operator()(int run, int y) const {
    const int x = run * kRun, count = mask.width() - x;
    std::uint8_t pixels[kRun] = {}, kept[kRun] = {};
    load_run(mask.row(y) + x, count, pixels);
    load_run(keep.row(y) + x, count, kept);
    unrolled<kRun>([&](int i) { pixels[i] = static_cast<std::uint8_t>(pixels[i] & kept[i]); });
    store_run(mask.row(y) + x, count, pixels);
  }
};

/// For strides that are powers of two, whose levels and products fit 32 bits.
struct KeepAboveFractionRun {
  static constexpr int kRun = 4;
  Plane<const std::uint16_t> image;
  FoldedLevel trough;
  const std::uint16_t* own;
  const std::uint32_t* into;
  std::int32_t share;
  int left, top;  ///< of the labels inside the image
  Plane<std::uint32_t> labels;

  HX_HD void operator()(int run, int y) const {
    const int x = run * kRun, count = labels.width() - x;
    std::uint32_t names[kRun] = {};
    load_run(labels.row(y) + x, count, names);
    if ((names[0] | names[1] | names[2] | names[3]) == 0) return;
    const std::uint16_t* pixels = image.row(top + y) + left + x;
    const FoldedLevel::Row row = trough.row(top + y);
    unrolled<kRun>([&](int i) {
      if (names[i] == 0) return;
      const auto low = static_cast<std::int32_t>(trough.at(row, left + x + i));
      const std::int32_t pixel = pixels[i] << trough.unit_bits(), mean = own[names[i]] << trough.unit_bits();
      names[i] = is_above_share(pixel - low, mean - low, share) ? into[names[i]] : 0;
    });
    store_run(labels.row(y) + x, count, names);
  }
};

}  // namespace hexaplex::detail
