#include "kernels/intensity/quantise.h"

#include "kernels/intensity/quantise_pixel.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

HX_CLONES void quantise_row(const float* src, std::uint16_t* dst, int n, float scale) {
  for (int x = 0; x < n; ++x) dst[x] = static_cast<std::uint16_t>(detail::quantised(src[x], scale));
}

HX_CLONES void add_quantised_row(const float* src, std::uint16_t* dst, int n, float scale) {
  for (int x = 0; x < n; ++x) dst[x] = detail::saturating_sum(detail::quantised(src[x], scale), dst[x]);
}

HX_CLONES void add_saturating_row(const std::uint16_t* src, std::uint16_t* dst, int n) {
  for (int x = 0; x < n; ++x) dst[x] = detail::saturating_sum(src[x], dst[x]);
}

constexpr int kRows = 32;

}  // namespace

void quantise(const Queue& q, Plane<const float> src, Plane<std::uint16_t> dst, float scale) {
  HX_EXPECT(src.extent == dst.extent, "src and dst extents differ");
  HX_EXPECT(scale > 0, "the scale must be positive");
  if (src.extent.empty()) return;
  std::visit([&](const auto& queue) { detail::quantise(queue, src, dst, scale); }, q);
}

void add_quantised(const Queue& q, Plane<const float> src, Plane<std::uint16_t> dst, float scale) {
  HX_EXPECT(src.extent == dst.extent, "src and dst extents differ");
  HX_EXPECT(scale > 0, "the scale must be positive");
  if (src.extent.empty()) return;
  std::visit([&](const auto& queue) { detail::add_quantised(queue, src, dst, scale); }, q);
}

void add_saturating(const Queue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst) {
  HX_EXPECT(src.extent == dst.extent, "src and dst extents differ");
  if (src.extent.empty()) return;
  std::visit([&](const auto& queue) { detail::add_saturating(queue, src, dst); }, q);
}

void apply_table(const Queue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, const Table16& table) {
  HX_EXPECT(src.extent == dst.extent, "src and dst extents differ");
  HX_EXPECT(table.size() == 65536, "a table has 65,536 entries");
  if (src.extent.empty()) return;
  std::visit([&](const auto& queue) { detail::apply_table(queue, src, dst, table); }, q);
}

namespace detail {

void quantise(const CpuQueue& q, Plane<const float> src, Plane<std::uint16_t> dst, float scale) {
  for_each_band(q, src.height(), kRows, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y) quantise_row(src.row(y), dst.row(y), src.width(), scale);
  });
}

void add_quantised(const CpuQueue& q, Plane<const float> src, Plane<std::uint16_t> dst, float scale) {
  for_each_band(q, src.height(), kRows, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y) add_quantised_row(src.row(y), dst.row(y), src.width(), scale);
  });
}

void add_saturating(const CpuQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst) {
  for_each_band(q, src.height(), kRows, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y) add_saturating_row(src.row(y), dst.row(y), src.width());
  });
}

void apply_table(const CpuQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, const Table16& table) {
  for_each_band(q, src.height(), kRows, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y) {
      const std::uint16_t* from = src.row(y);
      std::uint16_t* to = dst.row(y);
      for (int x = 0; x < src.width(); ++x) to[x] = table[from[x]];
    }
  });
}

}  // namespace detail
}  // namespace hexaplex
