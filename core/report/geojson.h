#pragma once

#include "core/report/slide_result.h"
#include "core/run/output_file.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// cells.geojson.gz, as QuPath (0.4 to 0.7) imports it: one feature a line, a cell each, with `nucleusGeometry` where
/// it has a nucleus. Coordinates are corners of full-resolution pixels (core/cells/outline.h says which piece of an
/// object is drawn; holes are kept). `id` is a UUID version 5 of the slide's hash and the cell_id. Measurements that
/// have no value are left out. Blocks of rows are gzip members of their own, without time.
void write_geojson(const CpuQueue& q, const SlideResult& result, OutputFile& file);

}  // namespace hexaplex
