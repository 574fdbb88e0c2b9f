#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hexaplex {

/// A place in a slide's pixels as QuPath counts them: the corner of the first pixel is (0, 0), its centre (0.5, 0.5).
struct PlacePx {
  double x = 0, y = 0;
};

/// A closed outline; the last place leads back to the first, whether it repeats it or not.
using Ring = std::vector<PlacePx>;

/// Places number `begin` to before `end` of a row of them.
struct Span {
  int begin = 0, end = 0;
  bool operator==(const Span&) const = default;
};

/// Areas that were drawn, joined. A place is inside an area when an odd number of its rings' edges lies to its right,
/// so a ring inside a ring is a hole; of a place on an edge the left and upper side is inside. Two areas that share an
/// edge share no place, and no place between them is lost. Edges are kept by bands of y: a question costs what the
/// edges of one band cost, not all of them.
class DrawnAreas {
 public:
  DrawnAreas() = default;  ///< nothing

  /// @param areas  each the rings of one area
  /// Throws: InvalidArgument for places that are no numbers
  explicit DrawnAreas(const std::vector<std::vector<Ring>>& areas);

  bool contains(PlacePx p) const;

  /// Which of the places (first + i * step, y), i from 0 to before `count`, are inside: ascending, apart from each
  /// other. Every place is answered as contains() answers it.
  std::vector<Span> along(double y, double first, double step, int count) const;

  /// Corners of the box around all edges; the second lies left of the first where there is none.
  PlacePx least() const { return least_; }
  PlacePx most() const { return most_; }

 private:
  struct Edge {
    PlacePx from, to;  // from above to
    std::uint32_t area;
    double crossing(double y) const { return (to.x - from.x) * (y - from.y) / (to.y - from.y) + from.x; }
  };
  void add_edge(PlacePx a, PlacePx b, std::uint32_t area);
  std::size_t band_of(double y) const;
  std::uint64_t entries() const;
  void sort_into_bands();
  template <class F>
  void for_each_crossing(double y, F f) const;  // f(area, x); areas ascend

  std::vector<Edge> edges_;
  std::size_t bands_ = 0;
  std::vector<std::uint64_t> first_;   // of each band in listed_
  std::vector<std::uint32_t> listed_;  // edges
  PlacePx least_{0, 0}, most_{-1, -1};
};

/// Spans of `from` without those of `taken`; both as along() gives them.
std::vector<Span> without(const std::vector<Span>& from, const std::vector<Span>& taken);

}  // namespace hexaplex
