#include "core/bench/field_measures.h"

#include <cstring>
#include <vector>

#include "core/bench/operators.h"
#include "kernels/measure/border_band.h"
#include "kernels/measure/device_regions.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

constexpr int kReach2 = 2;  // of the border band: 0.75 µm in pixels of 0.5 µm

}  // namespace

struct FieldMeasures::Measure {
  const FieldLabels& labels;
  ChannelPlanes channels;
  FieldMeasures& to;

  void operator()(const CpuQueue& q) const {
    const auto cells = labels.cell.view(), nuclei = labels.nucleus.view();
    const RegionRuns regions = label_runs(q, cells, nuclei);
    RegionTable& table = to.host_;
    table.labels.assign(regions.labels.begin(), regions.labels.end());
    table.channels = static_cast<int>(channels.planes.size());
    table.counts.resize(regions.size() * kPartCount);
    table.sums.resize(table.counts.size() * channels.planes.size());
    for_each_band(q, static_cast<std::int64_t>(regions.size()), 64, [&](std::int64_t begin, std::int64_t end) {
      BorderBand band(cells.extent, kReach2);
      std::vector<PixelRun> runs;
      for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
        const std::size_t first = i * kPartCount, sums = first * channels.planes.size();
        band.mark(regions.of(i), runs);
        add_region_sums(runs, channels, {table.counts.data() + first, static_cast<std::size_t>(kPartCount)},
                        {table.sums.data() + sums, kPartCount * channels.planes.size()});
      }
    });
  }
#if HX_WITH_CUDA
  void operator()(const CudaQueue& q) const {
    const auto cells = labels.cell.view();
    const Extent e = cells.extent;
    to.regions_ =
        regions_on(q, {cells, labels.nucleus.view(), e, 0, 0, kReach2, {0, 0, e.width, e.height}, labels.count});
    to.device_ = region_sums_on(q, to.regions_, channels);
  }
#endif
};

FieldMeasures::FieldMeasures(const Queue& q, const FieldLabels& labels, std::span<const Plane<const float>> channels) {
  std::vector<FixedPoint> fixed;
  for (const float largest : largest_magnitudes(q, channels)) fixed.push_back(fixed_point_for(largest));
  std::visit(Measure{labels, {channels, fixed}, *this}, q);
}

void FieldMeasures::bring(const Queue& q, std::span<std::byte> to) const {
#if HX_WITH_CUDA
  const CudaQueue* cuda = std::get_if<CudaQueue>(&q);
  if (cuda == nullptr) return;
  const std::size_t counts = device_.counts.size() * sizeof(std::int64_t);
  const std::size_t sums = device_.sums.size() * sizeof(DeviceChannelSums);
  HX_EXPECT(counts + sums <= to.size(), "there is too little room for what was measured");
  copy(*cuda, reinterpret_cast<const std::byte*>(device_.counts.data()), to.data(), counts);
  copy(*cuda, reinterpret_cast<const std::byte*>(device_.sums.data()), to.data() + counts, sums);
#endif
  (void)q, (void)to;
}

RegionTable FieldMeasures::on_host(const Queue& q) const {
#if HX_WITH_CUDA
  if (const CudaQueue* cuda = std::get_if<CudaQueue>(&q); cuda != nullptr) return fetch_table(*cuda, regions_, device_);
#endif
  (void)q;
  return host_;
}

std::uint64_t digest_of_table(const RegionTable& table) {
  std::vector<std::uint64_t> words;
  for (const ChannelSums& s : table.sums) {
    std::uint32_t extremes[2];
    std::memcpy(extremes, &s.min, sizeof(float));
    std::memcpy(extremes + 1, &s.max, sizeof(float));
    for (const int128 sum : {s.sum, s.sum_squares}) {
      words.push_back(static_cast<std::uint64_t>(sum));
      words.push_back(static_cast<std::uint64_t>(sum >> 64));
    }
    words.push_back(static_cast<std::uint64_t>(extremes[0]) << 32 | extremes[1]);
  }
  return digest_of(std::span<const std::uint64_t>(words)) ^ digest_of(std::span<const std::int64_t>(table.counts));
}

}  // namespace hexaplex
