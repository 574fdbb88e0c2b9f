#include "core/report/publish.h"

#include <chrono>
#include <fstream>
#include <functional>

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
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace fs = std::filesystem;

namespace {

void check_result(const SlideResult& r) {
  HX_EXPECT(!r.stem.empty() && r.stem != "." && r.stem != ".." && r.stem.find('/') == std::string::npos,
            "a result needs a stem that is a plain name");
  HX_EXPECT(r.labels != nullptr && r.labels->cell.extent() == r.extent, "the labels must have the slide's extent");
  HX_EXPECT(r.phenotype.empty() || r.phenotype.size() == r.cells.size(), "one phenotype is needed for each cell");
  for (const int p : r.phenotype)
    HX_EXPECT(p < static_cast<int>(r.phenotypes.size()), "a phenotype is not one of the panel's");
  HX_EXPECT(r.assessable.empty() || r.assessable.size() == r.cells.size(), "one verdict is needed for each cell");
  HX_EXPECT(!r.quality || r.quality->slide() == r.extent, "the quality mask must have the slide's extent");
  HX_EXPECT(r.um_per_px > 0, "um_per_px must be positive");
}

// Labels of the nuclei; zeros where there are none.
void write_labels(const CpuQueue& q, const SlideResult& r, OutputFile& file) {
  HostPlane<std::uint32_t> none;
  const bool has_nuclei = r.labels->nucleus.extent() == r.extent;
  if (!has_nuclei) none = HostPlane<std::uint32_t>(r.extent, 0u);
  const OmeChannel<std::uint32_t> channels[] = {{"nucleus", has_nuclei ? r.labels->nucleus.view() : none.view()},
                                                {"cell", r.labels->cell.view()}};
  write_ome_tiff(q, file, channels, {r.stem, r.um_per_px, "Hexaplex " + r.version});
}

void write_unmixed(const CpuQueue& q, const SlideResult& r, OutputFile& file) {
  std::vector<OmeChannel<float>> channels;
  for (const NamedPlane& p : r.unmixed) channels.push_back({p.name, p.pixels});
  write_ome_tiff(q, file, channels, {r.stem, r.um_per_px, "Hexaplex " + r.version});
}

}  // namespace

fs::path publish_results(const SlideResult& result, const PublishOptions& options) {
  check_result(result);
  check_output(options.out, result.stem, options.existing);
  const auto start = std::chrono::steady_clock::now();
  StagingFolder staging(options.out, result.stem);
  const CpuQueue& q = options.queue;
  std::vector<OutputRecord> outputs;
  const auto write = [&](const std::string& name, const std::function<void(OutputFile&)>& content) {
    OutputFile file(staging.path() / name);
    content(file);
    file.close();
    const FileHash hash = hash_file(file.path());  // reads it back
    outputs.push_back({name, hash.sha256, hash.bytes});
  };
  write("cells.csv", [&](OutputFile& f) { write_cells_csv(q, result, f); });
  write("labels.ome.tif", [&](OutputFile& f) { write_labels(q, result, f); });
  verify_ome_tiff(staging.path() / "labels.ome.tif", 2, result.extent);
  write("cells.geojson.gz", [&](OutputFile& f) { write_geojson(q, result, f); });
  write("cell_seg_data.txt", [&](OutputFile& f) { write_inform_table(q, result, f); });
  write("mcquant.csv", [&](OutputFile& f) { write_mcquant_csv(q, result, f); });
  write("summary.json", [&](OutputFile& f) { f.write(json_file(summary_of(result))); });
  const std::string overlay = draw_overlay(q, result);
  write("overlay.png", [&](OutputFile& f) { f.write(overlay); });
  if (result.quality) write("quality.png", [&](OutputFile& f) { f.write(draw_quality(*result.quality)); });
  write("report.html", [&](OutputFile& f) { f.write(html_report(result, overlay)); });
  if (options.write_unmixed && !result.unmixed.empty()) {
    write("unmixed.ome.tif", [&](OutputFile& f) { write_unmixed(q, result, f); });
    verify_ome_tiff(staging.path() / "unmixed.ome.tif", static_cast<int>(result.unmixed.size()), result.extent);
  }
  nlohmann::ordered_json run = run_json(result, outputs);
  run["execution"]["seconds"]["results"] =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  write("run.json", [&](OutputFile& f) { f.write(json_file(run)); });
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
