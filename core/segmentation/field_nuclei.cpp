#include "core/segmentation/field_nuclei.h"

#include <utility>

#include "core/segmentation/field_smoothing.h"
#include "core/segmentation/recipe_lengths.h"
#include "kernels/runtime/error.h"
#include "kernels/segment/climb.h"
#include "kernels/segment/device_region_graph.h"
#include "kernels/segment/landscape.h"
#include "kernels/segment/parts.h"

namespace hexaplex {

namespace {

using Image = QueuePlane<std::uint16_t>;
using Mask = QueuePlane<std::uint8_t>;
using Labels = QueuePlane<std::uint32_t>;

Mask foreground(const Queue& q, const Image& level, std::uint16_t floor, const NucleiParams& p,
                const RecipeLengths& len) {
  Mask mask = opened_foreground(q, level.view(), floor, p.active, len);
  drop_small_components(q, mask.view(), 1, p.recipe.debris * len.nucleus_area_px);
  drop_small_components(q, mask.view(), 0, p.recipe.hole * len.nucleus_area_px);
  return mask;
}

// Fragments of nuclei, and the number of them.
Labels fragments_of(const Queue& q, const SmoothField& smooth, std::uint16_t floor, const NucleiParams& p,
                    const RecipeLengths& len, std::size_t& count) {
  const Image landscape = climbed_landscape(q, smooth, p.recipe, len);
  const Mask mask = foreground(q, smooth.level, floor, p, len);
  Mask pointers(q, mask.extent());
  climb_pointers(q, landscape.view(), mask.view(), pointers.view());
  Labels labels(q, mask.extent());
  count = number_basins(q, pointers.view(), labels.view());
  return labels;
}

// Keeps of each nucleus what is bright for it; see trim_at_half_level.
void trim(const Queue& q, const Image& linear, std::span<const std::uint16_t> own, std::span<const std::uint32_t> into,
          const NucleiParams& p, const RecipeLengths& len, Plane<std::uint32_t> labels) {
  Image grid;
  const LevelView trough = level_of(q, linear.view(), len.trough, grid);
  keep_above_fraction(q, linear.view(), trough, own, into, p.recipe.trim, {0, 0, labels.width(), labels.height()},
                      labels);
}

struct MergeAndTrim {
  const SmoothField& smooth;
  const NucleiParams& p;
  const RecipeLengths& len;
  std::size_t fragments;
  Plane<std::uint32_t> labels;

  RegionImages images() const { return {smooth.level.view(), smooth.walls(), smooth.linear.view()}; }

  void operator()(const CpuQueue& q) const {
    RegionGraphBuilder builder(fragments);
    CpuQueue queue = q;
    builder.add(queue, {0, 0, labels.width(), labels.height()}, labels, images(), 0, 0);
    RegionGraph graph = builder.finish();
    const HostVector<std::uint32_t> into = merge_regions(graph, merge_params(p.recipe, p.nucleus_px));
    trim(q, smooth.linear, own_levels(graph, into), into, p, len, labels);
  }
#if HX_WITH_CUDA
  void operator()(const CudaQueue& q) const {
    DeviceRegionGraph<CudaQueue> graph = region_graph_of(q, labels, images(), fragments);
    const DeviceBuffer<std::uint32_t> into = merge_regions_on(q, graph, merge_params(p.recipe, p.nucleus_px));
    const DeviceBuffer<std::uint16_t> own = own_levels_on(q, graph, into);
    trim(q, smooth.linear, {own.data(), own.size()}, {into.data(), into.size()}, p, len, labels);
  }
#endif
};

}  // namespace

struct FieldNucleiSearch::State {
  Queue q;
  FieldImages images;
  NucleiParams p;
  RecipeLengths len;
  SmoothField smoothed;

  State(const Queue& queue, FieldImages all, const NucleiParams& params)
      : q(queue), images(std::move(all)), p(params), len(params.recipe, params.nucleus_px) {
    if (!images.nuclear.extent.empty()) smoothed = smooth_field(q, images.nuclear, images.wall, p.recipe, len);
  }
};

FieldNucleiSearch::FieldNucleiSearch(const Queue& q, FieldImages images, const NucleiParams& p) {
  require_sound(p, images.nuclear.extent);
  HX_EXPECT(p.trim, "nuclei of a field are always trimmed");
  HX_EXPECT(images.wall.data == nullptr || images.wall.extent == images.nuclear.extent,
            "the membranes have another extent");
  state_ = std::make_unique<State>(q, std::move(images), p);
}
FieldNucleiSearch::~FieldNucleiSearch() = default;
FieldNucleiSearch::FieldNucleiSearch(FieldNucleiSearch&&) noexcept = default;
FieldNucleiSearch& FieldNucleiSearch::operator=(FieldNucleiSearch&&) noexcept = default;

Histogram16 FieldNucleiSearch::survey() const {
  const State& s = *state_;
  const Extent e = s.images.nuclear.extent;
  Histogram16 levels = empty_histogram();
  if (e.empty()) return levels;
  const Plane<const std::uint16_t> level = s.smoothed.level.view();
  std::vector<Plane<const std::uint16_t>> tissue;
  for (const Rect& r : s.images.tissue.value_or(std::vector<Rect>{{0, 0, e.width, e.height}}))
    tissue.push_back(level.window(r));
  add_to_histogram(s.q, tissue, levels);
  return levels;
}

QueuePlane<std::uint32_t> FieldNucleiSearch::find(const Histogram16& levels, std::uint32_t* count) {
  State& s = *state_;
  if (count != nullptr) *count = 0;
  if (s.images.nuclear.extent.empty()) return Labels(s.q, s.images.nuclear.extent);
  std::size_t fragments = 0;
  Labels labels = fragments_of(s.q, s.smoothed, foreground_floor(levels, s.p.recipe, s.p.least), s.p, s.len, fragments);
  std::visit(MergeAndTrim{s.smoothed, s.p, s.len, fragments, labels.view()}, s.q);
  const std::uint32_t nuclei = keep_largest_parts(s.q, labels.view(), s.p.recipe.debris * s.len.nucleus_area_px,
                                                  static_cast<std::uint32_t>(fragments));
  if (count != nullptr) *count = nuclei;
  return labels;
}

QueuePlane<std::uint32_t> find_field_nuclei(const Queue& q, const FieldImages& images, const NucleiParams& p,
                                            std::uint32_t* count) {
  FieldNucleiSearch search(q, images, p);
  return search.find(search.survey(), count);
}

}  // namespace hexaplex
