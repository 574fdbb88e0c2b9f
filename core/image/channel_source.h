#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/image/field.h"
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
/// each reading changes no value.
class ChannelSource {
 public:
  virtual ~ChannelSource() = default;
  ChannelSource(const ChannelSource&) = delete;
  ChannelSource& operator=(const ChannelSource&) = delete;

  Extent extent() const { return extent_; }
  const std::vector<std::string>& names() const { return names_; }

  /// Whether channels lie in memory as whole planes: reading then costs nothing, and copies nothing.
  virtual bool held() const = 0;

  /// Channels by index into names(), finite values. May be called from any thread.
  /// Throws: InputError where the file cannot be read.
  virtual ChannelWindow read(const CpuQueue& q, Rect window, std::span<const int> channels) const = 0;

  /// Keys (float_key) of all pixels of a channel.
  virtual Histogram16 histogram(CpuQueue& q, int channel) const = 0;

  /// Largest |value| of a channel. Throws: InvalidArgument for a value that is not finite.
  virtual float largest_magnitude(const CpuQueue& q, int channel) const = 0;

 protected:
  ChannelSource(Extent extent, std::vector<std::string> names) : extent_(extent), names_(std::move(names)) {}

 private:
  Extent extent_;
  std::vector<std::string> names_;
};

/// Channels that lie in memory.
class HeldChannels : public ChannelSource {
 public:
  /// @param planes  one per name, all of one extent; they must outlive this
  HeldChannels(Extent extent, std::vector<std::string> names, std::vector<Plane<const float>> planes);
  /// Takes a field over.
  explicit HeldChannels(Field field);

  bool held() const override { return true; }
  ChannelWindow read(const CpuQueue& q, Rect window, std::span<const int> channels) const override;
  Histogram16 histogram(CpuQueue& q, int channel) const override;
  float largest_magnitude(const CpuQueue& q, int channel) const override;

 private:
  Field field_;
  std::vector<Plane<const float>> planes_;
};

}  // namespace hexaplex
