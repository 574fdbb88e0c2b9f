#include "core/bench/region_operators.h"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "core/bench/bench_planes.h"
#include "core/bench/field_measures.h"
#include "kernels/measure/device_regions.h"
#include "kernels/runtime/queue_plane.h"
#include "kernels/segment/device_region_graph.h"
#include "kernels/segment/merge.h"

namespace hexaplex {

namespace {

constexpr int kChannels = 8;

// --- fragments into nuclei

struct Fragments {
  QueuePlane<std::uint32_t> labels;
  QueuePlane<std::uint16_t> level;
  std::size_t count;
  MergeParams params;
  HostVector<std::uint32_t> into;

  RegionImages images() const { return {std::as_const(level).view(), {}, std::as_const(level).view()}; }
};

struct Merge {
  Fragments& f;

  void operator()(const CpuQueue& q) const {
    const Extent e = f.labels.extent();
    CpuQueue queue = q;
    RegionGraphBuilder builder(f.count);
    builder.add(queue, {0, 0, e.width, e.height}, std::as_const(f.labels).view(), f.images(), 0, 0);
    RegionGraph graph = builder.finish();
    f.into = merge_regions(graph, f.params);
  }
#if HX_WITH_CUDA
  void operator()(const CudaQueue& q) const {
    DeviceRegionGraph<CudaQueue> graph = region_graph_of(q, std::as_const(f.labels).view(), f.images(), f.count);
    const DeviceBuffer<std::uint32_t> into = merge_regions_on(q, graph, f.params);
    f.into.resize(into.size());
    fetch(q, into.data(), f.into.data(), f.into.size());
  }
#endif
};

PreparedOperator prepare_merge(const Queue& q, const BenchInput& in) {
  const HostPlane<std::uint32_t> labels = bench_basins(in);
  std::size_t count = 0;
  for (std::int64_t i = 0; i < in.extent.area(); ++i) count = std::max<std::size_t>(count, labels.data()[i]);
  const auto f = std::make_shared<Fragments>(Fragments{
      upload<std::uint32_t>(q, labels.view()), upload<std::uint16_t>(q, bench_landscape(in).view()), count, {}, {}});
  f->params.nucleus_px = in.nucleus_px;
  return {{}, [q, f] { std::visit(Merge{*f}, q); }, [f] { return digest_of(std::span<const std::uint32_t>(f->into)); }};
}

// --- channels over regions

struct Measured {
  QueuePlane<std::uint32_t> labels;
  std::uint32_t count = 0;  // they are 1 .. count
  std::vector<QueuePlane<float>> channels;
  std::vector<Plane<const float>> views;
  std::vector<FixedPoint> fixed;
  RegionTable table;  // on the CPU; a device keeps its own until somebody asks
#if HX_WITH_CUDA
  DeviceRegions<CudaQueue> regions;
  DeviceRegionTable<CudaQueue> on_device;
#endif

  ChannelPlanes planes() const {
    return {views, fixed};
  }
  RegionTable on_host(const Queue& q) const {
#if HX_WITH_CUDA
    if (const CudaQueue* cuda = std::get_if<CudaQueue>(&q); cuda != nullptr)
      return fetch_table(*cuda, regions, on_device);
#endif
    (void)q;
    return table;
  }
};

struct Sum {
  Measured& m;

  void operator()(const CpuQueue& q) const {
    m.table = region_sums(q, label_runs(q, std::as_const(m.labels).view(), {}), m.planes());
  }
#if HX_WITH_CUDA
  void operator()(const CudaQueue& q) const {
    const Extent e = m.labels.extent();
    m.regions = regions_on(q, {std::as_const(m.labels).view(), {}, e, 0, 0, 0, {0, 0, e.width, e.height}, m.count});
    m.on_device = region_sums_on(q, m.regions, m.planes());
  }
#endif
};

PreparedOperator prepare_sums(const Queue& q, const BenchInput& in) {
  const auto m = std::make_shared<Measured>();
  const HostPlane<std::uint32_t> basins = bench_basins(in);
  m->labels = upload<std::uint32_t>(q, basins.view());
  m->count = *std::max_element(basins.data(), basins.data() + in.extent.area());
  const HostPlane<float> light = bench_light(in);
  for (int c = 0; c < kChannels; ++c) {
    m->channels.push_back(upload<float>(q, light.view()));
    m->fixed.push_back(fixed_point_for(2000));
  }
  for (const auto& channel : m->channels) m->views.push_back(channel.view());
  return {{}, [q, m] { std::visit(Sum{*m}, q); }, [q, m] { return digest_of_table(m->on_host(q)); }};
}

}  // namespace

std::vector<BenchOperator> region_bench_operators() {
  return {{"graph and merging", 6, prepare_merge}, {"sums of 8 channels", 36, prepare_sums}};
}

}  // namespace hexaplex
