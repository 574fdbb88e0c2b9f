#include "core/io/picture.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "core/io/pixel_size.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr std::uint64_t kMaxPixelBytes = 512ull << 20;
constexpr std::uint64_t kMaxSide = 1u << 20;

bool is_grey(const Picture& p) {
  for (std::size_t i = 0; i + 2 < p.pixels.size(); i += 3) {
    if (p.pixels[i] != p.pixels[i + 1] || p.pixels[i] != p.pixels[i + 2]) return false;
  }
  return true;
}

class PictureSlide final : public Slide {
 public:
  PictureSlide(const FileBytes& file, Picture picture, std::string format) : picture_(std::move(picture)) {
    info_.path = file.path();
    info_.format = format;
    info_.compression = std::move(format);
    info_.extent = picture_.extent;
    info_.levels = {picture_.extent};
    info_.sample_type = picture_.bits == 8 ? SampleType::uint8 : SampleType::uint16;
    info_.significant_bits = picture_.significant_bits;
    if (picture_.samples == 1 || is_grey(picture_)) {
      info_.channels.resize(1);
      info_.channels[0].name = "Gray";
    } else {
      info_.channels.resize(3);
      info_.channels[0].name = "Red";
      info_.channels[1].name = "Green";
      info_.channels[2].name = "Blue";
      info_.rgb = true;
    }
    if (picture_.alpha_dropped) info_.warnings.push_back("The alpha channel is left out.");
    set_pixel_size(info_, picture_.um_per_px_x, picture_.um_per_px_y, "The picture");
  }

 private:
  void read_level(int, int channel, int, Rect window, Plane<float> dst) override { copy(channel, window, dst); }
  void read_level(int, int channel, int, Rect window, Plane<std::uint16_t> dst) override { copy(channel, window, dst); }

  template <class T>
  void copy(int channel, Rect window, Plane<T> dst) {
    const auto samples = static_cast<std::size_t>(picture_.samples);
    for (int y = 0; y < window.height; ++y) {
      const std::size_t first = static_cast<std::size_t>(window.y + y) * static_cast<std::size_t>(info_.extent.width) +
                                static_cast<std::size_t>(window.x);
      const std::uint16_t* src = picture_.pixels.data() + first * samples + static_cast<std::size_t>(channel);
      for (int x = 0; x < window.width; ++x) dst(x, y) = static_cast<T>(src[static_cast<std::size_t>(x) * samples]);
    }
  }

  Picture picture_;
};

}  // namespace

bool looks_like_png(const FileBytes& file) {
  constexpr std::array<unsigned char, 8> kSignature{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  std::array<unsigned char, 8> h{};
  return file.read_some(0, h.data(), h.size()) == h.size() && h == kSignature;
}

bool looks_like_jpeg(const FileBytes& file) {
  std::array<unsigned char, 3> h{};
  return file.read_some(0, h.data(), h.size()) == h.size() && h[0] == 0xFF && h[1] == 0xD8 && h[2] == 0xFF;
}

void check_picture_size(const FileBytes& file, std::uint64_t width, std::uint64_t height, int samples) {
  if (width == 0 || height == 0 || width > kMaxSide || height > kMaxSide)
    throw InputError(file.name(), fmt::format("claims {} x {} pixels", width, height));
  if (width * height * static_cast<std::uint64_t>(samples) * 2 > kMaxPixelBytes)
    throw InputError(file.name(),
                     fmt::format("has {} x {} pixels; a picture this large is decoded whole and takes more than "
                                 "512 MiB, save it as a tiled TIFF",
                                 width, height));
}

std::unique_ptr<Slide> open_picture(const FileBytes& file) {
  if (looks_like_png(file)) return std::make_unique<PictureSlide>(file, read_png(file), "PNG");
  return std::make_unique<PictureSlide>(file, read_jpeg(file), "JPEG");
}

}  // namespace hexaplex
