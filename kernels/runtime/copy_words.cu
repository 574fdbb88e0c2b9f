#include "kernels/runtime/copy_words.h"

#include "kernels/runtime/for_each_pixel.cuh"

namespace hexaplex::detail {

namespace {
struct CopyWords {
  const std::uint32_t* from;
  std::uint32_t* to;
  HX_HD void operator()(std::int64_t i) const { to[i] = from[i]; }
};
}  // namespace

void copy_words(const CudaQueue& q, const void* from, void* to, std::size_t words) {
  for_each_index(q, static_cast<std::int64_t>(words),
                 CopyWords{static_cast<const std::uint32_t*>(from), static_cast<std::uint32_t*>(to)}, "copying words");
}

}  // namespace hexaplex::detail
