#include "core/bench/operators.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/bench/bench_planes.h"
#include "core/bench/field_operator.h"
#include "core/bench/region_operators.h"
#include "core/bench/spectral_field.h"
#include "kernels/filter/gaussian.h"
#include "kernels/filter/laplacian_of_gaussian.h"
#include "kernels/intensity/deconvolve_stains.h"
#include "kernels/intensity/histogram.h"
#include "kernels/intensity/quantise.h"
#include "kernels/intensity/unmix.h"
#include "kernels/morphology/open_mask.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/queue_plane.h"
#include "kernels/segment/climb.h"
#include "kernels/segment/expand.h"
#include "kernels/segment/local_threshold.h"
#include "kernels/segment/parts.h"

namespace hexaplex {

namespace {

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
  const auto p = std::make_shared<Planes>(Planes{upload<std::uint16_t>(q, bench_landscape(in).view()),
                                                 upload<std::uint8_t>(q, bench_mask(in).view()),
                                                 QueuePlane<std::uint8_t>(q, in.extent)});
  return {{},
          [q, p] { climb_pointers(q, p->landscape.view(), p->mask.view(), p->pointers.view()); },
          [q, p] { return digest_of(download<std::uint8_t>(q, p->pointers.view())); }};
}

using Plane16 = Plane<const std::uint16_t>;

PreparedOperator prepare_histogram(const Queue& q, const BenchInput& in) {
  struct State {
    QueuePlane<std::uint16_t> src;
    Histogram16 counts;
  };
  const auto s = std::make_shared<State>(State{upload<std::uint16_t>(q, bench_field(in).view()), {}});
  return {[s] { s->counts = empty_histogram(); }, [q, s] { add_to_histogram(q, s->src.view(), s->counts); },
          [s] { return digest_of(std::span<const std::int64_t>(s->counts)); }};
}

PreparedOperator prepare_threshold(const Queue& q, const BenchInput& in) {
  struct Planes {
    QueuePlane<std::uint16_t> src, grid;
    QueuePlane<std::uint8_t> mask;
    LocalLevelParams params;
  };
  const LocalLevelParams params{static_cast<int>(2.1 * in.nucleus_px) | 1, 0.45};
  const auto p =
      std::make_shared<Planes>(Planes{upload<std::uint16_t>(q, bench_field(in).view()),
                                      QueuePlane<std::uint16_t>(q, level_extent(in.extent, params.window_px)),
                                      QueuePlane<std::uint8_t>(q, in.extent), params});
  return {{},
          [q, p] {
            local_level(q, std::as_const(p->src).view(), p->params, p->grid.view());
            above_level(q, std::as_const(p->src).view(), {level_stride(p->params.window_px), p->grid.view()}, 10,
                        p->mask.view());
          },
          [q, p] { return digest_of(download<std::uint8_t>(q, p->mask.view())); }};
}

// Bands of a spectral field and planes for what is in them.
struct Bands {
  UnmixModel model;
  std::vector<QueuePlane<std::uint16_t>> planes;
  std::vector<QueuePlane<float>> components;
  std::vector<Plane16> views;
  std::vector<Plane<float>> targets;
};

std::shared_ptr<Bands> upload_bands(const Queue& q, const BenchInput& in) {
  const SpectralField field = spectral_field(in.extent, in.nucleus_px);
  const auto b = std::make_shared<Bands>();
  b->model = field.model;
  for (const auto& band : field.bands) b->planes.push_back(upload<std::uint16_t>(q, band.view()));
  for (const auto& plane : b->planes) b->views.push_back(plane.view());
  for (int c = 0; c < b->model.components; ++c) b->components.emplace_back(q, in.extent);
  for (auto& plane : b->components) b->targets.push_back(plane.view());
  return b;
}

template <class Unmix>
auto unmixing(Unmix unmix) {
  return [unmix](const Queue& q, const BenchInput& in) {
    const auto b = upload_bands(q, in);
    return PreparedOperator{{},
                            [q, b, unmix] { unmix(q, *b); },
                            [q, b] {
                              std::uint64_t all = 0;
                              for (const auto& c : b->components)
                                all = 31 * all + digest_of(download<float>(q, c.view()));
                              return all;
                            }};
  };
}

// Three stains of a picture of all colours.
PreparedOperator prepare_stains(const Queue& q, const BenchInput& in) {
  struct State {
    StainModel model;
    std::vector<QueuePlane<std::uint16_t>> rgb;
    std::vector<QueuePlane<float>> amounts;
    std::vector<Plane<float>> targets;
  };
  const StainVector stains[] = {{.65, .70, .29}, {.07, .99, .11}, {.2, .4, .9}};
  const auto s = std::make_shared<State>(State{make_stain_model(stains, {242, 242, 242}), {}, {}, {}});
  const HostPlane<std::uint16_t> field = bench_field(in);
  for (const int shift : {8, 5, 2}) {
    HostPlane<std::uint16_t> band(in.extent);
    for (std::int64_t i = 0; i < in.extent.area(); ++i)
      band.data()[i] = static_cast<std::uint16_t>(field.data()[i] >> shift & 255);
    s->rgb.push_back(upload<std::uint16_t>(q, band.view()));
    s->amounts.emplace_back(q, in.extent);
  }
  for (auto& plane : s->amounts) s->targets.push_back(plane.view());
  return {{},
          [q, s] {
            deconvolve_stains(q, s->model, {s->rgb[0].view(), s->rgb[1].view(), s->rgb[2].view()}, s->targets);
          },
          [q, s] {
            std::uint64_t all = 0;
            for (const auto& plane : s->amounts) all = 31 * all + digest_of(download<float>(q, plane.view()));
            return all;
          }};
}

}  // namespace

