#include "kernels/measure/label_runs.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

constexpr int kBandRows = 64;

struct Band {
  HostVector<PixelRun> runs;
  HostVector<std::uint32_t> labels;  // one per run
};

bool eight_zeros(const std::uint32_t* p) {
  std::uint64_t w[4];
  std::memcpy(w, p, sizeof w);
  return (w[0] | w[1] | w[2] | w[3]) == 0;
}

void collect_row(const std::uint32_t* outer, const std::uint32_t* inner, int width, int y, int origin_x, int origin_y,
                 Band& band) {
  const auto add = [&](std::uint32_t label, int begin, int end, unsigned part) {
    band.runs.push_back({origin_y + y, origin_x + begin, origin_x + end, part});
    band.labels.push_back(label);
  };
  int x = 0;
  while (x < width) {
    const std::uint32_t label = outer[x], inside = inner != nullptr ? inner[x] : 0;
    if (label == 0 && inside == 0) {
      if (x + 8 <= width && eight_zeros(outer + x) && (inner == nullptr || eight_zeros(inner + x)))
        x += 8;
      else
        ++x;
      continue;
    }
    const int begin = x;
    if (inner != nullptr)
      while (x < width && outer[x] == label && inner[x] == inside) ++x;
    else
      while (x < width && outer[x] == label) ++x;
    if (inside != 0) add(inside, begin, x, kInnerPart);
    if (label != 0 && label != inside) add(label, begin, x, 0);
  }
}

// Rank of every label that occurs. Dense labels are looked up in a table, sparse ones by bisection.
class LabelRanks {
 public:
  LabelRanks(const std::vector<Band>& bands, std::int64_t runs) {
    std::uint32_t largest = 0;
    for (const Band& band : bands)
      for (std::uint32_t label : band.labels) largest = std::max(largest, label);
    if (largest < 4 * runs + 4096) {
      table_.assign(static_cast<std::size_t>(largest) + 1, 0);
      for (const Band& band : bands)
        for (std::uint32_t label : band.labels) table_[label] = 1;
      for (std::size_t label = 0; label < table_.size(); ++label)
        if (table_[label] != 0) {
          table_[label] = static_cast<std::uint32_t>(labels.size());
          labels.push_back(static_cast<std::uint32_t>(label));
        }
    } else {
      for (const Band& band : bands) labels.insert(labels.end(), band.labels.begin(), band.labels.end());
      std::sort(labels.begin(), labels.end());
      labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    }
  }
  std::size_t operator()(std::uint32_t label) const {
    if (!table_.empty()) return table_[label];
    return static_cast<std::size_t>(std::lower_bound(labels.begin(), labels.end(), label) - labels.begin());
  }
  HostVector<std::uint32_t> labels;

 private:
  std::vector<std::uint32_t> table_;
};

}  // namespace

RegionRuns label_runs(const CpuQueue& q, Plane<const std::uint32_t> outer, Plane<const std::uint32_t> inner,
                      int origin_x, int origin_y) {
  const bool has_inner = !inner.extent.empty();
  HX_EXPECT(!has_inner || inner.extent == outer.extent, "the label planes differ in extent");
  const int width = outer.width(), height = std::max(outer.height(), 0);
  std::vector<Band> bands(static_cast<std::size_t>((height + kBandRows - 1) / kBandRows));
  for_each_task(q, static_cast<std::int64_t>(bands.size()), [&](std::int64_t b) {
    const int end = std::min(height, static_cast<int>(b + 1) * kBandRows);
    for (int y = static_cast<int>(b) * kBandRows; y < end; ++y)
      collect_row(outer.row(y), has_inner ? inner.row(y) : nullptr, width, y, origin_x, origin_y, bands[b]);
  });

  const std::int64_t total =
      std::accumulate(bands.begin(), bands.end(), std::int64_t{0},
                      [](std::int64_t n, const Band& b) { return n + static_cast<std::int64_t>(b.runs.size()); });
  LabelRanks rank(bands, total);
  RegionRuns out;
  // A counting sort keeps the raster order inside each label.
  out.first.assign(rank.labels.size() + 1, 0);
  for (const Band& band : bands)
    for (std::uint32_t label : band.labels) ++out.first[rank(label) + 1];
  std::partial_sum(out.first.begin(), out.first.end(), out.first.begin());
  out.runs.resize(static_cast<std::size_t>(total));
  std::vector<std::int64_t> next(out.first.begin(), out.first.end() - 1);
  for (const Band& band : bands)
    for (std::size_t i = 0; i < band.runs.size(); ++i)
      out.runs[static_cast<std::size_t>(next[rank(band.labels[i])]++)] = band.runs[i];
  out.labels = std::move(rank.labels);
  return out;
}

}  // namespace hexaplex
