#include "core/pipeline/run_slide.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "core/cells/measure.h"
#include "core/compute/compute_place.h"
#include "core/image/thumbnails.h"
#include "core/io/slide.h"
#include "core/panel/resolve_channels.h"
#include "core/panel/suggest.h"
#include "core/phenotype/classify.h"
#include "core/phenotype/positivity.h"
#include "core/pipeline/brightfield_results.h"
#include "core/pipeline/classify_cells.h"
#include "core/pipeline/control_regions.h"
#include "core/pipeline/given_labels.h"
#include "core/pipeline/kept_labels.h"
#include "core/pipeline/measured_slide.h"
#include "core/pipeline/panel_slides.h"
#include "core/pipeline/parameters.h"
#include "core/pipeline/region_results.h"
#include "core/pipeline/working_memory.h"
#include "core/quality/assess_cells.h"
#include "core/quality/damage.h"
#include "core/quality/measure_slide.h"
#include "core/quality/plan_quality.h"
#include "core/quality/tissue_area.h"
#include "core/report/overlay.h"
#include "core/run/checkpoints.h"
#include "core/run/input_record.h"
#include "core/run/stopwatch.h"
#include "core/segmentation/cells.h"
#include "core/segmentation/diameter.h"
#include "core/stains/reference_stains.h"
#include "core/unmixing/library.h"
#include "core/version.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

// Announces stages and times them.
class Stages {
 public:
  Stages(const RunOptions& options, std::vector<StageTime>& times) : options_(options), times_(times) {}

  template <class F>
  auto operator()(const std::string& name, F work) {
    if (options_.progress) options_.progress(name);
    const Finish finish{*this, name, {}};
    return work();
  }

 private:
  struct Finish {
    Stages& stages;
    std::string name;
    Stopwatch watch;
    ~Finish() { stages.times_.push_back({name, watch.seconds(), watch.cpu_seconds()}); }
  };
  const RunOptions& options_;
  std::vector<StageTime>& times_;
};

SpectralLibrary choose_library(const Panel& panel, const RunOptions& options, const SlideInfo& info) {
  if (options.library) return read_spectral_library(*options.library);
  if (!panel.library.empty()) return read_spectral_library(panel.library);
  if (!info.spectra.empty()) return embedded_spectral_library(info);
  throw ConfigError(panel.file.empty() ? panel.name : panel.file.string(),
                    "this panel unmixes, and neither it nor the slide has a spectral library; give one with --library");
}

std::size_t channel_of(const Panel& panel, const std::string& marker) {
  if (const auto index = channel_index(panel, marker)) return *index;
  throw ConfigError(panel.file.empty() ? panel.name : panel.file.string(), "no channel is called " + marker);
}

// Squares in which the tint of the tissue is looked for: larger than groups of nuclei that touch on all sides.
int background_square_px(const SegmentationParams& s, double um_per_px) {
  constexpr double kLeastUm = 50, kNuclei = 7;
  const double um = std::max(kLeastUm, kNuclei * s.nucleus_um.value_or(0));
  return std::max(1, static_cast<int>(um / um_per_px + 0.5));
}

SlideLabels segment(CpuQueue& q, ComputePlace& place, const ChannelSource& channels, const Panel& panel,
                    const RunOptions& options, double um_per_px, SlideResult& result) {
  const SegmentationParams& s = panel.segmentation;
  const auto index_of = [&](const std::string& marker) { return static_cast<int>(channel_of(panel, marker)); };
  SegmentationChannels which;
  which.nuclear = index_of(s.nuclear);
  if (panel.modality == Modality::brightfield) {
    which.background_square_px = background_square_px(s, um_per_px);
    for (const PanelChannel& c : panel.channels)
      if (c.compartment == Compartment::nucleus && c.marker != s.nuclear)
        which.nuclear_markers.push_back(index_of(c.marker));
  }
  for (const std::string& m : s.membrane) which.membranes.push_back(index_of(m));
  CellParams params;
  params.um_per_px = um_per_px;
  params.expansion_um = s.expansion_um;
  params.least = s.least.value_or(0);
  params.tile_px = options.tile_px;
  params.keep_images = channels.held();
  if (s.giants) {
    which.giant_marker = index_of(s.giants->marker);
    params.giants.emplace();
    params.giants->nucleus_um = s.giants->nucleus_um;
    params.giants->level = s.giants->level;
  }
  NucleiSource source(q, channels, which, options.tile_px);
  params.nucleus_um = s.nucleus_um ? *s.nucleus_um : stable_diameter_um(q, source, params);
  result.derived["nucleus_um"] = params.nucleus_um;
  return segment_cells(q, place, std::move(source), params);
}

