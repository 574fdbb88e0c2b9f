// ImageJ: a text description of `key=value` lines; planes in the order channel, slice, frame; beyond 4 GB (and in many
// older files) one directory and the other planes right behind the first.

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>

#include "core/io/pixel_size.h"
#include "core/io/text.h"
#include "core/io/tiff_codec.h"
#include "core/io/tiff_layout.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr std::uint64_t kMaxPlanes = 65535;

std::map<std::string, std::string> read_settings(std::string_view description) {
  std::map<std::string, std::string> settings;
  while (!description.empty()) {
    const auto end = std::min(description.find('\n'), description.size());
    const std::string_view line = description.substr(0, end);
    if (const auto equals = line.find('='); equals != std::string_view::npos)
      settings.emplace(std::string(trim(line.substr(0, equals))), std::string(trim(line.substr(equals + 1))));
    description.remove_prefix(std::min(end + 1, description.size()));
  }
  return settings;
}

class ImagejReader {
 public:
  explicit ImagejReader(std::unique_ptr<TiffFile> owned)
      : file_(*owned), first_(owned->pages().front()), settings_(read_settings(first_.description)) {
    layout_.files.push_back(std::move(owned));
  }

  TiffLayout run() {
    SlideInfo& info = layout_.info;
    describe_page(info, file_, first_);
    info.format = "ImageJ TIFF";
    if (first_.samples > 1) {
      read_colour();
    } else {
      read_stack();
    }
    const auto unit = settings_.find("unit");
    if (unit != settings_.end()) {
      if (const auto um = um_per_unit(unit->second)) set_pixel_size_from_tags(info, first_, um);
    } else {
      set_pixel_size_from_tags(info, first_);
    }
    return std::move(layout_);
  }

 private:
  std::uint64_t setting(const char* key) const {
    const auto it = settings_.find(key);
    if (it == settings_.end()) return 1;
    const auto n = parse_number(it->second);
    if (!n || *n < 1 || *n > static_cast<double>(kMaxPlanes) ||
        *n != static_cast<double>(static_cast<std::uint64_t>(*n)))
      throw InputError(file_.name(), fmt::format("its ImageJ description says {}={}, which is no sensible count", key,
                                                 clean_text(it->second)));
    return static_cast<std::uint64_t>(*n);
  }

  /// RGB pixels: ImageJ keeps such a picture in one page; further pages are z planes.
  void read_colour() {
    for (const TiffPage& page : file_.pages()) {
      require_same_kind(file_, page, first_);
      check_readable_like(layout_.info, file_, page);
      std::vector<SlideChannel> channels;
      channels.swap(layout_.info.channels);
      add_sample_channels(layout_, 0, page);
    }
    layout_.info.z_count = static_cast<int>(file_.pages().size());
  }

  void read_stack() {
    SlideInfo& info = layout_.info;
    std::uint64_t channels = setting("channels");
    std::uint64_t slices = setting("slices");
    const std::uint64_t frames = setting("frames");
    const std::uint64_t images = std::max(setting("images"), std::uint64_t{1});
    if (frames > 1)
      throw InputError(file_.name(), fmt::format("is a series of {} time points; save one time point", frames));
    if (channels * slices != images) {  // a plain stack says only how many images there are: they are channels
      if (channels * slices != 1)
        throw InputError(file_.name(),
                         fmt::format("its ImageJ description gives {} channels and {} slices, but {} images", channels,
                                     slices, images));
      channels = images;
      slices = 1;
    }
    info.z_count = static_cast<int>(slices);
    info.channels.resize(channels);
    const std::vector<std::string> labels = read_labels();
    for (std::uint64_t c = 0; c < channels && slices == 1 && labels.size() == channels; ++c)
      info.channels[c].name = labels[c];

    const bool contiguous = file_.pages().size() == 1 && images > 1;
    if (contiguous && (first_.compression != tiff::kNone || first_.bits % 8 != 0))
      throw InputError(file_.name(),
                       fmt::format("its ImageJ description gives {} images, the file holds one page", images));
    if (!contiguous && file_.pages().size() < images)
      throw InputError(file_.name(), fmt::format("its ImageJ description gives {} images, the file holds {} pages",
                                                 images, file_.pages().size()));
    for (std::uint64_t k = 0; k < images; ++k) {
      if (contiguous) {
        layout_.planes.push_back(contiguous_plane(file_, first_, k));
        continue;
      }
      const TiffPage& page = file_.pages()[k];
      require_same_kind(file_, page, first_);
      check_readable_like(info, file_, page);
      layout_.planes.push_back({0, &page, 0, std::nullopt, {}});
    }
  }

