#include "core/bench/operators.h"

#include <memory>
#include <utility>

#include "core/bench/crowded_field.h"
#include "kernels/filter/gaussian.h"
#include "kernels/intensity/histogram.h"
#include "kernels/intensity/quantise.h"
#include "kernels/runtime/queue_plane.h"
#include "kernels/segment/climb.h"
#include "kernels/segment/parts.h"

namespace hexaplex {

namespace {

constexpr float kLevel = 1000;  // of a nucleus in the crowded field

// FNV-1a over 64-bit words of rows, padding left out.
template <class T>
std::uint64_t digest_of(const HostPlane<T>& pixels) {
  std::uint64_t hash = 0xcbf29ce484222325ull;
  for (std::int64_t i = 0; i < pixels.extent().area(); ++i) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, pixels.data() + i, sizeof(T));
    hash = (hash ^ bits) * 0x100000001b3ull;
  }
  return hash;
}

HostPlane<std::uint16_t> field_of(const BenchInput& in) {
  const HostPlane<float> light = crowded_field(in.extent, in.nucleus_px);
  HostPlane<std::uint16_t> out(in.extent);
  CpuQueue q;
  quantise(q, light.view(), out.view(), 20000 / kLevel);
  return out;
}

HostPlane<std::uint16_t> landscape_of(const BenchInput& in) {
  const HostPlane<std::uint16_t> field = field_of(in);
  HostPlane<std::uint16_t> out(in.extent);
  gaussian_blur(CpuQueue{}, field.view(), out.view(), {0.2 * in.nucleus_px});
  return out;
}

HostPlane<std::uint8_t> mask_of(const BenchInput& in) {
  const HostPlane<std::uint16_t> smooth = landscape_of(in);
  HostPlane<std::uint8_t> out(in.extent);
  Histogram16 levels = empty_histogram();
  CpuQueue q;
  add_to_histogram(q, smooth.view(), levels);
  const int threshold = otsu_threshold(levels);
  for (std::int64_t i = 0; i < in.extent.area(); ++i) out.data()[i] = smooth.data()[i] > threshold ? 1 : 0;
  return out;
}

HostPlane<std::uint32_t> basins_of(const BenchInput& in) {
  HostPlane<std::uint8_t> pointers(in.extent);
  HostPlane<std::uint32_t> labels(in.extent);
  climb_pointers(CpuQueue{}, landscape_of(in).view(), mask_of(in).view(), pointers.view());
  label_basins(CpuQueue{}, pointers.view(), labels.view());
  return labels;
}

// An operator from one plane to another.
template <class In, class Out, class Make, class Run>
auto one_to_one(Make make, Run run) {
  return [make, run](const Queue& q, const BenchInput& in) {
    struct Planes {
      QueuePlane<In> src;
      QueuePlane<Out> dst;
    };
    const HostPlane<In> pixels = make(in);
    const auto p = std::make_shared<Planes>(Planes{upload<In>(q, pixels.view()), QueuePlane<Out>(q, in.extent)});
    return PreparedOperator{{},
                            [q, p, in, run] { run(q, std::as_const(p->src).view(), p->dst.view(), in); },
                            [q, p] { return digest_of(download<Out>(q, p->dst.view())); }};
  };
}

// An operator that changes its plane.
template <class T, class Make, class Run>
auto in_place(Make make, Run run) {
  return [make, run](const Queue& q, const BenchInput& in) {
    struct Planes {
      HostPlane<T> fresh;
      QueuePlane<T> plane;
    };
    const auto p = std::make_shared<Planes>(Planes{make(in), QueuePlane<T>(q, in.extent)});
    return PreparedOperator{[q, p] { copy_and_wait<T>(q, p->fresh.view(), p->plane.view()); },
                            [q, p, in, run] { run(q, p->plane.view(), in); },
                            [q, p] { return digest_of(download<T>(q, p->plane.view())); }};
  };
}

PreparedOperator prepare_climb(const Queue& q, const BenchInput& in) {
  struct Planes {
    QueuePlane<std::uint16_t> landscape;
    QueuePlane<std::uint8_t> mask, pointers;
  };
  const auto p = std::make_shared<Planes>(Planes{upload<std::uint16_t>(q, landscape_of(in).view()),
                                                 upload<std::uint8_t>(q, mask_of(in).view()),
                                                 QueuePlane<std::uint8_t>(q, in.extent)});
  return {{},
          [q, p] { climb_pointers(q, p->landscape.view(), p->mask.view(), p->pointers.view()); },
          [q, p] { return digest_of(download<std::uint8_t>(q, p->pointers.view())); }};
}

HostPlane<std::uint8_t> pointers_of(const BenchInput& in) {
  HostPlane<std::uint8_t> out(in.extent);
  climb_pointers(CpuQueue{}, landscape_of(in).view(), mask_of(in).view(), out.view());
  return out;
}

using Plane16 = Plane<const std::uint16_t>;

}  // namespace

const std::vector<BenchOperator>& bench_operators() {
  static const std::vector<BenchOperator> all{
      {"gaussian_blur", 4,
       one_to_one<std::uint16_t, std::uint16_t>(
           field_of, [](const Queue& q, Plane16 src, Plane<std::uint16_t> dst,
                        const BenchInput& in) { gaussian_blur(q, src, dst, {0.1 * in.nucleus_px}); })},
      {"climb_pointers", 4, prepare_climb},
      {"label_basins", 5,
       one_to_one<std::uint8_t, std::uint32_t>(
           pointers_of, [](const Queue& q, Plane<const std::uint8_t> src, Plane<std::uint32_t> dst,
                           const BenchInput&) { label_basins(q, src, dst); })},
      {"drop_small_components", 2,
       in_place<std::uint8_t>(mask_of, [](const Queue& q, Plane<std::uint8_t> mask,
                                          const BenchInput&) { drop_small_components(q, mask, 0, 40); })},
      {"keep_largest_parts", 8,
       in_place<std::uint32_t>(basins_of, [](const Queue& q, Plane<std::uint32_t> labels,
                                             const BenchInput&) { keep_largest_parts(q, labels, 15); })},
  };
  return all;
}

}  // namespace hexaplex
