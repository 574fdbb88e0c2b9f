#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "kernels/intensity/deconvolve_stains.h"

namespace hexaplex {

/// A stain whose colour is published, or guessed where the note says so.
struct KnownStain {
  std::string_view name;
  StainVector vector;  ///< optical density in red, green and blue; any length
  std::string_view source;
};

/// All of them, in alphabetical order.
std::span<const KnownStain> known_stains();

/// By name, without regard to case. Absent: it is not known.
std::optional<StainVector> known_stain(const std::string& name);

}  // namespace hexaplex
