#include "kernels/quality/square_sums.h"

#include <algorithm>

#include "kernels/quality/square_sums_pixel.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

using detail::mean_of_four;
using detail::squared_laplacian;
constexpr int kSide = kQualitySquarePx;

// Adds a band's part of a square to `lanes`, one per column, and keeps in `most` the largest band of every pixel. One
// lane per column: no sum depends on how a compiler vectorises.
HX_CLONES void add_band(const std::uint16_t* src, std::ptrdiff_t pitch, int width, int height,
                        std::uint32_t* __restrict lanes, std::uint16_t* __restrict most) {
  for (int y = 0; y < height; ++y, src += pitch, most += kSide)
    for (int x = 0; x < width; ++x) {
      lanes[x] += src[x];
      most[x] = std::max(most[x], src[x]);
    }
}

HX_CLONES void add_full_band(const std::uint16_t* src, std::ptrdiff_t pitch, std::uint32_t* __restrict lanes,
                             std::uint16_t* __restrict most) {
  for (int y = 0; y < kSide; ++y, src += pitch, most += kSide)
    for (int x = 0; x < kSide; ++x) {
      lanes[x] += src[x];
      most[x] = std::max(most[x], src[x]);
    }
}

HX_CLONES void add_band(const float* src, std::ptrdiff_t pitch, int width, int height, double* __restrict lanes,
                        float* __restrict most) {
  for (int y = 0; y < height; ++y, src += pitch, most += kSide)
    for (int x = 0; x < width; ++x) {
      lanes[x] += static_cast<double>(src[x]);
      most[x] = std::max(most[x], src[x]);
    }
}

void add_full_band(const float* src, std::ptrdiff_t pitch, double* __restrict lanes, float* __restrict most) {
  add_band(src, pitch, kSide, kSide, lanes, most);
}

HX_CLONES void as_float(const std::uint16_t* src, std::ptrdiff_t pitch, float* square) {
  for (int y = 0; y < kSide; ++y, src += pitch, square += kSide)
    for (int x = 0; x < kSide; ++x) square[x] = src[x];
}

void as_float(const float* src, std::ptrdiff_t pitch, float* square) {
  for (int y = 0; y < kSide; ++y, src += pitch, square += kSide) std::copy(src, src + kSide, square);
}

// Sums of squared Laplacians by column, of a square of `side` x `side` packed values.
HX_CLONES void add_laplacians(const float* square, int side, float* __restrict lanes) {
  for (int y = 1; y + 1 < side; ++y) {
    const float *above = square + (y - 1) * side, *row = above + side, *below = row + side;
    for (int x = 1; x + 1 < side; ++x)
      lanes[x] += squared_laplacian(row[x], row[x - 1], row[x + 1], above[x], below[x]);
  }
}

float laplacian_energy(const float* square, int side) {
  float lanes[kSide] = {};
  add_laplacians(square, side, lanes);
  double sum = 0;
  for (int x = 1; x + 1 < side; ++x) sum += static_cast<double>(lanes[x]);
  return static_cast<float>(sum / ((side - 2) * (side - 2)));
}

// Means over 2 x 2 values.
HX_CLONES void halve(const float* src, int side, float* __restrict dst) {
  for (int y = 0; y < side / 2; ++y) {
    const float *upper = src + 2 * y * side, *lower = upper + side;
    for (int x = 0; x < side / 2; ++x)
      dst[y * (side / 2) + x] = mean_of_four(upper[2 * x], upper[2 * x + 1], lower[2 * x], lower[2 * x + 1]);
  }
}

void add_energies(float* square, SquareSums& out) {
  float a[kSide * kSide / 4], b[kSide * kSide / 16], c[kSide * kSide / 64];
  out.noise = laplacian_energy(square, kSide);
  halve(square, kSide, a);
  out.fine = laplacian_energy(a, kSide / 2);
  halve(a, kSide / 2, b);
  halve(b, kSide / 4, c);
  out.coarse = laplacian_energy(c, kSide / 8);
}

