#pragma once

#include "kernels/quality/square_sums.h"

// The arithmetic of square_sums.h, once for every backend. Sums are taken down each column, and then over the columns.

namespace hexaplex::detail {

/// What the pixels of a column are summed in.
template <class T>
struct SumOf;
template <>
struct SumOf<std::uint16_t> {
  using type = std::uint32_t;
};
template <>
struct SumOf<float> {
  using type = double;
};

[[gnu::always_inline]] HX_HD inline float squared_laplacian(float centre, float left, float right, float above,
                                                            float below) {
  const float bend = 4 * centre - ((left + right) + (above + below));
  return bend * bend;
}

/// The mean over 2 x 2 values.
[[gnu::always_inline]] HX_HD inline float mean_of_four(float left, float right, float lower_left, float lower_right) {
  return ((left + right) + (lower_left + lower_right)) * 0.25f;
}

/// Pixel (x, y) of a square halved `kTimes` times.
template <int kTimes, class T>
HX_HD inline float halved(const Plane<const T>& square, int x, int y) {
  if constexpr (kTimes == 0) {
    return static_cast<float>(square(x, y));
  } else {
    return mean_of_four(halved<kTimes - 1>(square, 2 * x, 2 * y), halved<kTimes - 1>(square, 2 * x + 1, 2 * y),
                        halved<kTimes - 1>(square, 2 * x, 2 * y + 1), halved<kTimes - 1>(square, 2 * x + 1, 2 * y + 1));
  }
}

/// Mean square of the Laplacian of a full square halved `kTimes` times.
template <int kTimes, class T>
HX_HD inline float laplacian_energy(const Plane<const T>& square) {
  constexpr int kSide = kQualitySquarePx >> kTimes;
  double sum = 0;
  for (int x = 1; x + 1 < kSide; ++x) {
    float lane = 0;
    for (int y = 1; y + 1 < kSide; ++y)
      lane += squared_laplacian(halved<kTimes>(square, x, y), halved<kTimes>(square, x - 1, y),
                                halved<kTimes>(square, x + 1, y), halved<kTimes>(square, x, y - 1),
                                halved<kTimes>(square, x, y + 1));
    sum += static_cast<double>(lane);
  }
  return static_cast<float>(sum / ((kSide - 2) * (kSide - 2)));
}

/// The sum over a square of any size.
template <class T>
HX_HD inline double sum_by_columns(const Plane<const T>& square) {
  double sum = 0;
  for (int x = 0; x < square.width(); ++x) {
    typename SumOf<T>::type lane = 0;
    for (int y = 0; y < square.height(); ++y) lane += square(x, y);
    sum += static_cast<double>(lane);
  }
  return sum;
}

/// Measures one square by one thread.
template <class T>
struct MeasureSquare {
  const Plane<const T>* bands;
  int first_band[kLightGroups + 1];  ///< of each group, the number of bands after the last
  int groups;
  int nuclear_band;
  double saturation;
  Plane<const std::uint8_t> scanned;  ///< no data: all was scanned
  Plane<SquareSums> dst;

  HX_HD void operator()(int column, int row) const {
    constexpr int kSide = kQualitySquarePx;
    const Extent extent = bands[0].extent;
    const int left = column * kSide, top = row * kSide;
    const int right = extent.width - left < kSide ? extent.width : left + kSide;
    const int bottom = extent.height - top < kSide ? extent.height : top + kSide;
    const Rect at{left, top, right - left, bottom - top};
    SquareSums& out = dst(column, row);
    out = {};
    float* light = reinterpret_cast<float*>(&out.light);  // std::array has no functions on a device
    for (int group = 0; group < groups; ++group) {
      double sum_of_bands = 0;
      for (int b = first_band[group]; b < first_band[group + 1]; ++b) {
        const double sum = sum_by_columns(bands[b].window(at));
        sum_of_bands += sum;
        if (b == nuclear_band) out.nuclear = static_cast<float>(sum / static_cast<double>(at.area()));
      }
      light[group] = static_cast<float>(sum_of_bands / static_cast<double>(at.area()));
    }
    int saturated = 0, not_scanned = 0;
    for (int y = at.y; y < at.bottom(); ++y)
      for (int x = at.x; x < at.right(); ++x) {
        saturated += largest(x, y) >= saturation;
        not_scanned += scanned.data != nullptr && scanned(x, y) == 0;
      }
    out.saturated = static_cast<std::uint16_t>(saturated);
    out.not_scanned = static_cast<std::uint16_t>(not_scanned);
    if (at.width == kSide && at.height == kSide) {
      const Plane<const T> square = bands[nuclear_band].window(at);
      out.noise = laplacian_energy<0>(square);
      out.fine = laplacian_energy<1>(square);
      out.coarse = laplacian_energy<3>(square);
    }
  }

 private:
  HX_HD T largest(int x, int y) const {
    T most = lowest(T{});
    for (int b = 0; b < first_band[groups]; ++b) {
      const T v = bands[b](x, y);
      most = most < v ? v : most;
    }
    return most;
  }
  HX_HD static std::uint16_t lowest(std::uint16_t) { return 0; }
  HX_HD static float lowest(float) { return -3.402823466385288598e38f; }  // numeric_limits<float>::lowest()
};

}  // namespace hexaplex::detail
