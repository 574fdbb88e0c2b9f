#include "core/quality/damage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/quality/tissue_area.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr int kSide = kQualitySquarePx;
constexpr std::size_t kMostNames = 8;

std::string channel_name(int channel, const SlideInfo& info) {
  const std::string& name = info.channels[static_cast<std::size_t>(channel)].name;
  return name.empty() ? fmt::format("{}", channel + 1) : fmt::format("{} ({})", channel + 1, name);
}

/// "2 of channel 1 (DAPI), 1 of channel 3": a tile counts in each channel that it holds.
std::string counts_by_channel(const std::map<int, std::size_t>& counts, const SlideInfo& info) {
  std::string text;
  std::size_t named = 0;
  for (const auto& [channel, count] : counts) {
    if (named == kMostNames) return fmt::format("{} and some of {} more channels", text, counts.size() - named);
    text += fmt::format("{}{} of channel {}", named++ == 0 ? "" : ", ", count, channel_name(channel, info));
  }
  return text;
}

}  // namespace

void leave_out_damage(std::span<const DamagedTile> tiles, Extent slide, double um_per_px, Plane<SquareSums> sums) {
  HX_EXPECT(sums.extent == square_grid(slide), "the sums must be of the slide's squares");
  HX_EXPECT(um_per_px > 0, "um_per_px must be positive");
  // Holes stay outside the margin around tissue, so that no statistic counts their zeros.
  const auto reach = std::max(static_cast<std::int64_t>(std::ceil(kDamageReachUm / um_per_px)),
                              std::int64_t{tissue_margin_squares(um_per_px)} * kSide);
  const auto square_of = [](std::int64_t px, int squares) {
    return static_cast<int>(std::clamp<std::int64_t>(px / kSide, 0, squares - 1));
  };
  for (const DamagedTile& tile : tiles) {
    const int left = square_of(tile.place.x - reach, sums.width());
    const int right = square_of(tile.place.right() - 1 + reach, sums.width());
    const int top = square_of(tile.place.y - reach, sums.height());
    const int bottom = square_of(tile.place.bottom() - 1 + reach, sums.height());
    for (int row = top; row <= bottom; ++row)
      for (int column = left; column <= right; ++column)
        sums(column, row).not_scanned = static_cast<std::uint16_t>(std::min(kSide, slide.width - column * kSide) *
                                                                   std::min(kSide, slide.height - row * kSide));
  }
}

std::string damage_warning(std::span<const DamagedTile> tiles, const SlideInfo& info) {
  if (tiles.empty()) return {};
  std::map<int, std::size_t> counts;
  for (const DamagedTile& tile : tiles)
    for (const int channel : tile.channels) ++counts[channel];
  const bool one = tiles.size() == 1;
  return fmt::format(
      "{} missing or damaged ({}), the first at x {}, y {}; nothing within {} µm of {} is assessed or counted",
      one ? "1 tile is" : fmt::format("{} tiles are", tiles.size()), counts_by_channel(counts, info),
      tiles.front().place.x, tiles.front().place.y, kDamageReachUm, one ? "it" : "them");
}

void require_mask_for_damage(const Panel& panel) {
  if (panel.quality.mask) return;
  throw ConfigError(
      panel.file.empty() ? panel.name : panel.file.string(),
      "--damaged-tiles not-assessable needs the quality mask, which this panel switches off: nothing else "
      "keeps damaged tiles out of the counts; leave out `quality: {mask: off}` or the option");
}

}  // namespace hexaplex
