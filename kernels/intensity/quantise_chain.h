#pragma once

#include "kernels/intensity/quantise.h"
#include "kernels/intensity/quantise_pixel.h"
#include "kernels/intensity/upload.h"
#include "kernels/runtime/wide_access.h"

namespace hexaplex::detail {

// Each thread has a run of eight pixels: 16 bytes of integers, 32 of floats.
inline constexpr int kQuantiseRun = 8;

struct QuantiseRun {
  Plane<const float> src;
  Plane<std::uint16_t> dst;
  float scale;
  bool add;  ///< to what dst holds

  HX_HD void operator()(int run, int y) const {
    const int x = run * kQuantiseRun, count = src.width() - x;
    float in[kQuantiseRun] = {};
    std::uint16_t out[kQuantiseRun] = {};
    load_run(src.row(y) + x, count, in);
    if (add) load_run(dst.row(y) + x, count, out);
    unrolled<kQuantiseRun>([&](int i) { out[i] = saturating_sum(quantised(in[i], scale), out[i]); });
    store_run(dst.row(y) + x, count, out);
  }
};

struct AddSaturatingRun {
  Plane<const std::uint16_t> src;
  Plane<std::uint16_t> dst;

  HX_HD void operator()(int run, int y) const {
    const int x = run * kQuantiseRun, count = src.width() - x;
    std::uint16_t in[kQuantiseRun] = {}, out[kQuantiseRun] = {};
    load_run(src.row(y) + x, count, in);
    load_run(dst.row(y) + x, count, out);
    unrolled<kQuantiseRun>([&](int i) { out[i] = saturating_sum(in[i], out[i]); });
    store_run(dst.row(y) + x, count, out);
  }
};

struct ApplyTableRun {
  Plane<const std::uint16_t> src;
  Plane<std::uint16_t> dst;
  const std::uint16_t* table;

  HX_HD void operator()(int run, int y) const {
    const int x = run * kQuantiseRun, count = src.width() - x;
    std::uint16_t pixels[kQuantiseRun] = {};
    load_run(src.row(y) + x, count, pixels);
    unrolled<kQuantiseRun>([&](int i) { pixels[i] = table[pixels[i]]; });
    store_run(dst.row(y) + x, count, pixels);
  }
};

template <class Q>
void quantise_chain(const Q& q, Plane<const float> src, Plane<std::uint16_t> dst, float scale) {
  for_each_pixel(q, runs_of(src.extent, kQuantiseRun), QuantiseRun{src, dst, scale, false}, "quantising");
}

template <class Q>
void add_quantised_chain(const Q& q, Plane<const float> src, Plane<std::uint16_t> dst, float scale) {
  for_each_pixel(q, runs_of(src.extent, kQuantiseRun), QuantiseRun{src, dst, scale, true}, "adding a quantised plane");
}

template <class Q>
void add_saturating_chain(const Q& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst) {
  for_each_pixel(q, runs_of(src.extent, kQuantiseRun), AddSaturatingRun{src, dst}, "adding with saturation");
}

/// @param table  in the queue's memory
template <class Q>
void look_up(const Q& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, const std::uint16_t* table) {
  for_each_pixel(q, runs_of(src.extent, kQuantiseRun), ApplyTableRun{src, dst, table}, "looking up a table");
}

/// Memory: 128 KiB for the table.
template <class Q>
void apply_table_chain(const Q& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, const Table16& table) {
  const auto on_queue = upload(q, std::span<const std::uint16_t>(table));
  look_up(q, src, dst, on_queue.data());
}

}  // namespace hexaplex::detail
