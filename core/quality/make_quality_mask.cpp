#include <fmt/format.h>

#include "core/quality/detectors.h"
#include "core/quality/quality_mask.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr double kMuchLost = 0.2;  // of the tissue

void set_where(QualityMask& mask, const SquareMask& where, Unusable reason) {
  for (int y = 0; y < where.height(); ++y)
    for (int x = 0; x < where.width(); ++x)
      if (where(x, y) != 0 && mask.square(x, y) == Unusable::none) mask.set_square(x, y, reason);
}

SquareMask still_assessable(const QualityMask& mask) {
  SquareMask out(mask.grid(), std::uint8_t{0});
  for (int y = 0; y < out.height(); ++y)
    for (int x = 0; x < out.width(); ++x) out(x, y) = mask.square(x, y) == Unusable::none;
  return out;
}

void add_warnings(QualityMask& mask) {
  const auto areas = mask.areas_mm2();
  const double tissue = mask.tissue_mm2(), lost = tissue - mask.assessable_mm2();
  if (!(tissue > 0)) {
    mask.warnings.push_back("no tissue was found: the slide shows nothing but noise");
    return;
  }
  if (lost <= kMuchLost * tissue) return;
  std::string reasons;
  for (const Unusable r : {Unusable::saturated, Unusable::debris, Unusable::fold, Unusable::out_of_focus})
    if (const double area = areas[static_cast<std::size_t>(r)]; area > 0)
      reasons += fmt::format("{}{} {:.1f} %", reasons.empty() ? "" : ", ",
                             r == Unusable::out_of_focus ? "out of focus" : name_of(r), 100 * area / tissue);
  mask.warnings.push_back(fmt::format("{:.1f} % of the tissue cannot be assessed ({}); no cell of it is counted",
                                      100 * lost / tissue, reasons));
}

}  // namespace

QualityMask make_quality_mask(Plane<const SquareSums> sums, Extent slide, double um_per_px,
                              const QualityParams& params) {
  HX_EXPECT(sums.extent == square_grid(slide), "the sums must be of the slide's squares");
  HX_EXPECT(params.bands >= 1, "one band at least is needed");
  QualityMask mask(slide, um_per_px);
  if (slide.empty()) return mask;
  const auto wanted = [&](Unusable r) { return params.look_for[static_cast<std::size_t>(r)]; };
  const detail::SquareLight light = detail::read_light(sums, slide, params);
  if (wanted(Unusable::not_scanned)) {
    SquareMask missing = light.scanned.copy();
    for (std::int64_t i = 0; i < missing.extent().area(); ++i) missing.data()[i] ^= 1;
    set_where(mask, missing, Unusable::not_scanned);
  }
  if (wanted(Unusable::glass))
    set_where(mask,
              params.glass_counts >= 0 ? detail::find_empty(light, params.glass_counts, um_per_px)
                                       : detail::find_glass(light, sums, um_per_px),
              Unusable::glass);
  if (wanted(Unusable::saturated)) set_where(mask, light.saturated, Unusable::saturated);
  const HostPlane<float> rise = detail::least_rise(light, still_assessable(mask));
  if (wanted(Unusable::debris)) set_where(mask, detail::find_debris(rise, still_assessable(mask)), Unusable::debris);
  if (wanted(Unusable::fold))
    set_where(mask, detail::find_folds(rise, still_assessable(mask), um_per_px), Unusable::fold);
  if (wanted(Unusable::out_of_focus))
    set_where(mask, detail::find_out_of_focus(sums, light.light.back(), still_assessable(mask), um_per_px),
              Unusable::out_of_focus);
  add_warnings(mask);
  return mask;
}

}  // namespace hexaplex
