#include "core/report/publish.h"

#include <algorithm>
#include <deque>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "core/io/ome_tiff_writer.h"
#include "core/report/geojson.h"
#include "core/report/html_report.h"
#include "core/report/overlay.h"
#include "core/report/quality_picture.h"
#include "core/report/run_json.h"
#include "core/report/summary.h"
#include "core/report/tables.h"
#include "core/run/output_file.h"
#include "core/run/sha256.h"
#include "core/run/staging.h"
#include "core/run/stopwatch.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace fs = std::filesystem;

namespace {

void check_result(const SlideResult& r) {
  HX_EXPECT(!r.stem.empty() && r.stem != "." && r.stem != ".." && r.stem.find('/') == std::string::npos,
            "a result needs a stem that is a plain name");
  HX_EXPECT(r.labels && r.labels->extent() == r.extent, "the labels must have the slide's extent");
  HX_EXPECT(r.phenotype.empty() || r.phenotype.size() == r.cells.size(), "one phenotype is needed for each cell");
  for (const int p : r.phenotype)
    HX_EXPECT(p < static_cast<int>(r.phenotypes.size()), "a phenotype is not one of the panel's");
  HX_EXPECT(r.assessable.empty() || r.assessable.size() == r.cells.size(), "one verdict is needed for each cell");
  HX_EXPECT(!r.regions || r.regions->cells.cells() == r.cells.size(), "regions are needed for each cell");
  HX_EXPECT(!r.quality || r.quality->slide() == r.extent, "the quality mask must have the slide's extent");
  HX_EXPECT(r.um_per_px > 0, "um_per_px must be positive");
}

OmeTiffOptions image_options(const SlideResult& r, ImageCodec codec) {
  return {r.stem, r.um_per_px, "Hexaplex " + r.version, codec};
}

// Labels of the nuclei; zeros where there are none.
void write_labels(const CpuQueue& q, const SlideResult& r, ImageCodec codec, OutputFile& file) {
  const LabelView& labels = *r.labels;
  if (labels.has_nuclei() && labels.area().whole()) {
    const OmeChannel<std::uint32_t> channels[] = {{"nucleus", labels.nuclei_of(0)}, {"cell", labels.cells_of(0)}};
    return write_ome_tiff(q, file, channels, image_options(r, codec));
  }
  PyramidSource<std::uint32_t> source{{"nucleus", "cell"}, r.extent, {}};
  source.read = [&](const CpuQueue&, Rect window, std::span<const Plane<std::uint32_t>> pixels) {
    labels.cell.copy(window, pixels[1]);
    if (labels.has_nuclei()) return labels.nucleus.copy(window, pixels[0]);
    for (int y = 0; y < window.height; ++y) std::fill_n(pixels[0].row(y), window.width, 0u);
  };
  write_ome_tiff(q, file, source, image_options(r, codec));
}

void write_unmixed(const CpuQueue& q, const SlideResult& r, ImageCodec codec, OutputFile& file) {
  const ChannelSource& channels = *r.unmixed;
  std::vector<int> all(channels.names().size());
  std::iota(all.begin(), all.end(), 0);
  PyramidSource<float> source{channels.names(), channels.extent(), {}};
  source.read = [&](const CpuQueue& queue, Rect window, std::span<const Plane<float>> pixels) {
    const ChannelWindow seen = channels.read(queue, window, all);
    for (std::size_t c = 0; c < all.size(); ++c)
      for (int y = 0; y < window.height; ++y) std::copy_n(seen.planes[c].row(y), window.width, pixels[c].row(y));
  };
  write_ome_tiff(q, file, source, image_options(r, codec));
}

// Syncs, checks and hashes files while the next ones are made: a disk takes its time.
class Finisher {
 public:
  /// @param check  of the closed file, by its path
  void finish(std::string name, std::unique_ptr<OutputFile> file, std::function<void(const fs::path&)> check) {
    while (pending_.size() >= kAtOnce) take();
    pending_.push_back(
        std::async(std::launch::async,
                   [name = std::move(name), file = std::move(file), check = std::move(check)]() -> OutputRecord {
                     file->close();
                     if (check) check(file->path());
                     const FileHash hash = hash_file(file->path());  // reads it back
                     return {name, hash.sha256, hash.bytes};
                   }));
  }

  /// Everything finished so far, in the order given.
  std::vector<OutputRecord> finished() {
    while (!pending_.empty()) take();
    return outputs_;
  }

 private:
  static constexpr std::size_t kAtOnce = 2;
  void take() {
    std::future<OutputRecord> first = std::move(pending_.front());
    pending_.pop_front();
    outputs_.push_back(first.get());
  }
  std::deque<std::future<OutputRecord>> pending_;
  std::vector<OutputRecord> outputs_;
};

}  // namespace

