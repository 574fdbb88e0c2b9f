#include "benchmarks/support/segmentation_steps.h"

#include "kernels/filter/gaussian.h"
#include "kernels/filter/laplacian_of_gaussian.h"
#include "kernels/intensity/quantise.h"
#include "kernels/morphology/open_mask.h"
#include "kernels/segment/climb.h"
#include "kernels/segment/landscape.h"

namespace hexaplex::benchmarks {

SegmentationSteps::SegmentationSteps(const HostPlane<float>& image, float scale, double nucleus_px, std::uint16_t floor)
    : linear(image.extent()),
      logarithm(image.extent()),
      level(image.extent()),
      landscape(image.extent()),
      mask(image.extent()),
      pointers(image.extent()),
      labels(image.extent()),
      range{static_cast<int>(2.1 * nucleus_px) | 1, 0.45} {
  CpuQueue q;
  HostPlane<std::uint16_t> ridge(extent());
  HostPlane<std::int16_t> fine(extent()), coarse(extent());
  quantise(q, image.view(), linear.view(), scale);
  apply_table(q, linear.view(), logarithm.view(), log_table(0.05));
  gaussian_blur(q, logarithm.view(), level.view(), {0.1 * nucleus_px});
  blob_response(q, logarithm.view(), fine.view(), {0.1414 * nucleus_px});
  blob_response(q, logarithm.view(), coarse.view(), {0.2121 * nucleus_px});
  blob_landscape(q, fine.view(), coarse.view(), {}, 0.5, ridge.view());
  gaussian_blur(q, ridge.view(), landscape.view(), {0.08 * nucleus_px});
  above_level(q, level.view(), local_level(q, level.view(), range), floor, mask.view());
  open_mask(q, mask.view(), 1);
  climb_pointers(q, landscape.view(), mask.view(), pointers.view());
  const std::size_t regions = label_basins(q, pointers.view(), labels.view()).size();
  RegionGraphBuilder builder(regions);
  builder.add(q, whole(), labels.view(), {level.view(), {}, linear.view()}, 0, 0);
  graph = builder.finish();
}

}  // namespace hexaplex::benchmarks
