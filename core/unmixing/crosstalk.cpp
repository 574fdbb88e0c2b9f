#include "core/unmixing/crosstalk.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <limits>
#include <mutex>
#include <utility>

#include "core/unmixing/library.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/host_device.h"
#include "kernels/runtime/host_memory.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

constexpr std::int64_t kBrightPixels = 3200;
constexpr std::int64_t kSkippedOneIn = 10000;
constexpr double kLeastSupport = 0.5;
constexpr double kLeastEvenness = 0.6;

/// An integer that orders like the float.
std::uint32_t ordered_key(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

float value_of(std::uint32_t key) {
  return std::bit_cast<float>(key & 0x80000000u ? key & 0x7fffffffu : ~key);
}

struct Ranked {
  std::uint32_t key;
  std::int64_t index;  // raster position in the image
};

template <class R>
bool brighter(const R& a, const R& b) {
  return a.key != b.key ? a.key > b.key : a.index < b.index;
}

// Keeps the `count` brightest; gives the key of the last one.
template <class Vector>
std::uint32_t keep_brightest(Vector& pixels, std::size_t count) {
  const auto last = pixels.begin() + static_cast<std::ptrdiff_t>(count) - 1;
  std::nth_element(pixels.begin(), last, pixels.end(), [](const auto& a, const auto& b) { return brighter(a, b); });
  const std::uint32_t least = last->key;
  pixels.resize(count);
  return least;
}

HX_CLONES bool any_from(const float* row, int n, float bound) {
  int any = 0;
  for (int i = 0; i < n; ++i) any |= row[i] >= bound ? 1 : 0;
  return any != 0;
}

/// Mean of the (up to eight) neighbours of pixel (x, y) of a plane; the pixel itself where it has none.
double neighbour_mean(Plane<const float> plane, int x, int y) {
  double sum = 0;
  int count = 0;
  for (int v = std::max(0, y - 1); v <= std::min(plane.height() - 1, y + 1); ++v)
    for (int u = std::max(0, x - 1); u <= std::min(plane.width() - 1, x + 1); ++u) {
      if (u == x && v == y) continue;
      sum += plane(u, v);
      ++count;
    }
  return count > 0 ? sum / count : plane(x, y);
}

}  // namespace

/// The brightest pixels of one component so far, and the values of all components there.
class CrosstalkCollector::Brightest {
 public:
  Brightest(int primary, Extent image, std::int64_t pixels, std::size_t components)
      : primary_(primary),
        image_(image),
        components_(components),
        skipped_((pixels + kSkippedOneIn - 1) / kSkippedOneIn),
        taken_(std::max<std::int64_t>(0, std::min(kBrightPixels, pixels - skipped_))),
        wanted_(static_cast<std::size_t>(skipped_ + taken_)) {}

  void add(Rect window, std::span<const Plane<const float>> planes) {
    if (taken_ == 0) return;
    const std::vector<Ranked> found = candidates(window, planes[primary_]);
    if (found.empty()) return;
    std::lock_guard<std::mutex> lock(guard_);
    for (const Ranked& r : found) {
      if (r.key < least_.load(std::memory_order_relaxed)) continue;
      const int x = static_cast<int>(r.index % image_.width) - window.x;
      const int y = static_cast<int>(r.index / image_.width) - window.y;
      pixels_.push_back({r.index, r.key, pixels_.size(), neighbours(window, planes[primary_], x, y)});
      for (const auto& p : planes) values_.push_back(p(x, y));
    }
    if (pixels_.size() > 2 * wanted_) reduce();
  }

  void finish(const Reader& read, CrosstalkTable& table) {
    if (taken_ == 0) return;
    if (pixels_.size() > wanted_) reduce();
    HX_EXPECT(pixels_.size() == wanted_, "the windows do not cover the image");
    std::sort(pixels_.begin(), pixels_.end(), [](const Pixel& a, const Pixel& b) { return brighter(a, b); });
    std::vector<Pixel> bright(pixels_.begin() + skipped_, pixels_.end());
    std::sort(bright.begin(), bright.end(), [](const Pixel& a, const Pixel& b) { return a.index < b.index; });
    table.pixels[primary_] = taken_;
    const double own = sum(bright, primary_);
    if (!(own > 0)) return;
    float least = std::numeric_limits<float>::infinity();
    double around = 0;
    for (const Pixel& p : bright) {
      least = std::min(least, value(p, primary_));
      around += std::isnan(p.neighbours) ? read_neighbours(read, p.index) : p.neighbours;
    }
    table.evenness[primary_] = static_cast<double>(least) * static_cast<double>(bright.size()) / own;
    table.support[primary_] = around / own;
    for (std::size_t other = 0; other < components_; ++other)
      table.ratio[static_cast<std::size_t>(primary_) * components_ + other] =
          sum(bright, static_cast<int>(other)) / own;
  }

 private:
  struct Pixel {
    std::int64_t index;
    std::uint32_t key;
    std::size_t row;    // of values_
    double neighbours;  // their mean; NaN: some lie outside the window
  };