void add_positivity(const Positivity& p, SlideResult& result) {
  for (std::size_t i = 0; i < p.markers.size(); ++i) {
    const MarkerPositivity& m = p.markers[i];
    result.positivity.push_back({m.marker, m.compartment, m.statistic, std::string(name_of(m.method)), m.assessable,
                                 m.present, m.threshold, m.positive, m.sentence});
    std::vector<std::uint8_t> states(p.states[i].size());
    std::transform(p.states[i].begin(), p.states[i].end(), states.begin(),
                   [](Truth t) { return static_cast<std::uint8_t>(t); });
    result.positive.push_back(std::move(states));
  }
  result.warnings.insert(result.warnings.end(), p.warnings.begin(), p.warnings.end());
}

std::optional<SlideStains> stains_of(CpuQueue& q, const SlideInfo& info, const Panel& panel, const RunOptions& options,
                                     int z) {
  if (panel.modality != Modality::brightfield) return std::nullopt;
  if (const std::optional<SlideInfo> reference = stain_reference(panel))
    return find_stains_by_reference(q, info, z, *reference, resolve_z(*reference, options.z), panel);
  return find_stains(q, info, panel, z);
}

MeasuredSlide measure_channels(CpuQueue& q, ComputePlace& place, const SlideInfo& info, const Panel& panel,
                               const RunOptions& options, const std::optional<SlideStains>& stains, int z,
                               const TissueArea& area, const WorkingMemory& memory, Checkpoints& checkpoints) {
  const ReadingPlan plan{z, area, memory.holds_channels(area.pixels()), memory.window_bytes()};
  if (panel.modality == Modality::brightfield) return deconvolve_channels(q, info, panel, stains.value(), plan);
  if (panel.modality == Modality::components) return read_components(q, info, panel, plan);
  return unmix_components(q, place, info, panel, choose_library(panel, options, info), plan, options.unmixing,
                          checkpoints);
}

std::vector<int> panel_channels(const MeasuredSlide& measured) {
  std::vector<int> channels(measured.panel_channels);
  std::iota(channels.begin(), channels.end(), 0);
  return channels;
}

CellTable measure_objects(CpuQueue& q, ComputePlace& place, const MeasuredSlide& measured, const LabelView& labels,
                          const Panel& panel, double um_per_px, TileShape tile_px, Thumbnails* thumbnails) {
  return measure_cells(q, place, *measured.channels, panel_channels(measured), labels, um_per_px,
                       panel.segmentation.membrane_um, tile_px, {}, thumbnails);
}

// --- control slides: their cells set the threshold of a marker, and what its intensity is relative to

// Values of control cells, by marker.
struct ControlValues {
  std::map<std::string, std::vector<double>> positivity, scores;
};

void take_values(const CpuQueue& q, const Panel& panel, const std::string& path, Extent slide, const CellTable& cells,
                 ControlValues& to) {
  for (std::size_t k = 0; k < panel.channels.size(); ++k) {
    const PanelChannel& channel = panel.channels[k];
    const auto values = [&](std::optional<Compartment> compartment, Statistic statistic) {
      const CellColumn& column = cells.values(k, compartment.value_or(channel.compartment), statistic);
      return std::vector<double>(column.begin(), column.end());
    };
    const PositivityRule& rule = panel.positivity.at(channel.marker);
    if (rule.method == PositivityRule::Method::control && rule.control_slide == path)
      to.positivity[channel.marker] = values(rule.compartment, rule.statistic);
    const auto found = panel.scores.find(channel.marker);
    if (found == panel.scores.end() || found->second.control != path) continue;
    const ScoreRule& score = found->second;
    std::vector<double>& known = to.scores[channel.marker] = values(score.compartment, score.statistic);
    if (score.control_region.empty()) continue;
    const DrawnRegions drawn = read_regions(score.control_drawing, slide);
    known = values_in(known, RegionCells(q, drawn, cells), region_called(drawn, score, channel.marker, panel), {});
  }
}