fs::path publish_results(const SlideResult& result, const PublishOptions& options) {
  check_result(result);
  check_output(options.out, result.stem, options.existing);
  const Stopwatch watch;
  StagingFolder staging(options.out, result.stem);
  const CpuQueue& q = options.queue;
  Finisher finisher;
  const auto write = [&](const std::string& name, const std::function<void(OutputFile&)>& content,
                         std::function<void(const fs::path&)> check = {}) {
    auto file = std::make_unique<OutputFile>(staging.path() / name);
    content(*file);
    finisher.finish(name, std::move(file), std::move(check));
  };
  const auto whole_pyramid = [&](std::size_t channels) {
    return
        [&result, channels](const fs::path& path) { verify_ome_tiff(path, static_cast<int>(channels), result.extent); };
  };
  write("cells.csv", [&](OutputFile& f) { write_cells_csv(q, result, f); });
  write(
      "labels.ome.tif", [&](OutputFile& f) { write_labels(q, result, options.image_codec, f); }, whole_pyramid(2));
  write("cells.geojson.gz", [&](OutputFile& f) { write_geojson(q, result, f); });
  write("cell_seg_data.txt", [&](OutputFile& f) { write_inform_table(q, result, f); });
  write("mcquant.csv", [&](OutputFile& f) { write_mcquant_csv(q, result, f); });
  write("summary.json", [&](OutputFile& f) { f.write(json_file(summary_of(result))); });
  if (result.infiltration) {
    write("foci.csv", [&](OutputFile& f) { write_foci_csv(*result.infiltration, f); });
    write("blocks.csv", [&](OutputFile& f) { write_blocks_csv(*result.infiltration, f); });
    if (result.regions) {
      write("region_foci.csv", [&](OutputFile& f) { write_region_foci_csv(*result.regions, f); });
      write("region_blocks.csv", [&](OutputFile& f) { write_region_blocks_csv(*result.regions, f); });
    }
  }
  const std::string overlay = draw_overlay(q, result);
  write("overlay.png", [&](OutputFile& f) { f.write(overlay); });
  if (result.quality) write("quality.png", [&](OutputFile& f) { f.write(draw_quality(*result.quality)); });
  write("report.html", [&](OutputFile& f) { f.write(html_report(result, overlay)); });
  if (options.write_unmixed && result.unmixed != nullptr)
    write(
        "unmixed.ome.tif", [&](OutputFile& f) { write_unmixed(q, result, options.image_codec, f); },
        whole_pyramid(result.unmixed->names().size()));
  nlohmann::ordered_json run = run_json(result, finisher.finished());
  run["execution"]["seconds"]["results"] = watch.seconds();
  run["execution"]["cpu_seconds"]["results"] = watch.cpu_seconds();
  write("run.json", [&](OutputFile& f) { f.write(json_file(run)); });
  finisher.finished();
  for (const InputRecord& input : result.inputs) require_unchanged(input);
  staging.publish(options.existing == Existing::overwrite);
  return options.out / result.stem;
}

void check_output(const fs::path& out, const std::string& stem, Existing existing) {
  std::error_code error;
  if (existing == Existing::refuse && fs::exists(out / stem, error))
    throw OutputError((out / stem).string(),
                      "holds a result already; give --overwrite to replace it, --resume to keep it, or another --out");
  StagingFolder trial(out, stem);  // makes and removes a folder
}

bool is_current_result(const fs::path& out, const SlideResult& planned) {
  std::ifstream file(out / planned.stem / "run.json");
  const nlohmann::json run = nlohmann::json::parse(file, nullptr, false);
  if (!run.is_object() || run.value("hexaplex", "") != planned.version || run.value("commit", "") != planned.commit ||
      run.value("parameters_sha256", "") != parameters_hash(planned.parameters))
    return false;
  const auto inputs = run.find("inputs"), outputs = run.find("outputs");
  if (inputs == run.end() || !inputs->is_array() || inputs->size() != planned.inputs.size() || outputs == run.end())
    return false;
  for (std::size_t i = 0; i < planned.inputs.size(); ++i)
    if ((*inputs)[i].value("sha256", "") != planned.inputs[i].sha256 ||
        (*inputs)[i].value("role", "") != planned.inputs[i].role)
      return false;
  for (const auto& output : *outputs) {
    std::error_code error;
    if (fs::file_size(out / planned.stem / output.value("name", ""), error) !=
            output.value("bytes", std::uint64_t{0}) ||
        error)
      return false;
  }
  return true;
}

}  // namespace hexaplex
