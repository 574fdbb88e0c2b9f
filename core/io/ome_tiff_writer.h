#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "core/run/output_file.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// One channel of a pyramid: samples of 4 bytes.
template <class T>
struct OmeChannel {
  std::string name;
  Plane<const T> pixels;
};

struct OmeTiffOptions {
  std::string image_name;
  double um_per_px = 0;
  std::string software;  ///< "Hexaplex 0.1.0"
};

/// Writes channels of one extent as an OME-TIFF pyramid: BigTIFF, tiles of 512, Deflate, levels by nearest neighbour
/// (every second pixel) as SubIFDs until both sides fit into one tile. No dates and no UUIDs, tiles in order: the same
/// pixels give the same bytes, for any number of threads.
///
/// Throws: OutputError where a byte cannot be written; InvalidArgument for no channel or an empty extent.
void write_ome_tiff(const CpuQueue& q, OutputFile& file, std::span<const OmeChannel<std::uint32_t>> channels,
                    const OmeTiffOptions& options);
void write_ome_tiff(const CpuQueue& q, OutputFile& file, std::span<const OmeChannel<float>> channels,
                    const OmeTiffOptions& options);

/// Reopens a written file with libtiff and counts its directories, levels and tiles.
/// Throws: OutputError where something is missing: libtiff can lose data when a disk fills and not say so.
void verify_ome_tiff(const std::filesystem::path& path, int channels, Extent extent);

/// Number of levels of a pyramid of this extent, full resolution included.
int pyramid_levels(Extent extent);

}  // namespace hexaplex
