#include "tests/support/core/sample_result.h"

#include <stdlib.h>
#include <zlib.h>

#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>

#include "core/report/overlay.h"

namespace hexaplex::test {

SampleResult::SampleResult(Extent extent, int pitch_px) {
  labels.nucleus = HostPlane<std::uint32_t>(extent, 0u);
  labels.cell = HostPlane<std::uint32_t>(extent, 0u);
  std::uint32_t id = 0;
  for (int cy = pitch_px / 2; cy < extent.height; cy += pitch_px)
    for (int cx = pitch_px / 2; cx < extent.width; cx += pitch_px) {
      ++id;
      const int r = pitch_px / 2 - 1 + static_cast<int>(id % 2),
                n = id % 7 == 0 ? -1 : r / 2 + static_cast<int>(id % 3);
      for (int y = cy - r; y <= cy + r; ++y)
        for (int x = cx - r; x <= cx + r; ++x) {
          if (x < 0 || y < 0 || x >= extent.width || y >= extent.height) continue;
          const int d2 = (x - cx) * (x - cx) + (y - cy) * (y - cy);
          if (d2 > r * r || labels.cell(x, y) != 0) continue;
          labels.cell(x, y) = id;
          if (n >= 0 && d2 <= n * n) labels.nucleus(x, y) = id;
        }
    }
  std::mt19937 random(5);
  std::vector<MeasuredChannel> channels;
  for (const char* name : {"DAPI", "CD3", "CD20"}) {
    planes.emplace_back(extent);
    for (int y = 0; y < extent.height; ++y)
      for (int x = 0; x < extent.width; ++x) {
        const bool bright =
            name[0] == 'D' ? labels.nucleus(x, y) != 0 : labels.cell(x, y) % 3 == (name[2] == '3' ? 1u : 2u);
        planes.back()(x, y) = static_cast<float>(random() % 50) * 0.25f + (bright ? 90.0f : 3.0f);
      }
    channels.push_back({name, {}});
  }
  for (std::size_t i = 0; i < planes.size(); ++i) channels[i].pixels = planes[i].view();
  result.stem = "sample";
  result.inputs = {{"slide", "sample.tif", "/nowhere/sample.tif", std::string(64, 'a'), 1234}};
  result.format = "TIFF";
  result.extent = extent;
  result.um_per_px = 0.5;
  result.version = "0.1.0";
  result.commit = "test";
  result.panel = "two-markers";
  result.parameters = {{"nucleus_um", 7.0}, {"membrane_um", 0.75}};
  result.labels = labels;
  result.cells = measure_cells(CpuQueue{}, channels, labels, 0.5, 0.75);
  result.phenotypes = {{"T cell"}, {"B cell"}, {"Other"}};
  result.positive.assign(3, std::vector<std::uint8_t>(result.cells.size(), 0));
  for (std::size_t i = 0; i < result.cells.size(); ++i) {
    const std::uint32_t kind = result.cells.cell_id[i] % 3;
    result.phenotype.push_back(kind == 1 ? 0 : kind == 2 ? 1 : i % 2 == 0 ? 2 : -1);
    result.positive[1][i] = kind == 1;
    result.positive[2][i] = kind == 2;
  }
  result.tissue_mm2 = static_cast<double>(extent.area()) * 0.25e-6;
  result.tissue_definition = "the whole field";
  result.positivity = {
      {"CD3", Compartment::cell, Statistic::mean, "otsu", true, true, 50, 27, "CD3: 27 cells positive"}};
  result.unmixing = UnmixingSummary{"least squares", 4.5, 0.01, {"DAPI", "CD3"}, {{1, 0.02}, {0.01, 1}}, 1e-7};
  result.warnings = {"a warning"};
  std::vector<Plane<const float>> views;
  for (const auto& plane : planes) views.push_back(plane.view());
  pictures.emplace(extent, overlay_shrink(extent), planes.size());
  pictures->add({0, 0, extent.width, extent.height}, views);
  result.nuclear = pictures->channel(0);
  result.shown = {{"CD3", pictures->channel(1)}};
  std::vector<std::string> names;
  for (const MeasuredChannel& c : channels) names.push_back(c.marker);
  unmixed.emplace(extent, names, views);
  result.unmixed = &*unmixed;
  result.execution.device = "CPU";
  result.execution.stages = {{"read", 0.5, 0.75}};
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string gunzip(const std::string& bytes) {
  std::string out;
  z_stream z{};
  inflateInit2(&z, 31);
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  std::string block(1 << 16, '\0');
  while (z.avail_in > 0) {
    z.next_out = reinterpret_cast<Bytef*>(block.data());
    z.avail_out = static_cast<uInt>(block.size());
    const int code = inflate(&z, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END) throw std::runtime_error("not gzip");
    out.append(block.data(), block.size() - z.avail_out);
    if (code == Z_STREAM_END) inflateReset(&z);
  }
  inflateEnd(&z);
  return out;
}

std::vector<std::vector<std::string>> split_table(const std::string& text, char separator) {
  std::vector<std::vector<std::string>> rows(1, {""});
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"')
      rows.back().back() += text[++i];
    else if (separator == ',' && c == '"')
      quoted = !quoted;
    else if (!quoted && c == separator)
      rows.back().emplace_back();
    else if (!quoted && c == '\n')
      rows.push_back({""});
    else
      rows.back().back() += c;
  }
  rows.pop_back();
  return rows;
}

}  // namespace hexaplex::test
