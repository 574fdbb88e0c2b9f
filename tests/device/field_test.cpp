// A field that lies whole in the memory of a queue: the same labels and sums as the pipeline in tiles, on every queue.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <string>

#include "core/io/slide.h"
#include "core/segmentation/cells.h"
#include "core/segmentation/field_cells.h"
#include "core/segmentation/field_nuclei.h"
#include "core/segmentation/piece_nuclei.h"
#include "core/unmixing/library.h"
#include "kernels/intensity/unmix.h"
#include "kernels/measure/device_regions.h"
#include "kernels/runtime/error.h"
#include "tests/support/core/painted_nuclei.h"
#include "tests/support/core/real_images.h"
#include "tests/support/failing_calls.h"
#include "tests/support/labels.h"
#include "tests/support/paths.h"
#include "tests/support/pixels.h"
#include "tests/support/queues.h"
#include "tests/support/windows.h"

namespace hexaplex {
namespace {

namespace fs = std::filesystem;
using testing::highest_label;
using testing::paint_field;
using testing::same_pixels;

CellParams of_nuclei(double nucleus_px) {
  CellParams p;
  p.um_per_px = 0.5;
  p.nucleus_um = nucleus_px * p.um_per_px;
  p.tile_px = 150;
  return p;
}

class Field : public testing::QueueTest {
 protected:
  struct Labelled {
    HostPlane<std::uint32_t> nucleus, cell;
  };

  /// segment_field on the queue; planes of the host go there and back.
  Labelled on_the_queue(const SegmentationInput& input, const CellParams& p) {
    const auto nuclear = upload<float>(queue(), input.nuclear);
    std::vector<QueuePlane<float>> membranes;
    SegmentationInput there;
    there.nuclear = nuclear.view();
    for (const auto& m : input.membranes) membranes.push_back(upload<float>(queue(), m));
    for (const auto& m : membranes) there.membranes.push_back(m.view());
    const FieldLabels labels = segment_field(queue(), there, p);
    return {download<std::uint32_t>(queue(), labels.nucleus.view()),
            download<std::uint32_t>(queue(), labels.cell.view())};
  }

  void expect_as_in_tiles(const SegmentationInput& input, const CellParams& p, std::uint32_t at_least) {
    CpuQueue cpu;
    const LabelPair want = segment_cells(cpu, input, p);
    EXPECT_GE(highest_label(want.nucleus), at_least);
    const Labelled got = on_the_queue(input, p);
    EXPECT_TRUE(same_pixels(want.nucleus, got.nucleus));
    EXPECT_TRUE(same_pixels(want.cell, got.cell));
  }
};

TEST_P(Field, HasTheCellsOfTheTiledPipeline) {
  for (const double radius : {4.0, 7.0, 13.0}) {
    const auto nuclei = paint_field({331, 290}, 1.8 * radius, radius, 0.5, 3);
    SegmentationInput input;
    input.nuclear = nuclei.image.view();
    expect_as_in_tiles(input, of_nuclei(2 * radius), 50);
  }
}

TEST_P(Field, HasThemWithMembranesToo) {
  const auto nuclei = paint_field({300, 260}, 12, 7, 0.5, 5);
  HostPlane<float> membrane(nuclei.image.extent(), 3), haze(nuclei.image.extent());
  for (int y = 1; y < membrane.height(); ++y)
    for (int x = 1; x < membrane.width(); ++x) {
      haze(x, y) = static_cast<float>((x * 7 + y * 13) % 31);
      const auto here = nuclei.truth(x, y);
      if (here != nuclei.truth(x - 1, y) || here != nuclei.truth(x, y - 1)) membrane(x, y) = 700;
    }
  SegmentationInput input;
  input.nuclear = nuclei.image.view();
  input.membranes = {membrane.view(), haze.view()};
  expect_as_in_tiles(input, of_nuclei(14), 100);
  CellParams wide = of_nuclei(14);
  wide.expansion_um = 4;
  expect_as_in_tiles(input, wide, 100);
}

TEST_P(Field, IsEmptyWhereNothingIsPainted) {
  for (const Extent e : {Extent{1, 1}, {40, 3}, {64, 64}}) {
    const HostPlane<float> dark(e, 0.0f);
    SegmentationInput input;
    input.nuclear = dark.view();
    expect_as_in_tiles(input, of_nuclei(14), 0);
  }
  for (const Extent e : testing::kEmptyShapes) {
    const FieldLabels none = segment_field(queue(), {{nullptr, e, e.width}, {}, {}}, of_nuclei(14));
    EXPECT_TRUE(none.nucleus.extent() == e);
  }
}

TEST_P(Field, RefusesWhatItCannotDo) {
  auto light = on_queue(HostPlane<float>({20, 20}, 1.0f));
  SegmentationInput input;
  input.nuclear = light.view();
  CellParams giants = of_nuclei(14);
  giants.giants.emplace();
  EXPECT_THROW(segment_field(queue(), input, giants), InvalidArgument);
  EXPECT_THROW(segment_field(queue(), input, of_nuclei(1)), InvalidArgument);
  auto small = on_queue(HostPlane<float>({20, 19}, 1.0f));
  input.membranes = {small.view()};
  EXPECT_THROW(segment_field(queue(), input, of_nuclei(14)), InvalidArgument);
}

// A piece of a slide: integers, dark where there is no tissue.
struct TissuePiece {
  HostPlane<std::uint16_t> nuclear, wall;
  std::vector<Rect> tissue;

