#include "core/report/geojson.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/cells/outline.h"
#include "core/report/gzip.h"
#include "core/report/palette.h"
#include "core/report/rows.h"
#include "core/report/summary.h"
#include "core/report/tables.h"
#include "core/report/text.h"
#include "core/run/sha256.h"
#include "kernels/measure/label_runs.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

struct Measurement {
  std::string key;  // with the leading comma and quotes
  const CellColumn* values;
};

void append_corner(std::string& out, Corner c) {
  out += '[';
  append_number(out, static_cast<std::uint64_t>(c.x));
  out += ',';
  append_number(out, static_cast<std::uint64_t>(c.y));
  out += ']';
}

void append_polygon(std::string& out, const Outline& outline) {
  out += R"({"type":"Polygon","coordinates":[)";
  for (std::size_t k = 0; k < outline.rings.size(); ++k) {
    const auto& ring = outline.rings[k];
    out += k > 0 ? ",[" : "[";
    for (const Corner& c : ring) {
      append_corner(out, c);
      out += ',';
    }
    append_corner(out, ring.front());
    out += ']';
  }
  out += "]}";
}

std::string classification(const SlideResult& result, std::size_t cell) {
  const int phenotype = cell < result.phenotype.size() ? result.phenotype[cell] : -1;
  const Colour c = phenotype_colour(result, phenotype);
  return fmt::format(R"({{"name":"{}","color":[{},{},{}]}})", json_text(phenotype_of(result, cell)), c[0], c[1], c[2]);
}

std::vector<Measurement> intensity_measurements(const CellTable& cells) {
  constexpr const char* kNames[] = {"Nucleus", "Cytoplasm", "Membrane", "Cell"};
  std::vector<Measurement> list;
  for (std::size_t m = 0; m < cells.markers.size(); ++m)
    for (const Compartment c : kCompartments)
      list.push_back({",\"" + json_text(cells.markers[m] + ": " + kNames[static_cast<int>(c)] + ": Mean") + "\":",
                      &cells.values(m, c, Statistic::mean)});
  return list;
}

void append_shape(std::string& out, const char* object, const Shape& shape, double um, bool full) {
  const auto add = [&](const char* name, double value) {
    if (!(value - value == 0)) return;  // NaN and infinities are left out
    out += fmt::format(R"(,"{}: {}":)", object, name);
    append_number(out, value);
  };
  if (!full || shape.area_px == 0) return;
  add("Perimeter µm", shape.perimeter_px * um);
  add("Circularity", shape.circularity);
  add("Solidity", shape.solidity);
  add("Eccentricity", shape.eccentricity);
  add("Max diameter µm", shape.max_caliper_px * um);
  add("Min diameter µm", shape.min_caliper_px * um);
}

// The pixels of every cell of a slide.
class SlideRuns {
 public:
  SlideRuns(const CpuQueue& q, const LabelView& labels) {
    const std::vector<Rect>& pieces = labels.area().pieces();
    for (std::size_t i = 0; i < pieces.size(); ++i)
      runs_.push_back(label_runs(q, labels.cells_of(i), labels.nuclei_of(i), pieces[i].x, pieces[i].y));
    if (runs_.size() <= 1) return;
    for (std::uint32_t i = 0; i < runs_.size(); ++i)
      for (std::uint32_t k = 0; k < runs_[i].size(); ++k) order_.push_back({i, k});
    std::sort(order_.begin(), order_.end(), [&](Place a, Place b) { return label(a) < label(b); });
  }

  bool are(const HostVector<std::uint32_t>& ids) const {
    if (runs_.size() == 1) return runs_[0].labels == ids;
    return std::equal(order_.begin(), order_.end(), ids.begin(), ids.end(),
                      [&](Place p, std::uint32_t id) { return label(p) == id; });
  }

  /// Of the cell in this row of the table.
  std::span<const PixelRun> of(std::size_t row) const {
    return runs_.size() == 1 ? runs_[0].of(row) : runs_[order_[row].piece].of(order_[row].region);
  }

 private:
  struct Place {
    std::uint32_t piece, region;
  };
  std::uint32_t label(Place p) const { return runs_[p.piece].labels[p.region]; }

  std::vector<RegionRuns> runs_;  // of each piece
  HostVector<Place> order_;       // by label; of several pieces only
};

}  // namespace

void write_geojson(const CpuQueue& q, const SlideResult& result, OutputFile& file) {
  HX_EXPECT(result.labels.has_value(), "a result needs its labels");
  const CellTable& cells = result.cells;
  const SlideRuns regions(q, *result.labels);
  HX_EXPECT(regions.are(cells.cell_id), "the table and the labels differ in cells");
  const std::string slide = (result.inputs.empty() ? std::string() : result.inputs.front().sha256) + "/";
  const std::vector<Measurement> measurements = intensity_measurements(cells);
  const double um = result.um_per_px, um2 = um * um;

  file.write(gzip_member("{\"type\":\"FeatureCollection\",\"features\":[\n"));
  write_rows(
      q, file, cells.size(),
      [&](std::size_t i, std::string& row) {
        thread_local OutlineTracer tracer;
        thread_local std::vector<PixelRun> inner;
        row += i > 0 ? ",\n" : "";
        row += R"({"type":"Feature","id":")" + uuid5(slide + std::to_string(cells.cell_id[i])) + R"(","geometry":)";
        append_polygon(row, tracer.trace(regions.of(i)));
        inner.clear();
        for (const PixelRun& r : regions.of(i))
          if (r.part & kInnerPart) inner.push_back(r);
        if (!inner.empty()) {
          row += R"(,"nucleusGeometry":)";
          append_polygon(row, tracer.trace(inner));
        }
        row += R"(,"properties":{"objectType":"cell","classification":)" + classification(result, i) +
               R"(,"measurements":{"Cell ID":)";
        append_number(row, std::uint64_t{cells.cell_id[i]});
        row += R"(,"Cell: Area µm^2":)";
        append_number(row, cells.cell[i].area_px * um2);
        if (!inner.empty()) {
          row += R"(,"Nucleus: Area µm^2":)";
          append_number(row, cells.nucleus[i].area_px * um2);
          row += R"(,"Nucleus/Cell area ratio":)";
          append_number(row, cells.nucleus[i].area_px / cells.cell[i].area_px);
        }
        append_shape(row, "Cell", cells.cell[i], um, cells.shapes);
        append_shape(row, "Nucleus", cells.nucleus[i], um, cells.shapes);
        for (const Measurement& m : measurements) {
          const double value = (*m.values)[i];
          if (!(value - value == 0)) continue;
          row += m.key;
          append_number(row, value);
        }
        row += '}';
        if (const std::string names = region_names(result, i); !names.empty())
          row += R"(,"metadata":{"Region":")" + json_text(names) + R"("})";
        row += "}}";
      },
      [](std::string& block) { block = gzip_member(block); });
  file.write(gzip_member("\n]}\n"));
}

}  // namespace hexaplex
