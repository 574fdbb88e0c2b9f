#include "core/image/channel_source.h"

#include "kernels/measure/region_stats.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

std::vector<std::string> names_of(const Field& field) {
  std::vector<std::string> names;
  for (const FieldChannel& c : field.channels) names.push_back(c.name);
  return names;
}

}  // namespace

HeldChannels::HeldChannels(Extent extent, std::vector<std::string> names, std::vector<Plane<const float>> planes)
    : ChannelSource(extent, std::move(names)), planes_(std::move(planes)) {
  HX_EXPECT(planes_.size() == this->names().size(), "one plane is needed for each channel");
  for (std::size_t i = 0; i < planes_.size(); ++i)
    HX_EXPECT(planes_[i].extent == extent, "the channels differ in extent");
}

HeldChannels::HeldChannels(Field field) : ChannelSource(field.extent, names_of(field)), field_(std::move(field)) {
  for (const FieldChannel& c : field_.channels) planes_.push_back(c.pixels.view());
}

ChannelWindow HeldChannels::read(const CpuQueue&, Rect window, std::span<const int> channels) const {
  ChannelWindow out;
  for (int c : channels) out.planes.push_back(planes_.at(static_cast<std::size_t>(c)).window(window));
  return out;
}

Histogram16 HeldChannels::histogram(CpuQueue& q, int channel) const {
  Histogram16 h = empty_histogram();
  add_to_histogram(q, planes_.at(static_cast<std::size_t>(channel)), h);
  return h;
}

float HeldChannels::largest_magnitude(const CpuQueue& q, int channel) const {
  return hexaplex::largest_magnitude(q, planes_.at(static_cast<std::size_t>(channel)));
}

}  // namespace hexaplex
