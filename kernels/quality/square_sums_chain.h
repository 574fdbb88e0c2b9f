#pragma once

#include "kernels/intensity/upload.h"
#include "kernels/quality/square_sums_pixel.h"

namespace hexaplex::detail {

template <class Q, class T>
void measure_squares_chain(const Q& q, std::span<const Plane<const T>> bands, const SquareOptions& options,
                           Plane<const std::uint8_t> scanned, Plane<SquareSums> dst) {
  const auto views = upload(q, bands);
  const int count = static_cast<int>(bands.size());
  MeasureSquare<T> measure{views.data(), {}, light_groups(count), options.nuclear_band, options.saturation,
                           scanned,      dst};
  for (int group = 0; group <= measure.groups; ++group) measure.first_band[group] = first_band_of_group(group, count);
  for_each_pixel(q, dst.extent, measure, "measuring squares");
}

}  // namespace hexaplex::detail
