// OME-TIFF: OME-XML in the first directory, or in a companion file, says which directory of which file holds which
// plane.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/io/ome_xml.h"
#include "core/io/pixel_size.h"
#include "core/io/text.h"
#include "core/io/tiff_codec.h"
#include "core/io/tiff_layout.h"
#include "core/io/xml.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr std::uint64_t kMaxCompanionBytes = 32u << 20;
constexpr std::size_t kMaxFiles = 4096;

/// A file that metadata names must lie beside the one that names it: a slide may not make us read elsewhere.
std::filesystem::path companion_path(const TiffFile& file, const std::string& name) {
  const auto refuse = [&](const char* why) {
    throw InputError(file.name(),
                     fmt::format("names the companion file \"{}\", which {}; files of one set must lie in one "
                                 "folder",
                                 name, why));
  };
  if (name.find('/') != std::string::npos || name.find('\\') != std::string::npos || name == ".." || name == ".")
    refuse("is not a plain file name");
  const std::filesystem::path folder = file.bytes.path().parent_path();
  std::filesystem::path path = folder / name;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) refuse("is missing");
  const auto real = std::filesystem::canonical(path, error);
  const auto real_folder = std::filesystem::canonical(folder.empty() ? "." : folder, error);
  if (error || real.parent_path() != real_folder) refuse("leads out of the folder");
  return path;
}

class OmeLayoutReader {
 public:
  OmeLayoutReader(std::unique_ptr<TiffFile> owned, const OpenOptions& options) : options_(options) {
    layout_.files.push_back(std::move(owned));
  }

  TiffLayout run() {
    read_metadata();
    if (metadata_.images.empty()) {
      if (metadata_.metadata_file.empty())
        throw InputError(main().name(), "its OME-XML describes no image; export it again");
      return without_metadata();
    }
    OmeImage& image = metadata_.images.front();
    // Some writers count the samples of an RGB page as channels of their own.
    const std::uint32_t samples = main().pages().front().samples;
    if (samples > 1 && samples == image.size_c && image.channels.size() == image.size_c)
      image.channels = {{image.channels.front().channel, samples}};
    if (image.size_t > 1)
      throw InputError(main().name(), fmt::format("is a series of {} time points; save one time point", image.size_t));
    map_planes(image);
    describe(image);
    for (std::size_t i = 1; i < metadata_.images.size(); ++i) note_further_image(metadata_.images[i]);
    for (std::size_t i = 1; i < layout_.files.size(); ++i)
      layout_.info.companions.push_back(layout_.files[i]->bytes.path());
    return std::move(layout_);
  }

 private:
  const TiffFile& main() const { return *layout_.files.front(); }

  void read_metadata() {
    pugi::xml_document document;
    const TiffPage& first = main().pages().front();
    parse_xml(document, first.description, main().name(), first.label);
    metadata_ = read_ome_xml(document, main().name(), first.label);
    own_uuid_ = metadata_.uuid;
    if (!metadata_.images.empty() || metadata_.metadata_file.empty()) return;
    const std::string& name = metadata_.metadata_file;
    std::error_code error;
    const bool plain = name.find('/') == std::string::npos && name.find('\\') == std::string::npos;
    if (plain && !std::filesystem::exists(main().bytes.path().parent_path() / name, error)) return;
    const FileBytes companion(companion_path(main(), name));
    if (looks_like_tiff(companion))
      throw InputError(main().name(), fmt::format("is one file of a set; open \"{}\", which describes it", name));
    const auto bytes = companion.read_all(kMaxCompanionBytes);
    document.reset();
    parse_xml(document, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, companion.name(),
              "the companion file");
    metadata_ = read_ome_xml(document, companion.name(), "the companion file");
    layout_.info.companions.push_back(companion.path());
  }

  /// One file of a set whose description is not there: its own pages can still be read, and the user must know.
  TiffLayout without_metadata() {
    const std::string missing = metadata_.metadata_file;
    TiffLayout plain = plain_layout(std::move(layout_.files.front()));
    plain.info.warnings.push_back(
        fmt::format("This is one file of a set; \"{}\", which describes the set, is missing, so only "
                    "the pages of this file are read.",
                    missing));
    return plain;
  }

  /// Index of the file that a TiffData element means, opened when first met.
  std::size_t file_of(const OmeTiffData& d, bool only_one_name) {
    const bool own = d.file_name.empty() || (!d.uuid.empty() && d.uuid == own_uuid_) ||
                     d.file_name == main().bytes.path().filename().string();
    if (own || only_one_name) return 0;  // a renamed file keeps its old name inside
    const auto found = opened_.find(d.file_name);
    if (found != opened_.end()) return found->second;
    if (layout_.files.size() == kMaxFiles)
      throw InputError(main().name(), fmt::format("is a set of more than {} files", kMaxFiles));
    layout_.files.push_back(std::make_unique<TiffFile>(companion_path(main(), d.file_name), options_));
    return opened_[d.file_name] = layout_.files.size() - 1;
  }

