#pragma once

#include "core/io/tiff_layout.h"

namespace hexaplex {

/// Reads any TIFF slide by the layout that its format made.
class TiffSlide final : public Slide {
 public:
  explicit TiffSlide(TiffLayout layout);
  using Slide::read;

  /// Values of an integer channel at full resolution, kept exactly. Throws InvalidArgument for float samples.
  void read(int channel, int z, Rect window, Plane<std::int64_t> dst);

 private:
  void read_level(int level, int channel, int z, Rect window, Plane<float> dst) override;
  void read_level(int level, int channel, int z, Rect window, Plane<std::uint16_t> dst) override;
  std::vector<DamagedTile> damaged_in_level(int level, std::span<const int> channels, int z, Rect window) override;
  const PlaneSource& plane(int channel, int z) const;
  template <class T>
  void read_pixels(int level, int channel, int z, Rect window, Plane<T> dst);
  template <class T>
  void read_blocks(const PlaneSource& source, const TiffPage& page, Rect window, Plane<T> dst);
  template <class T>
  void read_contiguous(const PlaneSource& source, Rect window, Plane<T> dst);

  std::vector<std::unique_ptr<TiffFile>> files_;
  std::vector<PlaneSource> planes_;
};

}  // namespace hexaplex
