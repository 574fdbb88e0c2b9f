#pragma once

#include <string>

#include "core/report/slide_result.h"
#include "core/run/output_file.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Name of a cell's phenotype: the panel's, "Unclassified" or "Not assessable".
std::string phenotype_of(const SlideResult& result, std::size_t cell);

/// cells.csv: one row per cell, lengths in µm, the centre of pixel (0, 0) at (0, 0). x_um and y_um are the nucleus's
/// centroid, the cell's where there is no nucleus. An empty field: no value (the compartment is empty).
void write_cells_csv(const CpuQueue& q, const SlideResult& result, OutputFile& file);

/// cell_seg_data.txt: inForm's columns, in pixels as inForm counts them, so that phenoptr reads it. `Path` stays "."
/// and unknown values are #N/A.
void write_inform_table(const CpuQueue& q, const SlideResult& result, OutputFile& file);

/// mcquant.csv: MCQuant's columns, measured over whole cells, in pixels.
void write_mcquant_csv(const CpuQueue& q, const SlideResult& result, OutputFile& file);

/// foci.csv: a row for each focus, in the order of their first cells; µm and mm².
void write_foci_csv(const InfiltrationResult& infiltration, OutputFile& file);

/// blocks.csv: tissue and tumour by blocks of 0.5 mm, which groups are resampled by.
void write_blocks_csv(const InfiltrationResult& infiltration, OutputFile& file);

/// region_foci.csv, region_blocks.csv: the same of each region by itself, its name first.
void write_region_foci_csv(const RegionResults& regions, OutputFile& file);
void write_region_blocks_csv(const RegionResults& regions, OutputFile& file);

}  // namespace hexaplex