  void map_planes(const OmeImage& image) {
    const std::size_t planes = std::size_t{image.channels.size()} * image.size_z;
    plane_page_.assign(planes, nullptr);
    plane_file_.assign(planes, 0);
    std::vector<OmeTiffData> elements = image.tiff_data;
    if (elements.empty()) elements.emplace_back();
    std::set<std::string> names;
    for (const OmeTiffData& d : elements) names.insert(d.file_name);
    std::size_t mapped = 0;
    for (const OmeTiffData& d : elements) {
      const std::size_t file = file_of(d, names.size() == 1);
      const auto& pages = layout_.files[file]->pages();
      const std::uint32_t first = d.ifd.value_or(0);
      const std::size_t count = d.plane_count ? *d.plane_count : d.ifd ? 1 : std::min(pages.size(), planes);
      for (std::size_t k = 0; k < count; ++k) {
        const std::size_t slot = plane_slot(image, d, k);
        if (slot >= planes) break;
        if (first + k >= pages.size())
          throw InputError(
              layout_.files[file]->name(),
              fmt::format("has {} pages, but its OME-XML expects a plane in page {}; it is truncated or damaged",
                          pages.size(), first + k + 1));
        if (++mapped > 2 * planes)  // a hostile file could map the same planes a million times
          throw InputError(main().name(), "its OME-XML maps the same planes again and again; export it again");
        plane_file_[slot] = file;
        plane_page_[slot] = &pages[first + k];
      }
    }
    for (std::size_t slot = 0; slot < planes; ++slot) {
      if (plane_page_[slot] == nullptr)
        throw InputError(main().name(),
                         fmt::format("its OME-XML names no page for channel {}, z {}; missing planes are never "
                                     "taken as black",
                                     slot % image.channels.size() + 1, slot / image.channels.size()));
    }
  }

  /// The plane (z * channels + c) that is `k` after the first of `d`, in the image's dimension order.
  std::size_t plane_slot(const OmeImage& image, const OmeTiffData& d, std::size_t k) const {
    const std::size_t channels = image.channels.size(), slices = image.size_z;
    std::size_t z = d.first_z, c = d.first_c, t = d.first_t;
    std::size_t step = k;
    for (const char axis : image.dimension_order.substr(std::min<std::size_t>(2, image.dimension_order.size()))) {
      std::size_t& at = axis == 'Z' ? z : axis == 'C' ? c : t;
      const std::size_t side = axis == 'Z' ? slices : axis == 'C' ? channels : image.size_t;
      const std::size_t sum = at + step;
      at = sum % side;
      step = sum / side;
    }
    return step > 0 || t > 0 || c >= channels || z >= slices ? channels * slices : z * channels + c;
  }

  void describe(const OmeImage& image) {
    SlideInfo& info = layout_.info;
    const TiffPage& first = *plane_page_.front();
    const TiffFile& first_file = *layout_.files[plane_file_.front()];
    check_against(image, first, first_file);
    describe_page(info, first_file, first);
    info.path = main().bytes.path();
    info.format = "OME-TIFF";
    info.z_count = static_cast<int>(image.size_z);
    if (image.significant_bits && *image.significant_bits > 0 && *image.significant_bits <= first.bits)
      info.significant_bits = static_cast<int>(*image.significant_bits);

    for (std::size_t z = 0; z < image.size_z; ++z) {
      for (std::size_t c = 0; c < image.channels.size(); ++c) {
        const std::size_t slot = z * image.channels.size() + c;
        const TiffFile& file = *layout_.files[plane_file_[slot]];
        require_same_kind(file, *plane_page_[slot], first);
        check_readable_like(info, file, *plane_page_[slot]);
        std::vector<SlideChannel> kept;
        if (z > 0) kept.swap(info.channels);  // the channels are those of the first plane
        const std::size_t before = info.channels.size();
        add_sample_channels(layout_, plane_file_[slot], *plane_page_[slot]);
        if (z > 0) {
          info.channels.swap(kept);
        } else if (info.channels.size() == before + 1) {
          info.channels.back() = image.channels[c].channel;
        }
      }
    }
    info.rgb = info.rgb && image.channels.size() == 1;
    if (image.um_x || image.um_y) {
      set_pixel_size(info, image.um_x, image.um_y, "The OME-XML");
    } else {
      set_pixel_size_from_tags(info, first);
    }
  }

  void check_against(const OmeImage& image, const TiffPage& page, const TiffFile& file) const {
    if (page.width != image.size_x || page.height != image.size_y)
      throw InputError(file.name(), fmt::format("{} has {} x {} pixels, but its OME-XML says {} x {}", page.label,
                                                page.width, page.height, image.size_x, image.size_y));
    const std::uint32_t samples = image.channels.front().samples;
    if (samples != page.samples)
      throw InputError(file.name(), fmt::format("{} has {} samples a pixel, but its OME-XML says {}", page.label,
                                                page.samples, samples));
  }

  void note_further_image(const OmeImage& image) {
    const std::string name = to_lower(image.name);
    for (const char* kind : {"thumbnail", "label", "macro"}) {
      if (name.find(kind) != std::string::npos) {
        layout_.info.associated.push_back(kind);
        return;
      }
    }
    layout_.info.warnings.push_back(fmt::format(
        "The file describes a further image of {} x {} pixels, which is not read.", image.size_x, image.size_y));
  }

  OpenOptions options_;
  TiffLayout layout_;
  OmeMetadata metadata_;
  std::string own_uuid_;
  std::map<std::string, std::size_t> opened_;
  std::vector<const TiffPage*> plane_page_;
  std::vector<std::size_t> plane_file_;
};

}  // namespace

bool is_ome(const TiffFile& file) {
  const std::string& d = file.pages().front().description;
  return d.find("<OME ") != std::string::npos || d.find("<OME>") != std::string::npos ||
         d.find(":OME ") != std::string::npos;
}

TiffLayout ome_layout(std::unique_ptr<TiffFile> file, const OpenOptions& options) {
  return OmeLayoutReader(std::move(file), options).run();
}

}  // namespace hexaplex
