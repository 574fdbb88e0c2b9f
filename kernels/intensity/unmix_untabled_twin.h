#pragma once

#include "kernels/intensity/unmix.h"

namespace hexaplex::detail {

/// Models without a table on a device: kept apart from the tabled kernels, because these alone need local memory.
template <class T>
NonNegativeReport unmix_untabled(const CudaQueue& q, const UnmixModel& model, std::span<const Plane<const T>> bands,
                                 std::span<const Plane<float>> components);

}  // namespace hexaplex::detail
