#include <cuda_runtime.h>

namespace hexaplex::detail {

namespace {
__global__ void probe_kernel() {}
}  // namespace

/// Whether the current device can be opened and this build holds code for it.
cudaError_t probe_this_device() {
  cudaFuncAttributes attributes;
  return cudaFuncGetAttributes(&attributes, probe_kernel);
}

}  // namespace hexaplex::detail
