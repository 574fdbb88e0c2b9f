#include "core/segmentation/piece_nuclei.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>

#include "core/compute/plane_copies.h"
#include "core/segmentation/field_nuclei.h"
#include "kernels/runtime/queue_plane.h"

namespace hexaplex {

namespace {

constexpr ComputeStage kStage{"nuclei", true};  // a piece that does not fit goes there in tiles

// What finding nuclei takes at its peak, in bytes: planes, and tables of fragments, of which small nuclei have more.
// From measured runs (25 to 59 bytes a pixel), rounded up.
std::int64_t need_bytes(Extent e, double nucleus_px) {
  constexpr double kPlanes = 48, kTables = 240, kFixed = 4 << 20;
  return static_cast<std::int64_t>(static_cast<double>(e.area()) * (kPlanes + kTables / (nucleus_px * nucleus_px)) +
                                   kFixed);
}

// A piece that lies on the device.
class PieceOnDevice {
 public:
  PieceOnDevice(CpuQueue& q, ComputePlace& place, const NucleiImages& images, const NucleiParams& p)
      : stream_(place.device()) {
    const Extent e = images.extent;
    place.require_budget(fmt::format("finding the nuclei of {} x {} pixels", e.width, e.height),
                         need_bytes(e, p.nucleus_px));
    nuclear_ = QueuePlane<std::uint16_t>(queue(), e);
    wall_ = QueuePlane<std::uint16_t>(queue(), images.wall ? e : Extent{});
    synchronise(queue());
    send(q, place, images.nuclear, nuclear_.view());
    if (images.wall) send(q, place, images.wall, wall_.view());
    FieldImages there{std::as_const(nuclear_).view(), {}, {}};
    if (images.wall) there.wall = std::as_const(wall_).view();
    if (images.tissue) there.tissue = images.tissue({0, 0, e.width, e.height});
    search_.emplace(queue(), std::move(there), p);
  }

  Histogram16 survey() const { return search_->survey(); }

  HostPlane<std::uint32_t> find(CpuQueue& q, ComputePlace& place, const Histogram16& levels) {
    const QueuePlane<std::uint32_t> labels = search_->find(levels);
    search_.reset();
    synchronise(queue());
    return fetch_in_bands<std::uint32_t>(q, place.lanes(), labels.view());
  }

 private:
  Queue queue() const {
#if HX_WITH_CUDA
    return stream_.queue();
#else
    return CpuQueue{};
#endif
  }
  static void send(CpuQueue& q, ComputePlace& place, const WindowLoader& load, Plane<std::uint16_t> to) {
    send_in_bands<std::uint16_t>(q, place.lanes(), to, [&](Rect band, Plane<std::uint16_t> dst) {
      CpuQueue one{1};
      load(one, band, dst);
    });
  }

  Stream stream_;
  QueuePlane<std::uint16_t> nuclear_, wall_;
  std::optional<FieldNucleiSearch> search_;
};

// A piece between its two steps: whole on the device, or on the host, from where a device may take tiles of it.
struct Piece {
  const NucleiImages& images;
  std::unique_ptr<PieceOnDevice> there;
  std::unique_ptr<NucleiSearch> here;
};

Histogram16 survey(CpuQueue& q, ComputePlace& place, Piece& piece, const NucleiParams& p, bool keep) {
  return place.either(
      kStage,
      [&] {
        auto there = std::make_unique<PieceOnDevice>(q, place, piece.images, p);
        Histogram16 levels = there->survey();
        if (keep) piece.there = std::move(there);
        return levels;
      },
      [&] {
        piece.here = std::make_unique<NucleiSearch>(piece.images, p, &place);
        return piece.here->survey(q);
      });
}

HostPlane<std::uint32_t> find(CpuQueue& q, ComputePlace& place, Piece& piece, const NucleiParams& p,
                              const Histogram16& levels) {
  const auto in_tiles = [&] {
    piece.there.reset();
    if (piece.here == nullptr) {
      piece.here = std::make_unique<NucleiSearch>(piece.images, p, &place);
      (void)piece.here->survey(q);  // the levels are known; smoothed images and landscape are made again
    }
    const std::unique_ptr<NucleiSearch> search = std::move(piece.here);
    return search->find(q, levels);
  };
  if (piece.here != nullptr) return in_tiles();
  return place.either(
      kStage,
      [&] {
        std::unique_ptr<PieceOnDevice> there = std::move(piece.there);
        if (there == nullptr) there = std::make_unique<PieceOnDevice>(q, place, piece.images, p);
        return there->find(q, place, levels);
      },
      in_tiles);
}

}  // namespace

std::vector<HostPlane<std::uint32_t>> find_nuclei_of_pieces(CpuQueue& q, ComputePlace& place,
                                                            const std::vector<NucleiImages>& images,
                                                            const NucleiParams& p) {
  std::vector<Piece> pieces;
  for (const NucleiImages& one : images) pieces.push_back({one, nullptr, nullptr});
  Histogram16 levels = empty_histogram();
  // Sent twice where there are several: together they might not fit.
  const bool keep = pieces.size() == 1;
  for (Piece& piece : pieces) {
    const Histogram16 own = survey(q, place, piece, p, keep);
    add(own, levels);
  }
  std::vector<HostPlane<std::uint32_t>> labels;
  for (Piece& piece : pieces) labels.push_back(find(q, place, piece, p, levels));
  return labels;
}

}  // namespace hexaplex
