#include "core/io/whole_slide.h"

#include <fmt/format.h>
#include <openslide.h>
#include <tiffio.h>

#include <algorithm>
#include <array>
#include <list>
#include <map>
#include <string_view>
#include <tuple>

#include "core/io/pixel_size.h"
#include "core/io/text.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr std::int64_t kMaxSide = 1 << 30;
constexpr int kBlock = 512;                        // pixels a side; a grid of its own, so that windows do not matter
constexpr std::size_t kMaxCachedBlocks = 64;       // 1 MiB each
constexpr std::int64_t kMaxOverview = 16ll << 20;  // pixels
constexpr int kProbe = 128;                        // no scanner's tiles are smaller

struct Format {
  const char* vendor;
  const char* name;
};
constexpr std::array kFormats{Format{"aperio", "Aperio SVS"},    Format{"hamamatsu", "Hamamatsu"},
                              Format{"leica", "Leica SCN"},      Format{"mirax", "MIRAX"},
                              Format{"philips", "Philips TIFF"}, Format{"sakura", "Sakura SVSLIDE"},
                              Format{"trestle", "Trestle TIFF"}, Format{"ventana", "Ventana BIF"}};

std::string format_name(std::string_view vendor) {
  for (const Format& f : kFormats) {
    if (vendor == f.vendor) return f.name;
  }
  return std::string(vendor);
}

struct Close {
  void operator()(openslide_t* s) const { openslide_close(s); }
};
using Handle = std::unique_ptr<openslide_t, Close>;

/// OpenSlide's own libtiff handles report to the global handlers, which would print. Ours have handlers of their own.
void silence_libtiff() {
  static const bool done = (TIFFSetErrorHandler(nullptr), TIFFSetWarningHandler(nullptr), true);
  static_cast<void>(done);
}

std::uint32_t alpha_of(std::uint32_t argb) {
  return argb >> 24;
}

/// The colour of a premultiplied sample, rounded.
std::uint32_t sample_of(std::uint32_t argb, int channel) {
  const std::uint32_t alpha = alpha_of(argb), value = argb >> (16 - 8 * channel) & 0xFFu;
  return alpha == 255 ? value : std::min<std::uint32_t>(255, (value * 255 + alpha / 2) / alpha);
}

class WholeSlide final : public Slide {
 public:
  WholeSlide(Handle handle, const FileBytes& file) : handle_(std::move(handle)) {
    info_.path = file.path();
    require_no_error("cannot be opened as a whole slide", "copy the slide again, with all its files");
    info_.companions = companions_of_whole_slide(file);
    info_.format = format_name(property(OPENSLIDE_PROPERTY_NAME_VENDOR));
    info_.compression = "by OpenSlide";
    info_.rgb = true;
    info_.channels.resize(3);
    info_.channels[0].name = "Red";
    info_.channels[1].name = "Green";
    info_.channels[2].name = "Blue";
    read_levels();
    read_background();
    for (const char* const* name = openslide_get_associated_image_names(handle_.get()); *name != nullptr; ++name)
      info_.associated.push_back(clean_text(*name));
    set_pixel_size(info_, parse_number(property(OPENSLIDE_PROPERTY_NAME_MPP_X)),
                   parse_number(property(OPENSLIDE_PROPERTY_NAME_MPP_Y)), "The slide");
    read_overview();
  }

 private:
  struct Block {
    std::tuple<int, int, int> key;  // level, x, y
    Extent extent;
    std::vector<std::uint32_t> argb;
  };

  std::string property(const char* name) const {
    const char* value = openslide_get_property_value(handle_.get(), name);
    return value == nullptr ? "" : value;
  }

  void require_no_error(const std::string& what, const char* mend) const {
    const char* error = openslide_get_error(handle_.get());
    if (error != nullptr)
      throw InputError(info_.path.string(), fmt::format("{} ({}); {}", what, clean_text(error), mend));
  }

