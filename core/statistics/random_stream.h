#pragma once

#include <cstddef>
#include <cstdint>

namespace hexaplex {

/// Pseudo-random integers that are the same on every machine: for resampling, never for secrets.
/// Source: SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators").
class RandomStream {
 public:
  explicit RandomStream(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  /// One of 0 .. count - 1, each as likely as the others to within count / 2^32. @param count  1 .. 2^32 - 1
  std::size_t below(std::size_t count) {
    return static_cast<std::size_t>(((next() >> 32) * static_cast<std::uint64_t>(count)) >> 32);
  }

 private:
  std::uint64_t state_;
};

}  // namespace hexaplex
