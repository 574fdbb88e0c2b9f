#pragma once

#include <string>

namespace hexaplex {

/// How the tiles of result images are compressed; see docs/decisions/0501-labels-deflate.md.
enum class ImageCodec {
  deflate,  ///< read by everything
  zstd,     ///< several times as fast; needs a recent reader
};

/// "deflate", "zstd".
std::string name_of(ImageCodec codec);

}  // namespace hexaplex
