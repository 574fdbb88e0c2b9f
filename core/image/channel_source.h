#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/image/piece_view.h"
#include "core/image/tissue_area.h"
#include "kernels/intensity/histogram.h"
#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Some channels of a window: views, and what had to be made for them.
struct ChannelWindow {
  std::vector<Plane<const float>> planes;  ///< of the window's extent, in the order asked for
  std::vector<HostPlane<float>> owned;
};

/// The measured channels of a slide, window by window. Whether they are held in memory or made again from the file at
/// each reading changes no value. Where there is no tissue every channel is 0.
class ChannelSource {
 public:
  virtual ~ChannelSource() = default;
  ChannelSource(const ChannelSource&) = delete;
  ChannelSource& operator=(const ChannelSource&) = delete;

  Extent extent() const { return area_.slide(); }
  const TissueArea& area() const { return area_; }
  const std::vector<std::string>& names() const { return names_; }

  /// Whether channels lie in memory: reading inside a piece then costs nothing, and copies nothing.
  virtual bool held() const = 0;

  /// Channels by index into names(), finite values, of any window of the slide. May be called from any thread.
  /// Throws: InputError where the file cannot be read.
  ChannelWindow read(const CpuQueue& q, Rect window, std::span<const int> channels) const;

  /// Keys (float_key) of all pixels of tissue of a channel.
  virtual Histogram16 histogram(CpuQueue& q, int channel) const = 0;

  /// Largest |value| of a channel. Throws: InvalidArgument for a value that is not finite.
  virtual float largest_magnitude(const CpuQueue& q, int channel) const = 0;

 protected:
  ChannelSource(TissueArea area, std::vector<std::string> names) : area_(std::move(area)), names_(std::move(names)) {}

  /// A window that lies in this piece.
  virtual ChannelWindow read_inside(const CpuQueue& q, std::size_t piece, Rect window,
                                    std::span<const int> channels) const = 0;

 private:
  TissueArea area_;
  std::vector<std::string> names_;
};

/// Channels that lie in memory.
class HeldChannels : public ChannelSource {
 public:
  /// @param planes  one per name, all of one extent; they must outlive this
  HeldChannels(Extent extent, std::vector<std::string> names, std::vector<Plane<const float>> planes);
  /// Takes the planes over.
  /// @param planes  one per name, all of this area
  HeldChannels(const TissueArea& area, std::vector<std::string> names, std::vector<PiecePlanes<float>> planes);

  bool held() const override { return true; }
  Histogram16 histogram(CpuQueue& q, int channel) const override;
  float largest_magnitude(const CpuQueue& q, int channel) const override;

 protected:
  ChannelWindow read_inside(const CpuQueue& q, std::size_t piece, Rect window,
                            std::span<const int> channels) const override;

 private:
  std::vector<PiecePlanes<float>> owned_;
  std::vector<PieceView<float>> views_;
};

}  // namespace hexaplex
