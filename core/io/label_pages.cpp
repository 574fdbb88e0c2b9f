#include <fmt/format.h>

#include "core/io/picture.h"
#include "core/io/slide.h"
#include "core/io/text.h"
#include "core/io/tiff_slide.h"
#include "core/io/xml.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

/// What inForm writes about a page of its maps: the compartment, or "TissueClassMap". Empty for other writers.
std::string map_name(const TiffFile& file, const TiffPage& page) {
  if (page.description.find("<SegmentationImage") == std::string::npos &&
      page.description.find("<TissueClassMap") == std::string::npos)
    return {};
  pugi::xml_document document;
  parse_xml(document, page.description, file.name(), page.label);
  if (child_named(document, "TissueClassMap")) return "TissueClassMap";
  return child_text(child_named(document, "SegmentationImage"), "CompartmentType");
}

HostPlane<std::uint32_t> to_labels(const SlideInfo& info, std::size_t page, const HostPlane<std::int64_t>& values) {
  HostPlane<std::uint32_t> labels(values.extent());
  for (int y = 0; y < values.height(); ++y) {
    for (int x = 0; x < values.width(); ++x) {
      const std::int64_t v = values(x, y);
      if (v < 0)
        throw InputError(
            info.path.string(),
            fmt::format("page {} holds the label {} at x {}, y {}; labels cannot be negative", page + 1, v, x, y));
      labels(x, y) = static_cast<std::uint32_t>(v);
    }
  }
  return labels;
}

LabelPages read_picture_labels(const FileBytes& file) {
  const std::unique_ptr<Slide> slide = open_picture(file);
  const SlideInfo& info = slide->info();
  if (info.channels.size() != 1)
    throw InputError(file.name(), "is a colour picture; a label mask has one number a pixel");
  HostPlane<std::uint16_t> values(info.extent);
  slide->read(0, 0, {0, 0, info.extent.width, info.extent.height}, values.view());
  HostPlane<std::uint32_t> labels(info.extent);
  for (std::int64_t i = 0; i < info.extent.area(); ++i) labels.data()[i] = values.data()[i];
  LabelPages out;
  out.pages.push_back(std::move(labels));
  out.names.emplace_back();
  return out;
}

}  // namespace

LabelPages read_label_pages(const std::filesystem::path& path) {
  const FileBytes file(path);
  if (looks_like_png(file)) return read_picture_labels(file);
  if (!looks_like_tiff(file)) throw InputError(file.name(), "is no TIFF or PNG; a label mask is one of them");
  TiffLayout layout = read_tiff_layout(path);
  if (layout.info.rgb) throw InputError(file.name(), "is a colour picture; a label mask has one number a pixel");
  if (layout.info.sample_type == SampleType::float32)
    throw InputError(file.name(), "holds floating-point numbers; labels are integers, save the mask as such");
  if (layout.info.z_count != 1) throw InputError(file.name(), "is a z-stack; a label mask has one plane a page");
  LabelPages out;
  for (std::size_t c = 0; c < layout.planes.size(); ++c) {
    const PlaneSource& source = layout.planes[c];
    const std::string name = source.contiguous_at ? "" : map_name(*layout.files[source.file], *source.page);
    out.names.push_back(name.empty() ? layout.info.channels[c].name : name);
  }
  TiffSlide slide(std::move(layout));
  const Extent extent = slide.info().extent;
  HostPlane<std::int64_t> values(extent);
  for (std::size_t c = 0; c < out.names.size(); ++c) {
    slide.read(static_cast<int>(c), 0, {0, 0, extent.width, extent.height}, values.view());
    out.pages.push_back(to_labels(slide.info(), c, values));
  }
  return out;
}

std::vector<std::filesystem::path> companions_of_labels(const std::filesystem::path& path) {
  const FileBytes file(path);
  if (!looks_like_tiff(file)) return {};
  return read_tiff_layout(path).info.companions;
}

}  // namespace hexaplex
