#include "core/classify/annotations.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

double squared(PlacePx a, PlacePx b) {
  return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
}

}  // namespace

std::vector<Annotation> read_annotations(const std::filesystem::path& file) {
  std::vector<Annotation> annotations;
  for (DrawnObject& one : read_drawn_objects(file))
    if (!one.kind.empty() && !(one.points.empty() && one.rings.empty())) annotations.push_back(std::move(one));
  if (annotations.empty())
    throw InputError(file.string(), "holds no classified point or area; give annotations a class in QuPath");
  return annotations;
}

std::vector<int> annotated_kinds(std::span<const AnnotatedPlace> nuclei, std::span<const Annotation> annotations,
                                 std::span<const std::string> kinds, const std::string& file) {
  std::vector<int> out(nuclei.size(), -1);
  const auto set = [&](std::size_t i, int kind) {
    if (out[i] >= 0 && out[i] != kind)
      throw InputError(
          file, fmt::format("calls the cell at ({:.0f}, {:.0f}) both {} and {}; take one out", nuclei[i].centre.x,
                            nuclei[i].centre.y, kinds[static_cast<std::size_t>(out[i])],
                            kinds[static_cast<std::size_t>(kind)]));
    out[i] = kind;
  };
  for (const Annotation& a : annotations) {
    const auto kind = static_cast<int>(std::find(kinds.begin(), kinds.end(), a.kind) - kinds.begin());
    HX_EXPECT(kind < static_cast<int>(kinds.size()), "a kind is not in the list");
    const DrawnAreas area({a.rings});
    for (std::size_t i = 0; i < nuclei.size(); ++i)
      if (area.contains(nuclei[i].centre)) set(i, kind);
    for (const PlacePx& p : a.points) {
      std::size_t nearest = nuclei.size();
      for (std::size_t i = 0; i < nuclei.size(); ++i)
        if (squared(nuclei[i].centre, p) <= 4 * nuclei[i].radius_px * nuclei[i].radius_px &&
            (nearest == nuclei.size() || squared(nuclei[i].centre, p) < squared(nuclei[nearest].centre, p)))
          nearest = i;
      if (nearest < nuclei.size()) set(nearest, kind);
    }
  }
  return out;
}

}  // namespace hexaplex
