#include "core/stains/reference_stains.h"

#include <fmt/format.h>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr const char* kMend =
    "name a slide in stains.reference on which all stains are strong, or take the key out to have vectors "
    "found on each slide";

SlideStains reference_stains(const CpuQueue& q, const SlideInfo& reference, int z, const Panel& panel) {
  SlideStains stains;
  try {
    stains = find_stains(q, reference, panel, z);
  } catch (const ConfigError&) {
    throw InputError(reference.path.string(),
                     fmt::format("the stains of the panel cannot be told apart on this reference slide; {}", kMend));
  }
  if (!stains.missing.empty())
    throw InputError(reference.path.string(), fmt::format("the reference slide does not show {} well enough to find "
                                                          "its vector ({}); {}",
                                                          stains.missing[0], stains.warnings.back(), kMend));
  return stains;
}

}  // namespace

SlideStains find_stains_by_reference(const CpuQueue& q, const SlideInfo& info, int z, const SlideInfo& reference,
                                     int reference_z, const Panel& panel) {
  SlideStains stains = reference_stains(q, reference, reference_z, panel);
  stains.reference = reference.path.filename().string();
  for (std::string& warning : stains.warnings)
    warning = fmt::format("of the stain reference {}: {}", stains.reference, warning);
  stains.white = find_white(q, info, panel, z);
  return stains;
}

}  // namespace hexaplex
