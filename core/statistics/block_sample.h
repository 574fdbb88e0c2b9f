#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/statistics/random_stream.h"

namespace hexaplex {

/// A value, and the block that it lies in.
struct BlockValue {
  double value = 0;
  std::uint32_t block = 0;
};

/// How often each block of a sample is taken. Its values then count as often.
using BlockCounts = std::vector<std::uint32_t>;

/// Values in blocks (cells in squares of tissue), sorted once, so that shares and quantiles of any draw of blocks need
/// neither sorting nor a walk over all values: sums over blocks at every 256th part, and a walk within one part.
/// Whole numbers decide everything, so that results hang on nothing but the values and the draw.
class BlockSample {
 public:
  /// Blocks are numbered anew from 0 in ascending order of their given numbers; each holds a value or more.
  /// Throws: InvalidArgument for no value, or one that is not finite.
  explicit BlockSample(std::vector<BlockValue> values);

  std::size_t size() const { return values_.size(); }
  std::size_t blocks() const { return blocks_; }

  /// Blocks of equal size that would tell as much of a mean: (sum of sizes)^2 / sum of sizes^2. 1 .. blocks().
  /// Source: Kish 1965, Survey Sampling.
  double effective_blocks() const;

  /// Every block once: the sample as it is.
  BlockCounts once() const { return BlockCounts(blocks_, 1); }

  /// `many` blocks drawn with replacement. @param counts  is filled
  void draw(RandomStream& random, std::size_t many, BlockCounts& counts) const;

  /// Values that count.
  std::uint64_t count(const BlockCounts& counts) const { return before(counts, values_.size()); }

  /// Those below a limit.
  std::uint64_t count_below(const BlockCounts& counts, double limit) const;

  /// The value at rank floor((count - 1) parts / of) of those that count, from 0: with 1 and 2 the median, the lower
  /// of two in the middle. One value or more must count.
  double quantile(const BlockCounts& counts, std::uint64_t parts, std::uint64_t of) const;

 private:
  std::uint64_t at_part(const BlockCounts& counts, std::size_t part) const;
  std::uint64_t before(const BlockCounts& counts, std::size_t position) const;

  std::vector<double> values_;              // ascending
  std::vector<std::uint32_t> block_of_;     // of each
  std::vector<std::uint32_t> before_part_;  // [part][block]: values of the block in earlier parts
  std::size_t blocks_ = 0, parts_ = 0, part_size_ = 0;
};

}  // namespace hexaplex