template <class T>
SquareSums measure_square(std::span<const Plane<const T>> bands, const SquareOptions& options,
                          Plane<const std::uint8_t> scanned, Rect at) {
  SquareSums out;
  const bool full = at.width == kSide && at.height == kSide;
  const int count = static_cast<int>(bands.size());
  T most[kSide * kSide];
  std::fill(most, most + kSide * kSide, std::numeric_limits<T>::lowest());
  for (int group = 0; group < light_groups(count); ++group) {
    double light = 0;
    for (int b = first_band_of_group(group, count); b < first_band_of_group(group + 1, count); ++b) {
      typename detail::SumOf<T>::type lanes[kSide] = {};
      const T* src = bands[b].row(at.y) + at.x;
      if (full)
        add_full_band(src, bands[b].pitch, lanes, most);
      else
        add_band(src, bands[b].pitch, at.width, at.height, lanes, most);
      double sum = 0;
      for (int x = 0; x < at.width; ++x) sum += static_cast<double>(lanes[x]);
      light += sum;
      if (b == options.nuclear_band) out.nuclear = static_cast<float>(sum / static_cast<double>(at.area()));
    }
    out.light[static_cast<std::size_t>(group)] = static_cast<float>(light / static_cast<double>(at.area()));
  }
  for (int y = 0; y < at.height; ++y)
    for (int x = 0; x < at.width; ++x) {
      out.saturated = static_cast<std::uint16_t>(out.saturated + (most[y * kSide + x] >= options.saturation));
      if (scanned.data != nullptr)
        out.not_scanned = static_cast<std::uint16_t>(out.not_scanned + (scanned(at.x + x, at.y + y) == 0));
    }
  if (full) {
    const Plane<const T>& nuclear = bands[static_cast<std::size_t>(options.nuclear_band)];
    float square[kSide * kSide];
    as_float(nuclear.row(at.y) + at.x, nuclear.pitch, square);
    add_energies(square, out);
  }
  return out;
}

template <class T>
void run(const Queue& q, std::span<const Plane<const T>> bands, const SquareOptions& options,
         Plane<const std::uint8_t> scanned, Plane<SquareSums> dst) {
  HX_EXPECT(!bands.empty(), "one band at least is needed");
  HX_EXPECT(options.nuclear_band >= 0 && options.nuclear_band < static_cast<int>(bands.size()),
            "the nuclear band is not one of the bands");
  HX_EXPECT(options.saturation == options.saturation, "the saturation must be a number");
  const Extent extent = bands[0].extent;
  for (const auto& p : bands) HX_EXPECT(p.extent == extent && is_sound(p), "the bands differ in extent");
  HX_EXPECT(scanned.data == nullptr || scanned.extent == extent, "scanned and bands differ in extent");
  HX_EXPECT(dst.extent == square_grid(extent), "dst must have the squares of the bands");
  if (extent.empty()) return;
  std::visit([&](const auto& queue) { detail::measure_squares(queue, bands, options, scanned, dst); }, q);
}

}  // namespace

Extent square_grid(Extent pixels) {
  if (pixels.empty()) return {};
  return {(pixels.width - 1) / kSide + 1, (pixels.height - 1) / kSide + 1};
}

int light_groups(int bands) {
  return std::min(bands, kLightGroups);
}

int first_band_of_group(int group, int bands) {
  return bands * group / light_groups(bands);
}

void measure_squares(const Queue& q, std::span<const Plane<const std::uint16_t>> bands, const SquareOptions& options,
                     Plane<const std::uint8_t> scanned, Plane<SquareSums> dst) {
  run(q, bands, options, scanned, dst);
}

void measure_squares(const Queue& q, std::span<const Plane<const float>> bands, const SquareOptions& options,
                     Plane<const std::uint8_t> scanned, Plane<SquareSums> dst) {
  run(q, bands, options, scanned, dst);
}

namespace detail {

template <class T>
void measure_squares(const CpuQueue& q, std::span<const Plane<const T>> bands, const SquareOptions& options,
                     Plane<const std::uint8_t> scanned, Plane<SquareSums> dst) {
  const Extent extent = bands[0].extent;
  for_each_band(q, dst.height(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (int row = static_cast<int>(begin); row < end; ++row)
      for (int column = 0; column < dst.width(); ++column) {
        const int x = column * kSide, y = row * kSide;
        const Rect at{x, y, std::min(kSide, extent.width - x), std::min(kSide, extent.height - y)};
        dst(column, row) = measure_square(bands, options, scanned, at);
      }
  });
}

template void measure_squares(const CpuQueue&, std::span<const Plane<const std::uint16_t>>, const SquareOptions&,
                              Plane<const std::uint8_t>, Plane<SquareSums>);
template void measure_squares(const CpuQueue&, std::span<const Plane<const float>>, const SquareOptions&,
                              Plane<const std::uint8_t>, Plane<SquareSums>);

}  // namespace detail
}  // namespace hexaplex