  /// Slice labels, kept as UTF-16 in tag 50839: tag 50838 counts the bytes of its header and of each entry.
  std::vector<std::string> read_labels() const {
    const TiffBlob& where = first_.imagej_metadata;
    const TiffBlob& sizes = first_.imagej_counts;
    if (where.bytes < 12 || where.bytes > (16u << 20) || sizes.bytes < 8 || sizes.bytes > (1u << 20)) return {};
    std::vector<std::uint8_t> data(where.bytes), counts(sizes.bytes);
    file_.bytes.read(where.offset, data.data(), data.size());
    file_.bytes.read(sizes.offset, counts.data(), counts.size());
    const bool big = file_.index.big_endian;
    const auto u32 = [big](const std::vector<std::uint8_t>& b, std::size_t at) {
      std::uint32_t v = 0;
      for (std::size_t i = 0; i < 4; ++i) v = (v << 8) | b[big ? at + i : at + 3 - i];
      return v;
    };
    const std::size_t header = u32(counts, 0);
    if (header < 12 || header > data.size()) return {};
    std::vector<std::string> labels;
    std::size_t entry = 1, at = header;
    constexpr std::uint32_t kMagic = 0x494A494A, kLabels = 0x6C61626C;  // "IJIJ", "labl"
    if (u32(data, 0) != kMagic) return {};
    for (std::size_t kind = 4; kind + 8 <= header; kind += 8) {
      const std::uint32_t type = u32(data, kind);
      for (std::uint32_t n = u32(data, kind + 4); n > 0; --n, ++entry) {
        if (entry * 4 + 4 > counts.size()) return {};
        const std::size_t bytes = u32(counts, entry * 4);
        if (bytes > data.size() - at) return {};
        if (type == kLabels) labels.push_back(label_text(data.data() + at, bytes, big));
        at += bytes;
      }
    }
    return labels;
  }

  /// UTF-16 to UTF-8; pairs of surrogates do not occur in channel names and are left out.
  static std::string label_text(const std::uint8_t* p, std::size_t bytes, bool big) {
    std::string s;
    for (std::size_t i = 0; i + 1 < bytes; i += 2) {
      const unsigned u = big ? (p[i] << 8u) | p[i + 1] : p[i] | (p[i + 1] << 8u);
      if (u >= 0xD800 && u < 0xE000) continue;
      if (u < 0x80) {
        s += static_cast<char>(u);
      } else if (u < 0x800) {
        s += static_cast<char>(0xC0 | (u >> 6));
        s += static_cast<char>(0x80 | (u & 0x3F));
      } else {
        s += static_cast<char>(0xE0 | (u >> 12));
        s += static_cast<char>(0x80 | ((u >> 6) & 0x3F));
        s += static_cast<char>(0x80 | (u & 0x3F));
      }
    }
    return clean_text(s);
  }

  const TiffFile& file_;
  const TiffPage& first_;
  std::map<std::string, std::string> settings_;
  TiffLayout layout_;
};

}  // namespace

bool is_imagej(const TiffFile& file) {
  return starts_with(file.pages().front().description, "ImageJ=");
}

TiffLayout imagej_layout(std::unique_ptr<TiffFile> file) {
  return ImagejReader(std::move(file)).run();
}

}  // namespace hexaplex
