#include "core/report/gzip.h"

#include <libdeflate.h>

#include <memory>
#include <new>

namespace hexaplex {

std::string gzip_member(std::string_view text) {
  constexpr int kLevel = 4;
  const std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> compressor(
      libdeflate_alloc_compressor(kLevel), libdeflate_free_compressor);
  if (!compressor) throw std::bad_alloc();
  std::string out(libdeflate_gzip_compress_bound(compressor.get(), text.size()), '\0');
  out.resize(libdeflate_gzip_compress(compressor.get(), text.data(), text.size(), out.data(), out.size()));
  return out;
}

}  // namespace hexaplex
