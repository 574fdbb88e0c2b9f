#include "kernels/segment/landscape.h"

#include <algorithm>

#include "kernels/runtime/error.h"
#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/launch.h"
#include "kernels/segment/landscape_pixel.h"

namespace hexaplex {

namespace {

constexpr int kRows = 32;

HX_CLONES void landscape_row(const std::int16_t* fine, const std::int16_t* coarse, const std::uint16_t* wall,
                             std::int32_t weight, std::uint16_t* dst, int n) {
  for (int x = 0; x < n; ++x)
    dst[x] = detail::landscape_value(fine[x], coarse[x], wall != nullptr ? wall[x] : 0, weight);
}

HX_CLONES void cap_row(std::uint16_t* row, std::uint16_t most, int n) {
  for (int x = 0; x < n; ++x) row[x] = row[x] < most ? row[x] : most;
}

HX_CLONES void and_row(std::uint8_t* row, const std::uint8_t* keep, int n) {
  for (int x = 0; x < n; ++x) row[x] &= keep[x];
}

// In 2^-14.
std::int32_t fixed_weight(double weight) {
  HX_EXPECT(weight >= 0 && weight <= 2, "weight must lie in 0..2");
  return static_cast<std::int32_t>(weight * (1 << 14) + 0.5);
}

}  // namespace

void blob_landscape(const Queue& q, Plane<const std::int16_t> fine, Plane<const std::int16_t> coarse,
                    Plane<const std::uint16_t> wall, double weight, Plane<std::uint16_t> dst) {
  HX_EXPECT(fine.extent == dst.extent && coarse.extent == dst.extent, "the extents differ");
  const std::int32_t fixed = fixed_weight(weight);
  HX_EXPECT(wall.data == nullptr || wall.extent == dst.extent, "the wall's extent differs");
  if (dst.extent.empty()) return;
  std::visit([&](const auto& queue) { detail::blob_landscape(queue, fine, coarse, wall, fixed, dst); }, q);
}

void landscape_of_blobs(const Queue& q, Plane<const std::uint16_t> src, const BlobParams& fine,
                        const BlobParams& coarse, Plane<const std::uint16_t> wall, double weight,
                        Plane<std::uint16_t> dst) {
  for (const BlobParams& p : {fine, coarse})
    HX_EXPECT(p.sigma_px >= kMinBlobSigmaPx && p.sigma_px <= kMaxBlobSigmaPx, "sigma_px must lie in 0.55..96");
  const std::int32_t fixed = fixed_weight(weight);
  HX_EXPECT(src.extent == dst.extent, "src and dst extents differ");
  HX_EXPECT(wall.data == nullptr || wall.extent == dst.extent, "the wall's extent differs");
  HX_EXPECT(!share_memory(src, dst), "dst must not overlap src");
  if (dst.extent.empty()) return;
  std::visit([&](const auto& queue) { detail::landscape_of_blobs(queue, src, fine, coarse, wall, fixed, dst); }, q);
}

void cap(const Queue& q, Plane<std::uint16_t> image, std::uint16_t most) {
  if (image.extent.empty()) return;
  std::visit([&](const auto& queue) { detail::cap(queue, image, most); }, q);
}

void restrict_mask(const Queue& q, Plane<std::uint8_t> mask, Plane<const std::uint8_t> keep) {
  HX_EXPECT(mask.extent == keep.extent, "mask and keep extents differ");
  if (mask.extent.empty()) return;
  std::visit([&](const auto& queue) { detail::restrict_mask(queue, mask, keep); }, q);
}

void keep_above_fraction(const Queue& q, Plane<const std::uint16_t> image, const LevelView& trough,
                         std::span<const std::uint16_t> own, std::span<const std::uint32_t> into, double fraction,
                         Rect core, Plane<std::uint32_t> labels) {
  HX_EXPECT(own.size() == into.size(), "own and into name the same labels");
  HX_EXPECT(core.extent() == labels.extent, "the core's extent is that of the labels");
  HX_EXPECT(fraction >= 0 && fraction <= 1, "fraction must lie in 0..1");
  if (labels.extent.empty()) return;
  HX_EXPECT(core.x >= 0 && core.y >= 0 && core.right() <= image.width() && core.bottom() <= image.height(),
            "the core lies outside the image");
  HX_EXPECT(trough.stride >= 1 && !trough.level.extent.empty(), "the trough has no cells");
  const auto share = static_cast<std::int64_t>(fraction * 65536 + 0.5);
  std::visit(
      [&](const auto& queue) { detail::keep_above_fraction(queue, image, trough, own, into, share, core, labels); }, q);
}

namespace detail {

void blob_landscape(const CpuQueue& q, Plane<const std::int16_t> fine, Plane<const std::int16_t> coarse,
                    Plane<const std::uint16_t> wall, std::int32_t weight, Plane<std::uint16_t> dst) {
  for_each_band(q, dst.height(), kRows, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y)
      landscape_row(fine.row(y), coarse.row(y), wall.data != nullptr ? wall.row(y) : nullptr, weight, dst.row(y),
                    dst.width());
  });
}

void landscape_of_blobs(const CpuQueue& q, Plane<const std::uint16_t> src, const BlobParams& fine,
                        const BlobParams& coarse, Plane<const std::uint16_t> wall, std::int32_t weight,
                        Plane<std::uint16_t> dst) {
  HostPlane<std::int16_t> finer(src.extent), coarser(src.extent);
  blob_response(q, src, finer.view(), fine);
  blob_response(q, src, coarser.view(), coarse);
  blob_landscape(q, finer.view(), coarser.view(), wall, weight, dst);
}

void cap(const CpuQueue& q, Plane<std::uint16_t> image, std::uint16_t most) {
  for_each_band(q, image.height(), kRows, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y) cap_row(image.row(y), most, image.width());
  });
}

void restrict_mask(const CpuQueue& q, Plane<std::uint8_t> mask, Plane<const std::uint8_t> keep) {
  for_each_band(q, mask.height(), kRows, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y) and_row(mask.row(y), keep.row(y), mask.width());
  });
}

void keep_above_fraction(const CpuQueue& q, Plane<const std::uint16_t> image, const LevelView& trough,
                         std::span<const std::uint16_t> own, std::span<const std::uint32_t> into, std::int64_t share,
                         Rect core, Plane<std::uint32_t> labels) {
  const std::int64_t unit = level_unit(trough.stride);
  for_each_band(q, core.height, kRows, [&](std::int64_t begin, std::int64_t end) {
    std::vector<std::uint32_t> low(image.width());
    for (int y = static_cast<int>(begin); y < end; ++y) {
      level_row(trough, core.y + y, image.width(), low.data());
      const std::uint16_t* pixels = image.row(core.y + y) + core.x;
      const std::uint32_t* troughs = low.data() + core.x;
      std::uint32_t* row = labels.row(y);
      for (int x = 0; x < core.width; ++x) {
        const std::uint32_t label = row[x];
        if (label == 0) continue;
        row[x] = is_above_fraction(pixels[x], troughs[x], own[label], unit, share) ? into[label] : 0;
      }
    }
  });
}

}  // namespace detail
}  // namespace hexaplex
