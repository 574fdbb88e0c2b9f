#include "core/segmentation/source.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "kernels/intensity/quantise.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

constexpr float kMarkerShare = 1.0f / 3;  // docs/decisions/0605-nuclei-of-stained-sections.md

std::unique_ptr<HeldChannels> channels_of(const SegmentationInput& input) {
  std::vector<std::string> names{"nuclear"};
  std::vector<Plane<const float>> planes{input.nuclear};
  for (const auto& m : input.membranes) {
    names.push_back("membrane " + std::to_string(names.size()));
    planes.push_back(m);
  }
  if (input.giant_marker.data != nullptr) {
    names.emplace_back("giant marker");
    planes.push_back(input.giant_marker);
  }
  return std::make_unique<HeldChannels>(input.nuclear.extent, names, planes);
}

std::vector<int> nuclear_channels(const SegmentationChannels& which) {
  std::vector<int> channels{which.nuclear};
  channels.insert(channels.end(), which.nuclear_markers.begin(), which.nuclear_markers.end());
  return channels;
}

SegmentationChannels all_of(const SegmentationInput& input) {
  SegmentationChannels which;
  const int membranes = static_cast<int>(input.membranes.size());
  for (int i = 1; i <= membranes; ++i) which.membranes.push_back(i);
  if (input.giant_marker.data != nullptr) which.giant_marker = membranes + 1;
  return which;
}

void quantise_one(CpuQueue& q, const ChannelSource& channels, int channel, float scale, Rect window,
                  Plane<std::uint16_t> dst) {
  quantise(q, channels.read(q, window, {&channel, 1}).planes[0], dst, scale);
}

// The nuclear stain, and what markers of nuclei add to it: theirs are the planes behind the first.
void quantise_nuclei(CpuQueue& q, std::span<const Plane<const float>> planes, float scale, Plane<std::uint16_t> dst) {
  quantise(q, planes[0], dst, scale);
  for (const Plane<const float>& marker : planes.subspan(1)) add_quantised(q, marker, dst, kMarkerShare * scale);
}

// The sum of the membranes, 16384 = one reference level of each.
void quantise_walls(CpuQueue& q, std::span<const Plane<const float>> membranes, const std::vector<float>& scales,
                    Plane<std::uint16_t> dst) {
  quantise(q, membranes[0], dst, scales[0]);
  for (std::size_t k = 1; k < scales.size(); ++k) add_quantised(q, membranes[k], dst, scales[k]);
}

WindowLoader loader_of(const PiecePlanes<std::uint16_t>& planes) {
  return [&planes](CpuQueue&, Rect r, Plane<std::uint16_t> dst) {
    const Plane<const std::uint16_t> from = planes.inside(r);
    for (int y = 0; y < r.height; ++y) std::memcpy(dst.row(y), from.row(y), sizeof(std::uint16_t) * r.width);
  };
}

WindowLoader inside(const WindowLoader& load, Rect window) {
  if (!load) return {};
  return [&load, window](CpuQueue& q, Rect r, Plane<std::uint16_t> dst) {
    load(q, {window.x + r.x, window.y + r.y, r.width, r.height}, dst);
  };
}

}  // namespace

// The integers of a slide whose channels are not held.
struct NucleiSource::Kept {
  PiecePlanes<std::uint16_t> nuclear, wall, marker_level, marker_wall;
};

NucleiSource::NucleiSource(CpuQueue& q, const SegmentationInput& input) : planes_(channels_of(input)) {
  set_up(q, *planes_, all_of(input), 0);
}

NucleiSource::NucleiSource(CpuQueue& q, const ChannelSource& channels, const SegmentationChannels& which,
                           TileShape tile_px) {
  set_up(q, channels, which, tile_px);
}

