#pragma once

#include <functional>

#include "core/io/tiff_layout.h"

namespace hexaplex {

/// Reads any TIFF slide by the layout that its format made.
class TiffSlide final : public Slide {
 public:
  explicit TiffSlide(TiffLayout layout);
  void read(int channel, int z, Rect window, Plane<float> dst) override;
  void read(int channel, int z, Rect window, Plane<std::uint16_t> dst) override;

  /// Values of an integer channel, kept exactly. Throws InvalidArgument for float samples.
  void read(int channel, int z, Rect window, Plane<std::int64_t> dst);

 private:
  template <class T>
  void read_pixels(int channel, int z, Rect window, Plane<T> dst);
  template <class T>
  void read_blocks(const PlaneSource& source, Rect window, Plane<T> dst);
  template <class T>
  void read_contiguous(const PlaneSource& source, Rect window, Plane<T> dst);

  std::vector<std::unique_ptr<TiffFile>> files_;
  std::vector<PlaneSource> planes_;
};

/// Checks the arguments of Slide::read. Throws InvalidArgument.
void check_read(const SlideInfo& info, int channel, int z, Rect window, Extent dst);

/// Throws InputError naming channel and position where a pixel is not finite.
void check_finite(const SlideInfo& info, int channel, Rect window, Plane<const float> pixels);

}  // namespace hexaplex
