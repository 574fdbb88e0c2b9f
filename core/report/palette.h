#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/phenotype/classify.h"
#include "core/report/slide_result.h"

namespace hexaplex {

using Colour = std::array<std::uint8_t, 3>;  ///< red, green, blue

/// Colour of a phenotype by its place in the panel; greys for cells without one (core/phenotype/classify.h) and for
/// the rest class that panels call "Other". Twelve hues that stay apart on a dark ground, then again from the first.
inline Colour phenotype_colour(const SlideResult& result, int phenotype) {
  constexpr Colour colours[] = {{255, 179, 0},  {235, 64, 52},   {86, 180, 255},  {240, 98, 220},
                                {120, 220, 80}, {255, 241, 118}, {160, 120, 255}, {0, 190, 170},
                                {196, 140, 90}, {255, 150, 130}, {90, 120, 220},  {190, 255, 190}};
  constexpr int kCount = static_cast<int>(sizeof colours / sizeof colours[0]);
  if (phenotype == kNotAssessable) return {110, 110, 110};
  if (phenotype == kOutsideRegions) return {80, 80, 80};
  if (phenotype < 0) return {150, 150, 150};
  if (result.phenotypes[static_cast<std::size_t>(phenotype)].name == "Other") return {205, 205, 205};
  return colours[phenotype % kCount];
}

/// Colour of the line around a drawn region, by its place among them: six, then again from the first.
inline Colour region_colour(std::size_t region) {
  constexpr Colour colours[] = {{255, 221, 0}, {0, 229, 255}, {255, 64, 190},
                                {118, 255, 3}, {255, 120, 0}, {124, 77, 255}};
  return colours[region % (sizeof colours / sizeof colours[0])];
}

/// Colour of tissue that is not assessed, by reason; glass and what was not scanned have none.
inline Colour unusable_colour(Unusable reason) {
  constexpr Colour colours[kUnusableReasons] = {{},           {}, {}, {255, 60, 60}, {255, 150, 0}, {190, 90, 255},
                                                {0, 200, 255}};
  return colours[static_cast<int>(reason)];
}

/// What the reason is called in the legend.
inline const char* title_of(Unusable reason) {
  constexpr const char* titles[kUnusableReasons] = {"Assessable", "Not scanned", "Glass",       "Saturated",
                                                    "Debris",     "Fold",        "Out of focus"};
  return titles[static_cast<int>(reason)];
}

}  // namespace hexaplex