void NucleiSource::set_up(CpuQueue& q, const ChannelSource& channels, const SegmentationChannels& which,
                          TileShape tile_px) {
  area_ = channels.area();
  const Histogram16 keys = channels.histogram(q, which.nuclear);
  const bool subtracts = which.background_square_px > 0;
  const float background = subtracts ? background_level(keys) : 0.0f;
  nuclear_scale_ = nuclear_scale(std::max(reference_level(keys) - background, 1e-9f));
  const WindowLoader counts = [&channels, c = nuclear_channels(which), scale = nuclear_scale_](
                                  CpuQueue& queue, Rect r, Plane<std::uint16_t> dst) {
    quantise_nuclei(queue, channels.read(queue, r, c).planes, scale, dst);
  };
  if (subtracts)
    background_ = LocalBackground(q, area_,
                                  {which.background_square_px, nuclear_counts(double{kStainedLevel}),
                                   nuclear_counts(static_cast<double>(background))},
                                  counts);
  for (int m : which.membranes) wall_scales_.push_back(wall_scale(reference_level(channels.histogram(q, m))));
  if (which.giant_marker) {
    const float top = channels.largest_magnitude(q, *which.giant_marker);
    marker_counts_per_unit_ = top > 0 ? 65535.0f / top : 1.0f;
    marker_wall_scale_ = wall_scale(reference_level(channels.histogram(q, *which.giant_marker)));
  }
  if (!channels.held()) return keep_integers(q, channels, which, tile_px);

  nuclear_ = [counts, background = background_](CpuQueue& queue, Rect r, Plane<std::uint16_t> dst) {
    counts(queue, r, dst);
    if (!background.empty()) background.subtract(r, dst);
  };
  if (!which.membranes.empty())
    wall_ = [&channels, c = which.membranes, scales = wall_scales_](CpuQueue& queue, Rect r, Plane<std::uint16_t> dst) {
      quantise_walls(queue, channels.read(queue, r, c).planes, scales, dst);
    };
  if (!which.giant_marker) return;
  const auto marker = [&](float scale) -> WindowLoader {
    return [&channels, c = *which.giant_marker, scale](CpuQueue& queue, Rect r, Plane<std::uint16_t> dst) {
      quantise_one(queue, channels, c, scale, r, dst);
    };
  };
  marker_.level = marker(marker_counts_per_unit_);
  marker_.wall = marker(marker_wall_scale_);
}

void NucleiSource::keep_integers(CpuQueue& q, const ChannelSource& channels, const SegmentationChannels& which,
                                 TileShape tile_px) {
  const auto kept = std::make_shared<Kept>();
  std::vector<int> wanted = nuclear_channels(which);
  const std::size_t nuclear_planes = wanted.size(), membranes = which.membranes.size();
  wanted.insert(wanted.end(), which.membranes.begin(), which.membranes.end());
  kept->nuclear = PiecePlanes<std::uint16_t>(area_);
  if (!which.membranes.empty()) kept->wall = PiecePlanes<std::uint16_t>(area_);
  if (which.giant_marker) {
    wanted.push_back(*which.giant_marker);
    kept->marker_level = PiecePlanes<std::uint16_t>(area_);
    kept->marker_wall = PiecePlanes<std::uint16_t>(area_);
  }
  const std::vector<Rect> tiles = tissue_tiles(area_, tile_px);
  for_each_task(q, static_cast<std::int64_t>(tiles.size()), [&](std::int64_t i) {
    CpuQueue one{1};
    const Rect r = tiles[i];
    const ChannelWindow seen = channels.read(one, r, wanted);
    const Plane<std::uint16_t> nuclear = kept->nuclear.inside(r);
    const std::span<const Plane<const float>> planes(seen.planes);
    quantise_nuclei(one, planes.first(nuclear_planes), nuclear_scale_, nuclear);
    if (!background_.empty()) background_.subtract(r, nuclear);
    if (!wall_scales_.empty())
      quantise_walls(one, planes.subspan(nuclear_planes, membranes), wall_scales_, kept->wall.inside(r));
    if (!which.giant_marker) return;
    quantise(one, seen.planes.back(), kept->marker_level.inside(r), marker_counts_per_unit_);
    quantise(one, seen.planes.back(), kept->marker_wall.inside(r), marker_wall_scale_);
  });
  nuclear_ = loader_of(kept->nuclear);
  if (!which.membranes.empty()) wall_ = loader_of(kept->wall);
  if (which.giant_marker) {
    marker_.level = loader_of(kept->marker_level);
    marker_.wall = loader_of(kept->marker_wall);
  }
  kept_ = kept;
}

NucleiImages NucleiSource::images(Rect window) const {
  return {window.extent(), inside(nuclear_, window), inside(wall_, window), tissue(window)};
}

std::uint16_t NucleiSource::nuclear_counts(double value) const {
  return static_cast<std::uint16_t>(std::clamp(value * static_cast<double>(nuclear_scale_) + 0.5, 0.0, 65535.0));
}

void NucleiSource::keep_nuclear_only() {
  wall_ = {};
  marker_ = {};
  if (kept_ == nullptr) return;
  for (PiecePlanes<std::uint16_t>* planes : {&kept_->wall, &kept_->marker_level, &kept_->marker_wall})
    *planes = PiecePlanes<std::uint16_t>();
}

MarkerImages NucleiSource::marker(Rect window) const {
  return {inside(marker_.level, window), inside(marker_.wall, window), tissue(window)};
}

WindowTissue NucleiSource::tissue(Rect window) const {
  if (area_.tissue(window) == std::vector<Rect>{window}) return {};
  return [this, window](Rect r) {
    std::vector<Rect> rects = area_.tissue({window.x + r.x, window.y + r.y, r.width, r.height});
    for (Rect& t : rects) t = seen_from(window.x, window.y, t);
    return rects;
  };
}

}  // namespace hexaplex
