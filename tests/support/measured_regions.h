#pragma once

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "kernels/measure/border_band.h"
#include "kernels/measure/device_regions.h"
#include "kernels/runtime/host_plane.h"
#include "tests/support/labels.h"

namespace hexaplex::testing {

/// Channels of values of many kinds: integers, small and large numbers, few levels, minus zeros.
inline std::vector<HostPlane<float>> many_kinds_of_values(Extent e, int channels, unsigned seed) {
  std::vector<HostPlane<float>> out;
  std::mt19937 random(seed);
  for (int c = 0; c < channels; ++c) {
    HostPlane<float> plane(e);
    for (std::int64_t i = 0; i < e.area(); ++i) {
      const double u = static_cast<double>(random()) / 4294967296.0;
      plane.data()[i] =
          c % 4 == 0   ? static_cast<float>(random() % 65536)
          : c % 4 == 1 ? static_cast<float>(u * 2e-3 - 1e-3)
          : c % 4 == 2 ? (u < 0.3 ? static_cast<float>(static_cast<int>(random() % 3) - 1) : (u < 0.6 ? -0.0f : 0.0f))
                       : static_cast<float>((u < 0.5 ? -1 : 1) * std::exp(60 * u));
    }
    out.push_back(std::move(plane));
  }
  return out;
}

/// Label planes, with channels to measure in them.
struct MeasuredImage {
  std::string name;
  Labels outer, inner;  // inner may be empty
  std::vector<HostPlane<float>> channels;
  int reach2_px = 0;
  std::vector<FixedPoint> fixed{};

  std::vector<Plane<const float>> views() const {
    std::vector<Plane<const float>> out;
    for (const auto& c : channels) out.push_back(c.view());
    return out;
  }
  RegionPlanes planes() const {
    const Extent e = outer.extent();
    return {outer.view(), inner.view(), e, 0, 0, reach2_px, {0, 0, e.width, e.height}};
  }
};

inline MeasuredImage measured_image(std::string name, Labels outer, Labels inner, int channels, int reach2_px) {
  MeasuredImage out{std::move(name), std::move(outer), std::move(inner), {}, reach2_px};
  out.channels = many_kinds_of_values(out.outer.extent(), channels, 17);
  for (const auto& c : out.channels) out.fixed.push_back(fixed_point_for(largest_magnitude(CpuQueue{}, c.view())));
  return out;
}

/// The regions as the host finds them: runs cut at the border band.
inline RegionRuns marked_runs(const MeasuredImage& image) {
  RegionRuns runs = label_runs(CpuQueue{}, image.outer.view(), image.inner.view());
  if (image.reach2_px == 0) return runs;
  BorderBand band(image.outer.extent(), image.reach2_px);
  RegionRuns out;
  out.labels = runs.labels;
  out.first.push_back(0);
  std::vector<PixelRun> marked;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    band.mark(runs.of(i), marked);
    out.runs.insert(out.runs.end(), marked.begin(), marked.end());
    out.first.push_back(static_cast<std::int64_t>(out.runs.size()));
  }
  return out;
}

inline std::vector<MeasuredImage> measured_images() {
  std::vector<MeasuredImage> out;
  for (const Extent e : {Extent{1, 1}, {1, 2}, {1, 70}, {70, 1}, {3, 131}, {65, 48}})
    for (const int reach2 : {0, 1, 2, 5, 26})
      for (const int grain : {1, 9}) {
        const std::string name = std::to_string(e.width) + " x " + std::to_string(e.height) + ", reach2 " +
                                 std::to_string(reach2) + ", grain " + std::to_string(grain);
        out.push_back(measured_image(name, random_labels(e, 12, grain, 3), random_labels(e, 14, 3, 5), 2, reach2));
        if (grain == 9) out.push_back(measured_image(name + ", no nuclei", random_labels(e, 5, 9, 3), {}, 1, reach2));
      }
  Labels nuclei = random_labels({61, 50}, 30, 7, 8);
  for (std::int64_t i = 0; i < nuclei.extent().area(); ++i)
    if (i % 3 == 0) nuclei.data()[i] = 0;
  out.push_back(measured_image("four channels", random_labels({61, 50}, 30, 7, 8), std::move(nuclei), 4, 4));
  Labels sparse({40, 30}, 0);
  sparse(39, 0) = 100000, sparse(0, 29) = 5, sparse(1, 29) = 5;
  out.push_back(measured_image("sparse labels", std::move(sparse), {}, 2, 1));
  out.push_back(measured_image("one region as far as the image", Labels({33, 90}, 7), Labels({33, 90}, 0), 2, 9));
  out.push_back(measured_image("background", Labels({33, 20}, 0), {}, 1, 1));
  // Around the sides of tiles; a region as far as the image with others in it.
  for (const Extent e : {Extent{63, 31}, {64, 32}, {65, 33}, {127, 65}, {129, 64}})
    out.push_back(measured_image("tiles of " + std::to_string(e.width), random_labels(e, 3, 11, 4),
                                 random_labels(e, 40, 3, 6), 2, 2));
  // Regions of twelve pixels: more strips in a tile than it has threads.
  Labels twelve({130, 66});
  for (int y = 0; y < 66; ++y)
    for (int x = 0; x < 130; ++x) twelve(x, y) = static_cast<std::uint32_t>(y / 3 * 33 + x / 4 + 1);
  out.push_back(measured_image("regions of twelve pixels", std::move(twelve), {}, 2, 0));
  // More parts in a tile than it has entries for: every pixel a region, or two.
  for (const bool two : {false, true}) {
    Labels each({70, 40}), other({70, 40}, 0);
    for (std::uint32_t i = 0; i < 70 * 40; ++i) {
      each.data()[i] = i + 1;
      if (two) other.data()[i] = 70 * 40 - i;
    }
    out.push_back(
        measured_image(two ? "every pixel two regions" : "every pixel one", std::move(each), std::move(other), 2, 1));
  }
  out.push_back(measured_image("more channels than a launch takes", random_labels({40, 35}, 6, 9, 2), {}, 17, 1));
  out.push_back(measured_image("no channels", random_labels({33, 20}, 9, 5, 1), {}, 0, 1));
  return out;
}

}  // namespace hexaplex::testing
