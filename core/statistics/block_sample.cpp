#include "core/statistics/block_sample.h"

#include <algorithm>
#include <cmath>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr std::size_t kMostParts = 256;

}  // namespace

BlockSample::BlockSample(std::vector<BlockValue> values) {
  HX_EXPECT(!values.empty(), "a sample needs a value");
  std::vector<std::uint32_t> numbers;
  for (const BlockValue& v : values) {
    HX_EXPECT(std::isfinite(v.value), "a sample holds a value that is not finite");
    numbers.push_back(v.block);
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  blocks_ = numbers.size();
  // Equal values in order of their blocks: the same sums for any order in which they came.
  std::sort(values.begin(), values.end(), [](const BlockValue& a, const BlockValue& b) {
    return a.value != b.value ? a.value < b.value : a.block < b.block;
  });
  for (const BlockValue& v : values) {
    values_.push_back(v.value);
    block_of_.push_back(
        static_cast<std::uint32_t>(std::lower_bound(numbers.begin(), numbers.end(), v.block) - numbers.begin()));
  }
  part_size_ = (values_.size() + kMostParts - 1) / kMostParts;
  parts_ = (values_.size() + part_size_ - 1) / part_size_;
  before_part_.assign((parts_ + 1) * blocks_, 0);
  for (std::size_t part = 0; part < parts_; ++part) {
    const auto here = before_part_.begin() + static_cast<std::ptrdiff_t>(part * blocks_);
    const auto next = here + static_cast<std::ptrdiff_t>(blocks_);
    std::copy(here, next, next);
    for (std::size_t i = part * part_size_; i < std::min(values_.size(), (part + 1) * part_size_); ++i)
      ++next[block_of_[i]];
  }
}

double BlockSample::effective_blocks() const {
  double sum = 0, squares = 0;
  for (std::size_t b = 0; b < blocks_; ++b) {
    const auto size = static_cast<double>(before_part_[parts_ * blocks_ + b]);
    sum += size;
    squares += size * size;
  }
  return sum * sum / squares;
}

void BlockSample::draw(RandomStream& random, std::size_t many, BlockCounts& counts) const {
  counts.assign(blocks_, 0);
  for (std::size_t i = 0; i < many; ++i) ++counts[random.below(blocks_)];
}

std::uint64_t BlockSample::at_part(const BlockCounts& counts, std::size_t part) const {
  const std::uint32_t* sizes = before_part_.data() + part * blocks_;
  std::uint64_t sum = 0;
  for (std::size_t b = 0; b < blocks_; ++b) sum += std::uint64_t{counts[b]} * sizes[b];
  return sum;
}

std::uint64_t BlockSample::before(const BlockCounts& counts, std::size_t position) const {
  const std::size_t part = position / part_size_;
  std::uint64_t sum = at_part(counts, part);
  for (std::size_t i = part * part_size_; i < position; ++i) sum += counts[block_of_[i]];
  return sum;
}

std::uint64_t BlockSample::count_below(const BlockCounts& counts, double limit) const {
  HX_EXPECT(counts.size() == blocks_, "one count is needed for each block");
  const auto position = std::lower_bound(values_.begin(), values_.end(), limit) - values_.begin();
  return before(counts, static_cast<std::size_t>(position));
}

double BlockSample::quantile(const BlockCounts& counts, std::uint64_t parts, std::uint64_t of) const {
  HX_EXPECT(counts.size() == blocks_ && of > 0 && parts <= of, "a quantile is a share of what counts");
  const std::uint64_t all = count(counts);
  HX_EXPECT(all > 0, "no value counts");
  const std::uint64_t rank = (all - 1) * parts / of;
  std::size_t low = 0, high = parts_;  // at_part(low) <= rank < at_part(high)
  while (high - low > 1) {
    const std::size_t middle = (low + high) / 2;
    (at_part(counts, middle) <= rank ? low : high) = middle;
  }
  std::uint64_t passed = at_part(counts, low);
  for (std::size_t i = low * part_size_;; ++i) {
    passed += counts[block_of_[i]];
    if (passed > rank) return values_[i];
  }
}

}  // namespace hexaplex
