#pragma once

#include <span>
#include <string>

#include "core/io/slide.h"
#include "core/panel/panel.h"
#include "kernels/quality/square_sums.h"

namespace hexaplex {

/// How far a hole reaches, in µm: half the width of the largest cells (megakaryocytes, up to 0.1 mm). No cell whose
/// nucleus lies farther away has a pixel in it.
inline constexpr double kDamageReachUm = 50;

/// Marks as not scanned every square with a pixel near a tile that could not be read: within kDamageReachUm along each
/// axis, or within the margin around tissue where that is more.
///
/// @param sums  square_grid(slide) of them
void leave_out_damage(std::span<const DamagedTile> tiles, Extent slide, double um_per_px, Plane<SquareSums> sums);

/// A sentence for people: how many tiles of which channels, and where the first lies. Empty for no tiles.
///
/// @param tiles  in the order of SlideSquares::damaged
std::string damage_warning(std::span<const DamagedTile> tiles, const SlideInfo& info);

/// Damage can be left out of counts by the quality mask alone. Throws: ConfigError where the panel switches it off.
void require_mask_for_damage(const Panel& panel);

}  // namespace hexaplex
