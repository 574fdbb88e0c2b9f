#pragma once

#include <filesystem>

#include "core/io/image_codec.h"
#include "core/report/slide_result.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

enum class Existing { refuse, overwrite };

struct PublishOptions {
  std::filesystem::path out{};  ///< DIR; the result becomes DIR/S. Made where missing
  Existing existing = Existing::refuse;
  bool write_unmixed = false;
  ImageCodec image_codec = ImageCodec::deflate;  ///< of labels.ome.tif and unmixed.ome.tif
  CpuQueue queue{};
};

/// Writes every result file of a slide and publishes them as one folder DIR/S: whole or not at all.
///
/// The files are written into a hidden folder beside the target, flushed, synced to disk and read back (TIFFs are
/// reopened and their directories counted), and the folder is renamed into place. On any failure the hidden folder is
/// removed; folders left by runs that died are removed by the next one.
///
/// Returns: DIR/S.
/// Throws: OutputError that names the file, what failed and the mend: disk full, read-only, an existing result.
std::filesystem::path publish_results(const SlideResult& result, const PublishOptions& options);

/// Refuses early what publish_results would refuse late: an existing result, a folder that cannot be written. Makes
/// DIR. Throws: OutputError.
void check_output(const std::filesystem::path& out, const std::string& stem, Existing existing);

/// What `--resume` asks: DIR/S is a complete result of these inputs and parameters, made by this version.
bool is_current_result(const std::filesystem::path& out, const SlideResult& planned);

}  // namespace hexaplex