  // What may still be among the brightest.
  std::vector<Ranked> candidates(Rect window, Plane<const float> plane) const {
    constexpr int kStep = 64;
    std::vector<Ranked> found;
    std::uint32_t least = least_.load(std::memory_order_relaxed);
    float bound = value_of(least);
    for (int y = 0; y < window.height; ++y) {
      const float* row = plane.row(y);
      const std::int64_t first = static_cast<std::int64_t>(window.y + y) * image_.width + window.x;
      for (int x = 0; x < window.width; x += kStep) {
        const int n = std::min(kStep, window.width - x);
        if (least != 0 && !any_from(row + x, n, bound)) continue;
        for (int i = x; i < x + n; ++i)
          if (const std::uint32_t key = ordered_key(row[i]); key >= least) found.push_back({key, first + i});
      }
      if (found.size() > 2 * wanted_ + 4096) {
        least = keep_brightest(found, wanted_);
        bound = value_of(least);
      }
    }
    return found;
  }

  double neighbours(Rect window, Plane<const float> plane, int x, int y) const {
    const bool cut = (x == 0 && window.x > 0) || (y == 0 && window.y > 0) ||
                     (x + 1 == window.width && window.right() < image_.width) ||
                     (y + 1 == window.height && window.bottom() < image_.height);
    return cut ? std::numeric_limits<double>::quiet_NaN() : neighbour_mean(plane, x, y);
  }

  double read_neighbours(const Reader& read, std::int64_t index) const {
    const int x = static_cast<int>(index % image_.width), y = static_cast<int>(index / image_.width);
    const int left = std::max(0, x - 1), top = std::max(0, y - 1);
    const Rect around{left, top, std::min(image_.width, x + 2) - left, std::min(image_.height, y + 2) - top};
    return neighbour_mean(read(around, primary_).view(), x - left, y - top);
  }

  void reduce() {
    least_.store(keep_brightest(pixels_, wanted_), std::memory_order_relaxed);
    HostVector<float> values(wanted_ * components_);
    for (std::size_t i = 0; i < pixels_.size(); ++i) {
      std::copy_n(values_.begin() + static_cast<std::ptrdiff_t>(pixels_[i].row * components_), components_,
                  values.begin() + static_cast<std::ptrdiff_t>(i * components_));
      pixels_[i].row = i;
    }
    values_ = std::move(values);
  }

  float value(const Pixel& p, int component) const {
    return values_[p.row * components_ + static_cast<std::size_t>(component)];
  }
  double sum(const std::vector<Pixel>& pixels, int component) const {
    double sum = 0;
    for (const Pixel& p : pixels) sum += static_cast<double>(value(p, component));
    return sum;
  }

  const int primary_;
  const Extent image_;
  const std::size_t components_;
  const std::int64_t skipped_, taken_;
  const std::size_t wanted_;
  std::mutex guard_;
  std::atomic<std::uint32_t> least_{0};  // keys below it are not among the brightest
  HostVector<Pixel> pixels_;
  HostVector<float> values_;  // [pixel x component]
};

CrosstalkCollector::CrosstalkCollector(std::vector<std::string> names, Extent image, std::int64_t pixels)
    : names_(std::move(names)), image_(image) {
  for (std::size_t i = 0; i < names_.size(); ++i)
    primaries_.push_back(std::make_unique<Brightest>(static_cast<int>(i), image, pixels, names_.size()));
}

CrosstalkCollector::~CrosstalkCollector() = default;

void CrosstalkCollector::add(Rect window, std::span<const Plane<const float>> planes) {
  HX_EXPECT(planes.size() == names_.size(), "one plane per component is needed");
  for (const auto& p : planes) HX_EXPECT(p.extent == window.extent(), "the components differ in extent");
  for (const auto& primary : primaries_) primary->add(window, planes);
}

CrosstalkTable CrosstalkCollector::finish(const Reader& read) {
  const std::size_t n = names_.size();
  const double none = std::numeric_limits<double>::quiet_NaN();
  CrosstalkTable table{names_, std::vector<double>(n * n, none), std::vector<std::int64_t>(n),
                       std::vector<double>(n, none), std::vector<double>(n, none)};
  for (const auto& primary : primaries_) primary->finish(read, table);
  return table;
}

CrosstalkTable crosstalk_table(const CpuQueue& q, std::span<const std::string> names,
                               std::span<const Plane<const float>> planes) {
  HX_EXPECT(names.size() == planes.size(), "one name per component is needed");
  const Extent extent = planes.empty() ? Extent{} : planes[0].extent;
  for (const auto& p : planes) HX_EXPECT(p.extent == extent, "the components differ in extent");
  CrosstalkCollector collector({names.begin(), names.end()}, extent);
  constexpr int kRows = 256;
  for_each_task(q, (extent.height + kRows - 1) / kRows, [&](std::int64_t i) {
    const int y = static_cast<int>(i) * kRows;
    const Rect band{0, y, extent.width, std::min(kRows, extent.height - y)};
    std::vector<Plane<const float>> views;
    for (const auto& p : planes) views.push_back(p.window(band));
    collector.add(band, views);
  });
  return collector.finish([&](Rect window, int component) {
    HostPlane<float> out(window.extent());
    for (int y = 0; y < window.height; ++y)
      std::copy_n(planes[component].row(window.y + y) + window.x, window.width, out.view().row(y));
    return out;
  });
}

bool CrosstalkTable::assessable(int primary) const {
  return components[primary] != kAutofluorescence && support[primary] >= kLeastSupport &&
         evenness[primary] >= kLeastEvenness;
}

const char* crosstalk_grade(double ratio) {
  if (ratio < 0.02) return "good for expression";
  if (ratio < 0.05) return "good for phenotyping";
  return ratio <= 0.10 ? "fair" : "poor";
}

}  // namespace hexaplex
