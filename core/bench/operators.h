#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// What operators are timed on: a crowded field of nuclei, made here.
struct BenchInput {
  Extent extent{4096, 4096};  ///< larger than the caches of most machines
  double nucleus_px = 14;
};

/// An operator with its input on a queue, ready to be run again and again.
struct PreparedOperator {
  std::function<void()> reset;            ///< puts back what a run changes, outside the clock; may be empty
  std::function<void()> run;              ///< on CUDA it may return before the work is done
  std::function<std::uint64_t()> digest;  ///< of the bytes that the last run left
  int passes = 1;                         ///< how often a run goes over the input
};

/// An operator that is timed.
struct BenchOperator {
  std::string name;
  double bytes_per_pixel;  ///< the least that must move: each input read once, each output written once
  std::function<PreparedOperator(const Queue&, const BenchInput&)> prepare;
};

/// FNV-1a over values without padding, a 64-bit word each.
template <class T>
std::uint64_t digest_of(std::span<const T> values) {
  static_assert(sizeof(T) <= 8);
  std::uint64_t hash = 0xcbf29ce484222325ull;
  for (const T& v : values) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &v, sizeof(T));
    hash = (hash ^ bits) * 0x100000001b3ull;
  }
  return hash;
}

template <class T>
std::uint64_t digest_of(const HostPlane<T>& pixels) {
  return digest_of(std::span<const T>(pixels.data(), static_cast<std::size_t>(pixels.extent().area())));
}

/// All of them, in the order of the pipeline.
const std::vector<BenchOperator>& bench_operators();

/// Those with this text in their name. Throws: InvalidArgument where there is none.
std::vector<BenchOperator> bench_operators_named(const std::string& text);

}  // namespace hexaplex
