#include "core/io/pixel_size.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hexaplex {

namespace {

constexpr double kSmallestUm = 0.05, kLargestUm = 5;

std::optional<double> usable(std::optional<double> um, std::string_view axis, std::string_view source,
                             SlideInfo& info) {
  if (!um) return std::nullopt;
  if (std::isfinite(*um) && *um >= kSmallestUm && *um <= kLargestUm) return um;
  info.warnings.push_back(
      fmt::format("{} gives {:.6g} \xC2\xB5m per pixel in {}, outside 0.05 to 5; taken as absent.", source, *um, axis));
  return std::nullopt;
}

}  // namespace

void set_pixel_size(SlideInfo& info, std::optional<double> um_x, std::optional<double> um_y, std::string_view source) {
  info.um_per_px_x = usable(um_x, "x", source, info);
  info.um_per_px_y = usable(um_y, "y", source, info);
  if (info.um_per_px_x && info.um_per_px_y &&
      std::abs(*info.um_per_px_x - *info.um_per_px_y) > 0.01 * std::min(*info.um_per_px_x, *info.um_per_px_y)) {
    info.warnings.push_back(fmt::format("Pixels are not square: {:.6g} \xC2\xB5m in x and {:.6g} in y.",
                                        *info.um_per_px_x, *info.um_per_px_y));
  }
}

void set_pixel_size_from_tags(SlideInfo& info, const TiffPage& page, std::optional<double> unit_um) {
  if (!unit_um) {
    if (page.resolution_unit == tiff::kInch) unit_um = 25400;
    if (page.resolution_unit == tiff::kCentimetre) unit_um = 10000;
  }
  if (!unit_um) return;
  const auto um = [&](std::optional<double> per_unit) -> std::optional<double> {
    return per_unit ? std::optional(*unit_um / *per_unit) : std::nullopt;
  };
  set_pixel_size(info, um(page.x_resolution), um(page.y_resolution), "The TIFF resolution");
}

}  // namespace hexaplex