// A control is segmented, whatever masks the slide itself was given.
ControlValues control_values(CpuQueue& q, ComputePlace& place, const Panel& panel, const RunOptions& options,
                             const WorkingMemory& memory) {
  ControlValues values;
  Checkpoints none;
  for (const std::string& path : control_slides(panel)) {
    const SlideInfo info = open_slide(path)->info();
    const double um_per_px = resolve_um_per_px(info, options.um_per_px);
    const int z = resolve_z(info, options.z);
    const MeasuredSlide measured = measure_channels(
        q, place, info, panel, options, stains_of(q, info, panel, options, z), z, info.extent, memory, none);
    SlideResult unused;
    const SlideLabels labels = segment(q, place, *measured.channels, panel, options, um_per_px, unused);
    take_values(q, panel, path, info.extent,
                measure_objects(q, place, measured, labels, panel, um_per_px, options.tile_px, nullptr), values);
  }
  return values;
}

// What pictures are made from. A marker that is absent is only noise to look at: it is shown where nothing else is
// there to show, one of them.
void add_pictures(const std::vector<Plane<const float>>& pictures, const Panel& panel, SlideResult& result) {
  for (bool present : {true, false})
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      const std::string& marker = panel.channels[i].marker;
      if (marker == panel.segmentation.nuclear) {
        result.nuclear = pictures[i];
      } else if (result.positivity[i].present == present && (present || result.shown.empty())) {
        result.shown.push_back({marker, pictures[i]});
      }
    }
}

QualityMask assess_slide(CpuQueue& q, const SlideInfo& info, const Panel& panel, const RunOptions& options,
                         const std::optional<SlideStains>& stains, int z, double um_per_px) {
  std::optional<SpectralLibrary> library;
  if (panel.modality == Modality::multispectral) library = choose_library(panel, options, info);
  const QualityPlan plan = plan_quality(panel, info, library ? &*library : nullptr, stains ? &*stains : nullptr);
  SlideSquares squares = measure_slide_squares(q, info, plan.channels, z, plan.squares, plan.tables);
  leave_out_damage(squares.damaged, info.extent, um_per_px, squares.sums.view());
  QualityMask mask = make_quality_mask(squares.sums.view(), info.extent, um_per_px, plan.params);
  if (!squares.damaged.empty()) mask.warnings.insert(mask.warnings.begin(), damage_warning(squares.damaged, info));
  return mask;
}

// All that the result depends on, hashed.
std::vector<InputRecord> record_inputs(const SlideInfo& info, const Panel& panel, const RunOptions& options) {
  std::vector<InputRecord> inputs;
  inputs.push_back(record_input("slide", info.path, info.companions));
  if (!panel.file.empty()) inputs.push_back(record_input("panel", panel.file));
  if (panel.modality == Modality::multispectral) {
    if (options.library) {
      inputs.push_back(record_input("library", *options.library));
    } else if (!panel.library.empty()) {
      inputs.push_back(record_input("library", panel.library));
    }
  }
  if (options.labels) inputs.push_back(record_input("labels", *options.labels, companions_of_labels(*options.labels)));
  if (options.regions) inputs.push_back(record_input("regions", *options.regions));
  if (!panel.classifier.empty()) inputs.push_back(record_input("classifier", panel.classifier));
  for (const auto& [role, path] : panel_slides(panel))
    inputs.push_back(record_input(role, path, open_slide(path)->info().companions));
  for (const std::string& path : control_drawings(panel)) inputs.push_back(record_input("control regions", path));
  return inputs;
}

// What can be said before a byte of the slide is read.
SlideResult plan_result(const SlideInfo& info, const Panel& panel, const RunOptions& options, double um_per_px, int z) {
  SlideResult r;
  r.stem = slide_stem(info.path);
  r.format = info.format;
  r.extent = info.extent;
  r.um_per_px = um_per_px;
  r.version = version();
  r.commit = commit();
  r.panel = panel.name;
  r.parameters = resolved_parameters(panel, options, um_per_px, z);
  r.warnings = info.warnings;
  r.execution.device = fmt::format("CPU, {} threads", cpu_threads());
  r.execution.threads = cpu_threads();
  r.execution.tile_px = options.tile_px;
  r.execution.memory_limit_bytes = options.memory_limit_bytes;
  r.execution.output = options.out.string();
  return r;
}

// What ran where.
void tell_place(const ComputePlace& place, Execution& execution) {
  const std::vector<std::string> fallbacks = place.fallbacks();
  execution.fallbacks.insert(execution.fallbacks.end(), fallbacks.begin(), fallbacks.end());
  if (place.device_name().empty()) return;
  execution.device = fmt::format("{} and {}", place.device_name(), execution.device);
  execution.more["on_device"] = place.stages();
  execution.more["peak_device_memory_bytes"] = place.most_device_bytes();
}

