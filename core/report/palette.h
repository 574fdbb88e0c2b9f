#pragma once

#include <array>
#include <cstdint>

namespace hexaplex {

using Colour = std::array<std::uint8_t, 3>;  ///< red, green, blue

/// Colour of a phenotype by its place in the panel; grey for cells without one (core/phenotype/classify.h).
/// Twelve hues that stay apart on a dark ground, then again from the first.
constexpr Colour phenotype_colour(int phenotype) {
  constexpr Colour colours[] = {{255, 179, 0},  {230, 75, 53},   {77, 187, 213},  {0, 160, 135},
                                {240, 98, 220}, {145, 209, 94},  {92, 124, 250},  {255, 241, 118},
                                {176, 132, 97}, {160, 120, 230}, {255, 138, 128}, {128, 222, 190}};
  constexpr int kCount = static_cast<int>(sizeof colours / sizeof colours[0]);
  if (phenotype >= 0) return colours[phenotype % kCount];
  return phenotype == -1 ? Colour{170, 170, 170} : Colour{110, 110, 110};
}

}  // namespace hexaplex