const std::vector<BenchOperator>& bench_operators() {
  static const std::vector<BenchOperator> all = [] {
    std::vector<BenchOperator> operators{
        {"unmix_least_squares", 44,
         unmixing([](const Queue& q, const Bands& b) { unmix_least_squares(q, b.model, b.views, b.targets); })},
        {"unmix_non_negative", 44,
         unmixing([](const Queue& q, const Bands& b) { unmix_non_negative(q, b.model, b.views, b.targets); })},
        {"deconvolve_stains", 18, prepare_stains},
        {"quantise", 6,
         one_to_one<float, std::uint16_t>(bench_light,
                                          [](const Queue& q, Plane<const float> src, Plane<std::uint16_t> dst,
                                             const BenchInput&) { quantise(q, src, dst, kBenchScale); })},
        {"add_to_histogram", 2, prepare_histogram},
        {"gaussian_blur", 4,
         one_to_one<std::uint16_t, std::uint16_t>(
             bench_field, [](const Queue& q, Plane16 src, Plane<std::uint16_t> dst,
                             const BenchInput& in) { gaussian_blur(q, src, dst, {0.1 * in.nucleus_px}); })},
        {"blob_response", 4,
         one_to_one<std::uint16_t, std::int16_t>(
             bench_field, [](const Queue& q, Plane16 src, Plane<std::int16_t> dst,
                             const BenchInput& in) { blob_response(q, src, dst, {0.2 * in.nucleus_px}); })},
        {"local threshold", 3, prepare_threshold},
        {"open_mask", 2,
         in_place<std::uint8_t>(
             bench_mask, [](const Queue& q, Plane<std::uint8_t> mask, const BenchInput&) { open_mask(q, mask, 1); })},
        {"drop_small_components", 2,
         in_place<std::uint8_t>(bench_mask, [](const Queue& q, Plane<std::uint8_t> mask,
                                               const BenchInput&) { drop_small_components(q, mask, 0, 40); })},
        {"climb_pointers", 4, prepare_climb},
        {"label_basins", 5,
         one_to_one<std::uint8_t, std::uint32_t>(
             bench_pointers, [](const Queue& q, Plane<const std::uint8_t> src, Plane<std::uint32_t> dst,
                                const BenchInput&) { label_basins(q, src, dst); })},
        {"keep_largest_parts", 8,
         in_place<std::uint32_t>(bench_basins, [](const Queue& q, Plane<std::uint32_t> labels,
                                                  const BenchInput&) { keep_largest_parts(q, labels, 15); })},
        {"expand_labels", 8,
         one_to_one<std::uint32_t, std::uint32_t>(
             bench_seeds, [](const Queue& q, Plane<const std::uint32_t> src, Plane<std::uint32_t> dst,
                             const BenchInput&) { expand_labels(q, src, dst, {4}); })},
    };
    for (BenchOperator& op : region_bench_operators()) operators.push_back(std::move(op));
    for (BenchOperator& op : field_bench_operators()) operators.push_back(std::move(op));
    return operators;
  }();
  return all;
}

std::vector<BenchOperator> bench_operators_named(const std::string& text) {
  std::vector<BenchOperator> named;
  std::string names;
  for (const BenchOperator& op : bench_operators()) {
    if (op.name.find(text) != std::string::npos) named.push_back(op);
    names += (names.empty() ? "" : ", ") + op.name;
  }
  if (named.empty()) throw InvalidArgument("no operator is called " + text + "; there are " + names);
  return named;
}

}  // namespace hexaplex