  void read_levels() {
    const int count = openslide_get_level_count(handle_.get());
    for (int l = 0; l < count; ++l) {
      std::int64_t width = -1, height = -1;
      openslide_get_level_dimensions(handle_.get(), l, &width, &height);
      if (width <= 0 || height <= 0 || width > kMaxSide || height > kMaxSide)
        throw InputError(info_.path.string(), fmt::format("claims {} x {} pixels in level {}", width, height, l));
      info_.levels.push_back({static_cast<int>(width), static_cast<int>(height)});
    }
    if (info_.levels.empty()) throw InputError(info_.path.string(), "holds no picture of the slide; export it again");
    info_.extent = info_.levels.front();
  }

  void read_background() {
    const std::string hex = property(OPENSLIDE_PROPERTY_NAME_BACKGROUND_COLOR);
    if (hex.size() != 6 || hex.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return;
    background_ = 0xFF000000u | static_cast<std::uint32_t>(std::stoul(hex, nullptr, 16));
  }

  /// Where the coarsest level has pixels; a slide whose coarsest level is large goes without.
  void read_overview() {
    const int level = static_cast<int>(info_.levels.size()) - 1;
    const Extent extent = info_.levels.back();
    if (extent.area() > kMaxOverview) return;
    HostPlane<std::uint8_t> scanned(extent);
    read_scanned_level(level, {0, 0, extent.width, extent.height}, scanned.view());
    const bool sparse = std::find(scanned.data(), scanned.data() + extent.area(), 0) != scanned.data() + extent.area();
    if (sparse)
      info_.warnings.push_back(fmt::format(
          "Parts of the slide were never scanned; they are read as background (#{:06X}).", background_ & 0xFFFFFFu));
    overview_ = std::move(scanned);
  }

  void read_level(int level, int channel, int, Rect window, Plane<float> dst) override {
    copy(level, window, dst, [&](std::uint32_t argb) { return static_cast<float>(sample_of(shown(argb), channel)); });
  }
  void read_level(int level, int channel, int, Rect window, Plane<std::uint16_t> dst) override {
    copy(level, window, dst,
         [&](std::uint32_t argb) { return static_cast<std::uint16_t>(sample_of(shown(argb), channel)); });
  }
  void read_scanned_level(int level, Rect window, Plane<std::uint8_t> dst) override {
    copy(level, window, dst, [](std::uint32_t argb) { return static_cast<std::uint8_t>(alpha_of(argb) != 0); });
  }

  std::uint32_t shown(std::uint32_t argb) const { return alpha_of(argb) == 0 ? background_ : argb; }

  template <class T, class Value>
  void copy(int level, Rect window, Plane<T> dst, Value value) {
    for (int by = window.y / kBlock; by * kBlock < window.bottom(); ++by) {
      for (int bx = window.x / kBlock; bx * kBlock < window.right(); ++bx) {
        const Block& b = block(level, bx, by);
        const int x0 = std::max(window.x, bx * kBlock), x1 = std::min(window.right(), bx * kBlock + b.extent.width);
        const int y0 = std::max(window.y, by * kBlock), y1 = std::min(window.bottom(), by * kBlock + b.extent.height);
        for (int y = y0; y < y1; ++y) {
          const std::uint32_t* row =
              b.argb.data() + static_cast<std::size_t>(y - by * kBlock) * static_cast<std::size_t>(b.extent.width);
          T* out = dst.row(y - window.y);
          for (int x = x0; x < x1; ++x) out[x - window.x] = value(row[x - bx * kBlock]);
        }
      }
    }
  }

  const Block& block(int level, int bx, int by) {
    const std::tuple key{level, bx, by};
    if (const auto it = found_.find(key); it != found_.end()) {
      recent_.splice(recent_.begin(), recent_, it->second);
      return recent_.front();
    }
    if (recent_.size() == kMaxCachedBlocks) {
      found_.erase(recent_.back().key);
      recent_.pop_back();
    }
    recent_.push_front(decode(level, bx, by));
    found_[key] = recent_.begin();
    return recent_.front();
  }

  Block decode(int level, int bx, int by) {
    const Extent whole = info_.levels[static_cast<std::size_t>(level)];
    const int x = bx * kBlock, y = by * kBlock;
    Block b{{level, bx, by}, {std::min(kBlock, whole.width - x), std::min(kBlock, whole.height - y)}, {}};
    b.argb.resize(static_cast<std::size_t>(b.extent.area()));
    const double downsample = openslide_get_level_downsample(handle_.get(), level);  // the place is that of level 0
    const auto level0 = [&](int v) { return static_cast<std::int64_t>(v * downsample + 0.5); };
    openslide_read_region(handle_.get(), b.argb.data(), level0(x), level0(y), level, b.extent.width, b.extent.height);
    const std::string where = level == 0 ? "" : fmt::format(" of level {}", level);
    require_no_error(fmt::format("cannot be decoded near x {}, y {}{}", x, y, where), "copy or export it again");
    for (int py = 0; py < b.extent.height; py += kProbe) {
      for (int px = 0; px < b.extent.width; px += kProbe) {
        if (!lost(level, b, px, py)) continue;
        throw InputError(info_.path.string(),
                         fmt::format("has no pixels at x {}, y {}{}, though its overview shows the place: a tile is "
                                     "missing; copy or export it again",
                                     x + px, y + py, where));
      }
    }
    return b;
  }

  /// Whether a square of the block is empty that the coarsest level has, with a pixel of it to spare on every side.
  bool lost(int level, const Block& b, int px, int py) const {
    if (overview_.extent().empty()) return false;
    const int right = std::min(px + kProbe, b.extent.width), bottom = std::min(py + kProbe, b.extent.height);
    for (int y = py; y < bottom; ++y) {
      for (int x = px; x < right; ++x) {
        if (alpha_of(b.argb[static_cast<std::size_t>(y) * static_cast<std::size_t>(b.extent.width) +
                            static_cast<std::size_t>(x)]) != 0)
          return false;
      }
    }
    const Extent from = info_.levels[static_cast<std::size_t>(level)], to = overview_.extent();
    const std::int64_t left = std::int64_t{std::get<1>(b.key)} * kBlock,
                       top = std::int64_t{std::get<2>(b.key)} * kBlock;
    const std::int64_t x0 = (left + px) * to.width / from.width - 1,
                       x1 = (left + right - 1) * to.width / from.width + 1;
    const std::int64_t y0 = (top + py) * to.height / from.height - 1,
                       y1 = (top + bottom - 1) * to.height / from.height + 1;
    for (std::int64_t y = std::max<std::int64_t>(0, y0); y <= std::min<std::int64_t>(to.height - 1, y1); ++y) {
      for (std::int64_t x = std::max<std::int64_t>(0, x0); x <= std::min<std::int64_t>(to.width - 1, x1); ++x) {
        if (overview_(static_cast<int>(x), static_cast<int>(y)) == 0) return false;
      }
    }
    return true;
  }

  Handle handle_;
  std::uint32_t background_ = 0xFFFFFFFFu;
  HostPlane<std::uint8_t> overview_;
  std::list<Block> recent_;  // last used first
  std::map<std::tuple<int, int, int>, std::list<Block>::iterator> found_;
};

}  // namespace

std::unique_ptr<Slide> open_whole_slide(const FileBytes& file) {
  silence_libtiff();
  Handle handle(openslide_open(file.path().c_str()));
  if (handle == nullptr) {
    if (ends_with_ignoring_case(file.name(), ".mrxs"))
      throw InputError(file.name(),
                       "is no MIRAX slide, or its folder is not beside it (same name, with Slidedat.ini); copy both");
    return nullptr;
  }
  return std::make_unique<WholeSlide>(std::move(handle), file);
}

}  // namespace hexaplex
