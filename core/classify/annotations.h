#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/io/drawn_objects.h"

namespace hexaplex {

/// What somebody drew around cells, or a point on one, and what they called it.
using Annotation = DrawnObject;

/// Reads the classified objects of a GeoJSON file as QuPath exports it: points and areas; others are left out.
/// Throws: InputError, with the mend, for a file that is no GeoJSON or has no classified object.
std::vector<Annotation> read_annotations(const std::filesystem::path& file);

/// A nucleus that may have been annotated.
struct AnnotatedPlace {
  PlacePx centre;
  double radius_px = 0;  ///< of a circle of its area
};

/// The kind of each nucleus, an index into `kinds`; -1: nobody annotated it. An area tells of the nuclei whose centres
/// lie in it, a point of the nearest whose centre lies within twice its radius.
/// @param kinds  in alphabetical order, all that occur
/// Throws: InputError naming `file` where a nucleus was given two kinds
std::vector<int> annotated_kinds(std::span<const AnnotatedPlace> nuclei, std::span<const Annotation> annotations,
                                 std::span<const std::string> kinds, const std::string& file);

}  // namespace hexaplex