  TissuePiece(Extent e, float level, std::vector<Rect> where, unsigned seed)
      : nuclear(e, 0), wall(e, 0), tissue(std::move(where)) {
    const auto nuclei = paint_field(e, 12, 7, 0.5, seed);
    for (const Rect& r : tissue)
      for (int y = r.y; y < r.bottom(); ++y)
        for (int x = r.x; x < r.right(); ++x) {
          nuclear(x, y) = static_cast<std::uint16_t>(nuclei.image(x, y) * level);
          wall(x, y) = nuclei.truth(x, y) == 0 ? 20000 : 0;
        }
  }
  NucleiImages for_tiles() const {
    const auto load = [](const HostPlane<std::uint16_t>& from) {
      return [&from](CpuQueue&, Rect r, Plane<std::uint16_t> dst) {
        for (int y = 0; y < r.height; ++y) std::copy_n(from.view().row(r.y + y) + r.x, r.width, dst.row(y));
      };
    };
    return {nuclear.extent(), load(nuclear), load(wall), [this](Rect window) {
              std::vector<Rect> seen;
              for (const Rect& r : tissue)
                if (common(r, window).area() > 0) seen.push_back(common(r, window));
              return seen;
            }};
  }
};

TEST_P(Field, OfPiecesSharesTheLevelsOfTheirTissue) {
  std::vector<TissuePiece> pieces;
  pieces.emplace_back(Extent{210, 190}, 30.0f, std::vector<Rect>{{0, 0, 140, 70}, {70, 70, 140, 120}}, 3);
  pieces.emplace_back(Extent{130, 90}, 12.0f, std::vector<Rect>{{0, 0, 130, 90}}, 5);
  NucleiParams p;
  p.nucleus_px = 14;
  p.tile_px = 64;
  CpuQueue cpu;
  std::vector<NucleiImages> images;
  std::vector<NucleiSearch> searches;
  for (const TissuePiece& piece : pieces) images.push_back(piece.for_tiles());
  for (const NucleiImages& one : images) searches.emplace_back(one, p);
  Histogram16 levels = empty_histogram(), alone;
  for (NucleiSearch& one : searches) add(alone = one.survey(cpu), levels);

  Histogram16 levels_there = empty_histogram();
  std::vector<QueuePlane<std::uint16_t>> planes;
  std::vector<FieldImages> there;
  std::vector<FieldNucleiSearch> fields;
  for (const TissuePiece& piece : pieces) {
    planes.push_back(upload<std::uint16_t>(queue(), piece.nuclear.view()));
    planes.push_back(upload<std::uint16_t>(queue(), piece.wall.view()));
    const auto n = planes.size();
    there.push_back({std::as_const(planes[n - 2]).view(), std::as_const(planes[n - 1]).view(), piece.tissue});
    fields.emplace_back(queue(), there.back(), p);
    add(fields.back().survey(), levels_there);
  }
  EXPECT_TRUE(levels == levels_there);
  EXPECT_EQ(total(levels), 140 * 70 + 140 * 120 + 130 * 90) << "only tissue counts";
  fields[0] = FieldNucleiSearch(queue(), there[0], p);  // let go and searched anew: it is not surveyed twice
  // The pipeline does the same, on a device where that is the queue's.
  DeviceChoice choice;
  choice.mode = std::holds_alternative<CpuQueue>(queue()) ? DeviceChoice::Mode::cpu : DeviceChoice::Mode::cuda;
  ComputePlace place(choice);
  const auto of_pieces = find_nuclei_of_pieces(cpu, place, images, p);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const HostPlane<std::uint32_t> want = searches[i].find(cpu, levels);
    EXPECT_GT(highest_label(want), 30u);
    EXPECT_TRUE(same_pixels(want, download<std::uint32_t>(queue(), fields[i].find(levels_there).view()))) << i;
    EXPECT_TRUE(same_pixels(want, of_pieces[i])) << i;
  }
  EXPECT_FALSE(same_pixels(find_nuclei(cpu, images[1], p), of_pieces[1])) << "a piece by itself has other levels";
}

TEST_P(Field, HasTheCellsOfTheTiledPipelineOnRealImages) {
  const struct {
    const char *file, *channel;
    double nucleus_px;
  } images[] = {{"nuclei/img2d.tif", "", 23}, {"inform_fihc4/FIHC4__0929309_HP_IM3_2_component_data.tif", "DAPI", 14}};
  for (const auto& image : images) {
    const fs::path file = testing::real_image_file(image.file);
    if (!fs::exists(file)) GTEST_SKIP() << "no " << file;
    const HostPlane<float> light = testing::read_channel(file, image.channel);
    SegmentationInput input;
    input.nuclear = light.view();
    expect_as_in_tiles(input, of_nuclei(image.nucleus_px), 50);
  }
}

// --- from raw bands to sums of cells

struct Bands {
  Extent extent;
  std::vector<HostPlane<std::uint16_t>> planes;
};

Bands read_bands(const fs::path& file) {
  const auto slide = open_slide(file);
  const Extent e = slide->info().extent;
  Bands out{e, {}};
  for (std::size_t c = 0; c < slide->info().channels.size(); ++c) {
    HostPlane<float> values(e);
    slide->read(static_cast<int>(c), 0, {0, 0, e.width, e.height}, values.view());
    out.planes.emplace_back(e);
    for (std::int64_t i = 0; i < e.area(); ++i)
      out.planes.back().data()[i] = static_cast<std::uint16_t>(values.data()[i]);
  }
  return out;
}

TEST_P(Field, OfTheSampleSlideGoesFromRawBandsToSumsOfCellsOnTheQueue) {
  const fs::path marrow = ::hexaplex::testing::source_folder() / "sample_images" / "marrow";
  const Bands bands = read_bands(marrow / "before.ome.tif");
  const SpectralLibrary library = read_spectral_library(marrow / "library.csv");
  const UnmixModel model = make_unmix_model(library.matrix, library.band_count(), library.component_count(), 0);
  const auto components = static_cast<std::size_t>(model.components);

  // As the CPU does it.
  std::vector<HostPlane<float>> abundances;
  std::vector<Plane<const std::uint16_t>> raw;
  std::vector<Plane<float>> targets;
  for (const auto& b : bands.planes) raw.push_back(b.view());
  for (std::size_t i = 0; i < components; ++i) targets.push_back(abundances.emplace_back(bands.extent).view());
  const NonNegativeReport report = unmix_non_negative(CpuQueue{}, model, raw, targets);
  SegmentationInput input;
  input.nuclear = abundances[0].view();
  input.membranes = {abundances[1].view()};
  const CellParams p = of_nuclei(14);
  CpuQueue cpu;
  const LabelPair labels = segment_cells(cpu, input, p);
  EXPECT_GT(highest_label(labels.nucleus), 100u);

  // On the queue, without a pixel coming back in between.
  std::vector<QueuePlane<std::uint16_t>> raw_there;
  std::vector<QueuePlane<float>> abundances_there;
  std::vector<Plane<const std::uint16_t>> raw_views;
  std::vector<Plane<float>> target_views;
  for (const auto& b : bands.planes) raw_there.push_back(upload<std::uint16_t>(queue(), b.view()));
  for (const auto& b : raw_there) raw_views.push_back(b.view());
  for (std::size_t i = 0; i < components; ++i) abundances_there.emplace_back(queue(), bands.extent);
  for (auto& a : abundances_there) target_views.push_back(a.view());
  const NonNegativeReport there = unmix_non_negative(queue(), model, raw_views, target_views);
  EXPECT_EQ(report.pivots, there.pivots);
  EXPECT_EQ(report.max_violation, there.max_violation);
  SegmentationInput input_there;
  input_there.nuclear = target_views[0];
  input_there.membranes = {target_views[1]};
  const FieldLabels field = segment_field(queue(), input_there, p);
  for (std::size_t i = 0; i < components; ++i)
    EXPECT_TRUE(same_pixels(abundances[i], download<float>(queue(), target_views[i]))) << library.components[i];
  EXPECT_TRUE(same_pixels(labels.nucleus, download<std::uint32_t>(queue(), field.nucleus.view())));
  EXPECT_TRUE(same_pixels(labels.cell, download<std::uint32_t>(queue(), field.cell.view())));

#if HX_WITH_CUDA
  const CudaQueue* cuda = std::get_if<CudaQueue>(&queue());
  if (cuda == nullptr) return;
  const RegionRuns runs = label_runs(CpuQueue{}, labels.cell.view(), labels.nucleus.view());
  std::vector<FixedPoint> fixed;
  std::vector<Plane<const float>> host_planes(targets.begin(), targets.end());
  std::vector<Plane<const float>> planes_there(target_views.begin(), target_views.end());
  for (const auto& plane : host_planes) fixed.push_back(fixed_point_for(largest_magnitude(CpuQueue{}, plane)));
  const RegionTable want = region_sums(CpuQueue{}, runs, {host_planes, fixed});
  RegionPlanes planes;
  planes.outer = field.cell.view();
  planes.inner = field.nucleus.view();
  planes.image = bands.extent;
  planes.core = {0, 0, bands.extent.width, bands.extent.height};
  const DeviceRegions<CudaQueue> regions = regions_on(*cuda, planes);
  const RegionTable got = fetch_table(*cuda, regions, region_sums_on(*cuda, regions, {planes_there, fixed}));
  EXPECT_TRUE(want.labels == got.labels);
  EXPECT_TRUE(want.counts == got.counts);
  EXPECT_TRUE(want.sums == got.sums);
#endif
}

#if HX_WITH_CUDA
TEST(FieldOnDevice, EndsInATypedErrorOrTheRightCellsWhicheverCallFails) {
  const auto nuclei = paint_field({60, 50}, 12, 7, 0.5, 3);
  SegmentationInput input;
  input.nuclear = nuclei.image.view();
  CpuQueue cpu;
  const LabelPair want = segment_cells(cpu, input, of_nuclei(14));
  EXPECT_GT(highest_label(want.nucleus), 5u);
  testing::expect_right_answers_or_typed_errors(
      [&](testing::DeviceUse& use) {
        const Queue q = use.queue();
        SegmentationInput there;
        there.nuclear = use.upload(nuclei.image);
        const FieldLabels labels = segment_field(q, there, of_nuclei(14));
        return same_pixels(want.nucleus, download<std::uint32_t>(q, labels.nucleus.view())) &&
               same_pixels(want.cell, download<std::uint32_t>(q, labels.cell.view()));
      },
      150);
}

// Memory comes back with what the field before it left there, and for a second field of a size the device is not asked.
TEST(FieldOnDevice, HasItsCellsInMemoryThatItsStreamKept) {
  testing::ScopedHostDevice device;
  const Stream stream(choose_device(), FreedMemory::is_kept);
  const Queue q = stream.queue();
  CpuQueue cpu;
  int fields = 0;
  for (const Extent e : {Extent{300, 280}, {211, 190}, {300, 280}, {64, 300}, {300, 280}}) {
    const auto nuclei = paint_field(e, 13, 7, 0.5, static_cast<unsigned>(e.width));
    SegmentationInput input;
    input.nuclear = nuclei.image.view();
    const LabelPair want = segment_cells(cpu, input, of_nuclei(14));
    for (int turn = 0; turn < 2; ++turn, ++fields) {
      const auto light = upload<float>(q, input.nuclear);
      SegmentationInput there;
      there.nuclear = light.view();
      device.api().forget_calls();
      const FieldLabels labels = segment_field(q, there, of_nuclei(14));
      EXPECT_TRUE(same_pixels(want.nucleus, download<std::uint32_t>(q, labels.nucleus.view())));
      EXPECT_TRUE(same_pixels(want.cell, download<std::uint32_t>(q, labels.cell.view())));
      const auto& calls = device.api().calls();
      const auto asked = std::count(calls.begin(), calls.end(), "allocate");
      EXPECT_TRUE(fields == 1 ? asked == 0 : asked <= 40) << asked;
    }
  }
  EXPECT_TRUE(device.api().misuse().empty()) << device.api().misuse().front();
}
#endif

INSTANTIATE_TEST_SUITE_P(Queues, Field, ::testing::ValuesIn(testing::all_queues()), testing::queue_name);

}  // namespace
}  // namespace hexaplex