// Planes of float32 that a slide is measured from.
std::size_t plane_count(const SlideInfo& info, const Panel& panel, const RunOptions& options) {
  return panel.modality == Modality::multispectral ? choose_library(panel, options, info).components.size()
                                                   : panel.channels.size();
}

// Checks that need no pixels: they fail before hours of work, and in a dry run.
void check_slide(const SlideInfo& info, const Panel& panel, const RunOptions& options) {
  if (panel.modality == Modality::brightfield) {
    require_rgb(info);
  } else if (panel.modality == Modality::multispectral) {
    const SpectralLibrary library = choose_library(panel, options, info);
    require_same_bands(library, info);
    resolve_channels(panel, library.components, library.file.string());
  } else {
    resolve_channels(panel, info);
  }
  if (!options.labels) channel_of(panel, panel.segmentation.nuclear);
}

void check_plan(const SlideInfo& info, const Panel& panel, const RunOptions& options) {
  check_slide(info, panel, options);
  if (const std::optional<SlideInfo> reference = stain_reference(panel)) resolve_z(*reference, options.z);
  for (const std::string& path : control_slides(panel)) {
    const SlideInfo control = open_slide(path)->info();
    resolve_um_per_px(control, options.um_per_px);
    resolve_z(control, options.z);
    check_slide(control, panel, options);
    for (const auto& [marker, rule] : panel.scores)
      if (rule.control == path && !rule.control_drawing.empty())
        region_called(read_regions(rule.control_drawing, control.extent), rule, marker, panel);
  }
}

std::string classifier_in_plan(const Panel& panel) {
  if (lacks_classifier(panel)) return " without its classifier: cells are found and measured, nothing is classified";
  return panel.classifier.empty() ? "" : ", classifier " + panel.classifier.string();
}

// QuPath shows slides of these formats from the corner of what was scanned on, and counts pixels from there.
bool is_cropped_by_qupath(const SlideInfo& info) {
  return info.format == "MIRAX" || info.format == "Leica SCN" || info.format == "Ventana BIF";
}
constexpr const char* kCroppedByQuPath =
    "QuPath crops slides of this format and counts pixels from the crop's corner, which this program does not; "
    "unless the slide was opened in QuPath with --no-crop, regions lie shifted: look at the overlay";

}  // namespace

