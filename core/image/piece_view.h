#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "core/image/tissue_area.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/plane.h"

namespace hexaplex {

/// A plane of a slide that lies in memory piece by piece; between the pieces it is 0. A view: pixels must outlive it.
template <class T>
class PieceView {
 public:
  PieceView() = default;

  /// One piece: a whole slide.
  PieceView(Plane<const T> whole) : area_(whole.extent), planes_(area_.pieces().size(), whole) {}  // NOLINT: a view

  /// @param planes  one of each piece's extent
  PieceView(TissueArea area, std::vector<Plane<const T>> planes) : area_(std::move(area)), planes_(std::move(planes)) {
    HX_EXPECT(planes_.size() == area_.pieces().size(), "one plane is needed for each piece");
    for (std::size_t i = 0; i < planes_.size(); ++i)
      HX_EXPECT(planes_[i].extent == area_.pieces()[i].extent(), "a plane has another extent than its piece");
  }

  Extent extent() const { return area_.slide(); }
  const TissueArea& area() const { return area_; }
  Plane<const T> piece(std::size_t i) const { return planes_[i]; }

  T at(int x, int y) const {
    for (std::size_t i = 0; i < planes_.size(); ++i) {
      const Rect& p = area_.pieces()[i];
      if (x >= p.x && x < p.right() && y >= p.y && y < p.bottom()) return planes_[i](x - p.x, y - p.y);
    }
    return T{};
  }

  /// A window that lies in one piece.
  Plane<const T> inside(std::size_t piece, Rect window) const {
    return planes_[piece].window(seen_from(area_.pieces()[piece].x, area_.pieces()[piece].y, window));
  }

  /// Any window: a view where it lies in one piece, else a copy.
  struct Window {
    Plane<const T> pixels;
    HostPlane<T> owned;
  };
  Window read(Rect window) const {
    if (const auto piece = area_.piece_around(window)) return {inside(*piece, window), {}};
    Window out{{}, HostPlane<T>(window.extent())};
    copy(window, out.owned.view());
    out.pixels = out.owned.view();
    return out;
  }

  /// Copies any window.
  void copy(Rect window, Plane<T> dst) const {
    HX_EXPECT(dst.extent == window.extent(), "dst must be of the window's extent");
    const bool covered = area_.piece_around(window).has_value();
    if (!covered)
      for (int y = 0; y < window.height; ++y) std::fill_n(dst.row(y), window.width, T{});
    for (std::size_t i = 0; i < planes_.size(); ++i) {
      const Rect part = common(area_.pieces()[i], window);
      if (part.extent().empty()) continue;
      const Plane<const T> from = inside(i, part);
      for (int y = 0; y < part.height; ++y)
        std::copy_n(from.row(y), part.width, dst.row(part.y - window.y + y) + part.x - window.x);
    }
  }

 private:
  TissueArea area_;
  std::vector<Plane<const T>> planes_;
};

/// The same with its memory; pixels uninitialised.
template <class T>
class PiecePlanes {
 public:
  PiecePlanes() = default;
  explicit PiecePlanes(TissueArea area) : area_(std::move(area)) {
    for (const Rect& p : area_.pieces()) planes_.emplace_back(p.extent());
  }
  /// @param planes  one of each piece's extent
  PiecePlanes(TissueArea area, std::vector<HostPlane<T>> planes) : area_(std::move(area)), planes_(std::move(planes)) {
    HX_EXPECT(planes_.size() == area_.pieces().size(), "one plane is needed for each piece");
  }

  const TissueArea& area() const { return area_; }
  HostPlane<T>& piece(std::size_t i) { return planes_[i]; }
  const HostPlane<T>& piece(std::size_t i) const { return planes_[i]; }

  /// A window that lies in one piece. Throws: InvalidArgument for another.
  Plane<T> inside(Rect window) {
    const std::size_t i = piece_around(window);
    return planes_[i].view().window(seen_from(area_.pieces()[i].x, area_.pieces()[i].y, window));
  }
  Plane<const T> inside(Rect window) const {
    const std::size_t i = piece_around(window);
    return planes_[i].view().window(seen_from(area_.pieces()[i].x, area_.pieces()[i].y, window));
  }

  PieceView<T> view() const {
    std::vector<Plane<const T>> planes;
    for (const HostPlane<T>& p : planes_) planes.push_back(p.view());
    return {area_, std::move(planes)};
  }

 private:
  std::size_t piece_around(Rect window) const {
    const auto piece = area_.piece_around(window);
    HX_EXPECT(piece, "the window lies in no piece of tissue");
    return *piece;
  }

  TissueArea area_;
  std::vector<HostPlane<T>> planes_;
};

}  // namespace hexaplex
