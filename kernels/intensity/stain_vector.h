#pragma once

#include <array>
#include <cmath>

// Vectors of three colours. Angles are told by their cosines, which need no function but the root.

namespace hexaplex {

/// What a stain takes away from red, green and blue light: optical density, in any unit.
using StainVector = std::array<double, 3>;

inline StainVector operator+(const StainVector& a, const StainVector& b) {
  return {a[0] + b[0], a[1] + b[1], a[2] + b[2]};
}
inline StainVector operator-(const StainVector& a, const StainVector& b) {
  return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}
inline StainVector operator*(double f, const StainVector& v) {
  return {f * v[0], f * v[1], f * v[2]};
}
inline double dot(const StainVector& a, const StainVector& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
inline StainVector cross(const StainVector& a, const StainVector& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
inline double length(const StainVector& v) {
  return std::sqrt(dot(v, v));
}
/// v must not be 0.
inline StainVector unit(const StainVector& v) {
  return 1 / length(v) * v;
}

}  // namespace hexaplex