RunOutcome run_slide(const std::filesystem::path& slide_path, const Panel& asked, const RunOptions& options) {
  const Panel panel = before_classes(asked);
  std::vector<StageTime> times;
  Stages stage(options, times);
  RunOutcome outcome;
  if (options.open.damaged_tiles == DamagedTiles::not_assessable) require_mask_for_damage(panel);
  if (!options.dry_run && !options.resume) check_output(options.out, slide_stem(slide_path), options.existing);
  const SlideInfo info = stage("open", [&] { return open_slide(slide_path, options.open)->info(); });
  const double um_per_px = resolve_um_per_px(info, options.um_per_px);
  const int z = resolve_z(info, options.z);
  check_plan(info, panel, options);
  std::optional<DrawnRegions> drawn;
  if (options.regions) drawn = read_regions(*options.regions, info.extent);
  require_control_regions(panel, drawn ? &*drawn : nullptr);
  if (drawn && is_cropped_by_qupath(info)) drawn->warnings.push_back(kCroppedByQuPath);
  SlideResult result = plan_result(info, panel, options, um_per_px, z);
  if (lacks_classifier(asked)) result.warnings.push_back(why_unclassified(asked));
  if (options.dry_run) {
    outcome.plan =
        fmt::format("{}: {}, {} x {} pixels of {} µm, panel {}{}{}, result {}", slide_path.string(), info.format,
                    info.extent.width, info.extent.height, um_per_px, panel.name, classifier_in_plan(asked),
                    drawn ? ", regions " + listed(drawn->names) : "", (options.out / result.stem).string());
    return outcome;
  }
  // Hashing a slide is work for one thread and reads what the quality mask reads: the two go side by side, unless the
  // hash may spare the rest.
  std::future<std::vector<InputRecord>> hashing =
      std::async(std::launch::async, [&] { return record_inputs(info, panel, options); });
  const auto take_hashes = [&] { result.inputs = stage("hash", [&] { return hashing.get(); }); };
  if (options.resume) take_hashes();
  if (options.resume && is_current_result(options.out, result)) {
    outcome.result = options.out / result.stem;
    outcome.resumed = true;
    Checkpoints::remove(options.out, result.stem);  // of a run that died once it had published
    return outcome;
  }
  if (options.resume) check_output(options.out, result.stem, Existing::overwrite);

  ComputePlace place(options.device);
  const WorkingMemory memory(info.extent, plane_count(info, panel, options), options, result.execution);
  RunOptions within = options;
  within.tile_px = memory.tile_px();
  CpuQueue q;
  std::optional<SlideStains> stains;
  if (panel.modality == Modality::brightfield)
    stains = stage("stains", [&] { return stains_of(q, info, panel, options, z); });
  if (panel.quality.mask) {
    result.quality = stage("quality", [&] { return assess_slide(q, info, panel, within, stains, z, um_per_px); });
    result.warnings.insert(result.warnings.end(), result.quality->warnings.begin(), result.quality->warnings.end());
  }
  if (hashing.valid()) take_hashes();
  Checkpoints checkpoints;
  if (info.extent.area() >= options.checkpoint_pixels)
    checkpoints = Checkpoints(options.out, result.stem, checkpoint_key(result));
  // Given objects may lie anywhere.
  const TissueArea area = result.quality && !options.labels ? tissue_area(*result.quality) : TissueArea(info.extent);
  const MeasuredSlide measured = stage(panel.modality == Modality::multispectral ? "unmix" : "read", [&] {
    return measure_channels(q, place, info, panel, within, stains, z, area, memory, checkpoints);
  });
  result.unmixing = measured.unmixing;
  result.warnings.insert(result.warnings.end(), measured.warnings.begin(), measured.warnings.end());

  LabelPair given;
  SlideLabels found;
  stage("segment", [&] {
    if (options.labels) {
      given = read_given_labels(*options.labels, info.extent);
    } else {
      found = kept_labels(q, area, checkpoints, result,
                          [&] { return segment(q, place, *measured.channels, panel, within, um_per_px, result); });
    }
  });
  const LabelView labels = options.labels ? LabelView(given) : LabelView(found);
  result.labels = labels;
  Thumbnails thumbnails(area, overlay_shrink(info.extent), measured.panel_channels);
  result.cells = stage("measure", [&] {
    return measure_objects(q, place, measured, labels, panel, um_per_px, within.tile_px, &thumbnails);
  });
  PositivityContext context;
  context.unassessable = measured.unassessable;
  if (result.quality) result.assessable = assessable_cells(*result.quality, result.cells);
  if (drawn) stage("regions", [&] { restrict_to_regions(q, std::move(*drawn), result); });
  context.counted = result.assessable;
  ControlValues control;
  if (!control_slides(panel).empty())
    control = stage("control", [&] { return control_values(q, place, panel, within, memory); });
  context.control = control.positivity;
  add_control_regions(panel, result, control.scores);
  stage("phenotype", [&] {
    Positivity positivity = decide_positivity(panel, result.cells, context);
    add_positivity(positivity, result);
    add_classes(panel, result.cells, um_per_px, positivity);
    result.phenotype = classify(panel, positivity);
    name_cells_outside(result);
    const std::vector<bool> assessable = assessable_phenotypes(panel, positivity);
    for (std::size_t i = 0; i < panel.phenotypes.size(); ++i)
      result.phenotypes.push_back({panel.phenotypes[i].name, assessable[i]});
  });
  if (result.cells.size() == 0) result.warnings.push_back("no cells were found");
  measure_tissue(q, result);
  if (stains) stage("infiltration", [&] { add_infiltration(q, panel, *stains, *measured.channels, result); });
  add_scores(q, panel, *measured.channels, control.scores, result);
  std::vector<Plane<const float>> pictures;
  for (std::size_t i = 0; i < measured.panel_channels; ++i) pictures.push_back(thumbnails.channel(i));
  if (stains) {
    result.stained = pictures;
  } else {
    add_pictures(pictures, panel, result);
  }
  if (panel.modality != Modality::components) result.unmixed = measured.channels.get();
  result.execution.stages = times;
  result.execution.scratch_bytes = memory.scratch_bytes();
  tell_place(place, result.execution);
  const std::vector<std::string>& notes = checkpoints.notes();
  result.execution.fallbacks.insert(result.execution.fallbacks.end(), notes.begin(), notes.end());
  PublishOptions publish;
  publish.out = options.out;
  publish.existing = options.resume ? Existing::overwrite : options.existing;
  publish.write_unmixed = options.write_unmixed;
  publish.image_codec = options.image_codec;
  publish.queue = q;
  outcome.result = stage("write", [&] { return publish_results(result, publish); });
  Checkpoints::remove(options.out, result.stem);
  outcome.cells = result.cells.size();
  outcome.warnings = result.warnings;
  return outcome;
}

}  // namespace hexaplex
