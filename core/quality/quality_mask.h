#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/quality/square_sums.h"
#include "kernels/runtime/plane.h"

namespace hexaplex {

/// Why a square is not assessed. Each square has one reason, the first of this order that holds.
enum class Unusable : std::uint8_t { none, not_scanned, glass, saturated, debris, fold, out_of_focus };
inline constexpr int kUnusableReasons = 7;  // with `none`

constexpr std::string_view name_of(Unusable reason) {
  constexpr std::string_view names[] = {"assessable", "not_scanned", "glass",       "saturated",
                                        "debris",     "fold",        "out_of_focus"};
  return names[static_cast<int>(reason)];
}

/// What `tissue_mm2` of a result is.
inline constexpr const char* kTissueDefinition =
    "all that is not glass, holes below 0.02 mm² and fat included, without what is saturated, debris, folded or out of "
    "focus";

/// Which parts of a slide are tissue that can be assessed: one verdict for every square of kQualitySquarePx pixels.
/// Tissue is all that was scanned and is not glass; assessable is tissue without a reason against it.
class QualityMask {
 public:
  /// Everything is assessable.
  QualityMask(Extent slide, double um_per_px);

  Extent slide() const { return slide_; }
  double um_per_px() const { return um_per_px_; }

  /// One square of the grid (square_grid(slide)), by its column and row.
  Unusable square(int column, int row) const { return static_cast<Unusable>(squares_[index(column, row)]); }
  void set_square(int column, int row, Unusable reason) {
    squares_[index(column, row)] = static_cast<std::uint8_t>(reason);
  }
  Extent grid() const { return square_grid(slide_); }

  /// The verdict on the pixel that holds a point; pixel centres are whole numbers, points outside count as the nearest
  /// pixel.
  Unusable at(double x_px, double y_px) const;
  bool assessable(double x_px, double y_px) const { return at(x_px, y_px) == Unusable::none; }

  /// Area by reason, `none` first: they add up to the slide.
  std::array<double, kUnusableReasons> areas_mm2() const;
  double assessable_mm2() const { return areas_mm2()[0]; }
  double tissue_mm2() const;  ///< assessable or not

  std::vector<std::string> warnings;  ///< sentences: no tissue, much of it lost, what could not be judged

 private:
  std::size_t index(int column, int row) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(grid().width) + static_cast<std::size_t>(column);
  }

  Extent slide_;
  double um_per_px_;
  std::vector<std::uint8_t> squares_;
};

/// What is judged, and on what grounds. Lengths and areas in micrometres.
struct QualityParams {
  double camera_offset = 0;  ///< counts of a dark pixel, of every band
  int bands = 1;             ///< that were summed: light_groups(bands) groups of SquareSums::light are in use
  std::array<bool, kUnusableReasons> look_for{true, true, true, true, true, true, true};  ///< by reason
  /// Brightfield, where white is known: squares whose bands lack less than this of it, all together, are glass whatever
  /// their structure. Negative: glass is what is flat and far darker than tissue.
  double glass_counts = -1;
};

/// Judges every square of a slide. Everything is decided slide-wide, in a fixed order of additions: the mask depends on
/// nothing but the sums. docs/quality.md says how and why.
///
/// @param sums  square_grid(slide) of them
/// Throws: InvalidArgument
QualityMask make_quality_mask(Plane<const SquareSums> sums, Extent slide, double um_per_px,
                              const QualityParams& params = {});

}  // namespace hexaplex
