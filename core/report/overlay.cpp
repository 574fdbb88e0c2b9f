#include "core/report/overlay.h"

#include <png.h>

#include <algorithm>
#include <array>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "core/image/thumbnails.h"
#include "core/report/palette.h"
#include "core/report/summary.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"
#include "kernels/runtime/numerics.h"

namespace hexaplex {

namespace {

constexpr int kSmallSide = 900;  // fields below this are enlarged
constexpr int kFillFrom = 5;     // px of the slide per px of the picture from which outlines say nothing any more
constexpr int kLegendPx = 24;    // height of a line of the legend
constexpr double kTextSize = 0.5;
const cv::Scalar kTextColour(230, 230, 230);

// How the slide is shown: every picture pixel averages `shrink` x `shrink` pixels, and is then drawn `grow` times.
struct Scale {
  int shrink = 1, grow = 1;
  Extent slide, picture;
  explicit Scale(Extent extent) : slide(extent) {
    const int side = std::max(extent.width, extent.height);
    shrink = overlay_shrink(extent);
    grow = shrink > 1 ? 1 : std::max(1, kSmallSide / side);
    picture = {(extent.width + shrink - 1) / shrink * grow, (extent.height + shrink - 1) / shrink * grow};
  }
  int slide_x(int x) const { return std::min(x / grow * shrink + shrink / 2, slide.width - 1); }
  int slide_y(int y) const { return std::min(y / grow * shrink + shrink / 2, slide.height - 1); }
};

// A channel, averaged down already, stretched between its 1st and its 99.7th percentile, 0..255.
std::vector<std::uint8_t> stretched(Plane<const float> picture) {
  std::vector<float> mean;
  for (int y = 0; y < picture.height(); ++y) mean.insert(mean.end(), picture.row(y), picture.row(y) + picture.width());
  std::vector<float> sorted = mean;
  const auto quantile = [&sorted](double part) {
    const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(sorted.size() - 1));
    std::nth_element(sorted.begin(), at, sorted.end());
    return static_cast<double>(*at);
  };
  const double low = quantile(0.01), high = std::max(quantile(0.997), low + 1e-12);
  std::vector<std::uint8_t> out(mean.size());
  for (std::size_t i = 0; i < mean.size(); ++i)
    out[i] = static_cast<std::uint8_t>(std::clamp((mean[i] - low) / (high - low), 0.0, 1.0) * 255 + 0.5);
  return out;
}

void add_light(cv::Mat& picture, Plane<const float> plane, const Scale& s, Colour colour) {
  HX_EXPECT(plane.extent == thumbnail_extent(s.slide, s.shrink), "a picture has another extent than the overlay");
  const std::vector<std::uint8_t> light = stretched(plane);
  const int width = s.picture.width / s.grow;
  for (int y = 0; y < s.picture.height; ++y) {
    auto* row = picture.ptr<cv::Vec3b>(y);
    for (int x = 0; x < s.picture.width; ++x) {
      const int value = light[static_cast<std::size_t>(y / s.grow) * width + x / s.grow];
      for (int k = 0; k < 3; ++k)
        row[x][k] = static_cast<std::uint8_t>(std::min(255, row[x][k] + value * colour[k] / 255));
    }
  }
}

// The share of light that densities leave, from 0 to kMostDensity in steps too small to see.
class Transmission {
 public:
  Transmission() {
    for (int i = 0; i <= kMostDensity * kSteps; ++i) shares_.push_back(exact_exp(-kLn10 * i / kSteps));
  }
  double operator()(double density) const {
    return shares_[static_cast<std::size_t>(std::clamp(density, 0.0, static_cast<double>(kMostDensity)) * kSteps +
                                            0.5)];
  }

 private:
  static constexpr int kMostDensity = 4, kSteps = 1024;
  std::vector<double> shares_;
};

// What the stains leave of white light: the picture as the microscope shows it.
void draw_stained(const CpuQueue& q, cv::Mat& picture, const SlideResult& result, const Scale& s) {
  const Transmission transmission;
  const StainSummary& stains = *result.stains;
  for (const Plane<const float>& plane : result.stained)
    HX_EXPECT(plane.extent == thumbnail_extent(s.slide, s.shrink), "a picture has another extent than the overlay");
  for_each_band(q, s.picture.height, 16, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y) {
      auto* row = picture.ptr<cv::Vec3b>(y);
      for (int x = 0; x < s.picture.width; ++x)
        for (std::size_t b = 0; b < 3; ++b) {
          double density = 0;
          for (std::size_t k = 0; k < result.stained.size(); ++k)
            density += stains.vectors[k][b] * static_cast<double>(result.stained[k](x / s.grow, y / s.grow));
          row[x][static_cast<int>(b)] = static_cast<std::uint8_t>(stains.white[b] * transmission(density) + 0.5);
        }
    }
  });
}

void blend(cv::Vec3b& pixel, Colour colour, int percent) {
  for (int k = 0; k < 3; ++k)
    pixel[k] = static_cast<std::uint8_t>((pixel[k] * (100 - percent) + colour[k] * percent) / 100);
}

// Around the regions that foci form.
void draw_regions(cv::Mat& picture, const InfiltrationResult& infiltration, const Scale& s) {
  constexpr Colour kRegion{0, 120, 60};
  constexpr int kWidth = 2;
  const auto inside = [&](int x, int y) {
    const int px = std::clamp(x, 0, s.picture.width - 1), py = std::clamp(y, 0, s.picture.height - 1);
    return infiltration.squares(s.slide_x(px) / infiltration.square_px, s.slide_y(py) / infiltration.square_px) == 2;
  };
  for (int y = 0; y < s.picture.height; ++y) {
    auto* row = picture.ptr<cv::Vec3b>(y);
    for (int x = 0; x < s.picture.width; ++x) {
      if (!inside(x, y)) continue;
      if (!inside(x - kWidth, y) || !inside(x + kWidth, y) || !inside(x, y - kWidth) || !inside(x, y + kWidth))
        blend(row[x], kRegion, 80);
    }
  }
}

// Whether the slide's pixel that each pixel of the picture shows lies in the region.
HostPlane<std::uint8_t> shown_region(const RegionArea& area, const Scale& s) {
  HostPlane<std::uint8_t> inside(s.picture, std::uint8_t{0});
  for (int y = 0; y < s.picture.height; ++y)
    for (const Span& span : area.along(s.slide_y(y) + 0.5, s.slide_x(0) + 0.5, s.shrink, s.picture.width / s.grow))
      std::fill(inside.view().row(y) + span.begin * s.grow, inside.view().row(y) + span.end * s.grow, std::uint8_t{1});
  return inside;
}

// Lines along the inner side of what was drawn; the picture's edge is no line.
void draw_drawn_regions(cv::Mat& picture, const DrawnRegions& drawn, const Scale& s) {
  constexpr int kWidth = 2;
  for (std::size_t r = 0; r < drawn.areas.size(); ++r) {
    const HostPlane<std::uint8_t> inside = shown_region(drawn.areas[r], s);
    const auto in = [&](int x, int y) {
      return inside(std::clamp(x, 0, s.picture.width - 1), std::clamp(y, 0, s.picture.height - 1)) != 0;
    };
    for (int y = 0; y < s.picture.height; ++y) {
      auto* row = picture.ptr<cv::Vec3b>(y);
      for (int x = 0; x < s.picture.width; ++x)
        if (in(x, y) && !(in(x - kWidth, y) && in(x + kWidth, y) && in(x, y - kWidth) && in(x, y + kWidth)))
          blend(row[x], region_colour(r), 90);
    }
  }
}

std::uint32_t label_at(const PieceView<std::uint32_t>& labels, const Scale& s, int x, int y) {
  return labels.at(s.slide_x(x), s.slide_y(y));
}

// A picture pixel is an outline where a neighbour to the right, left, above or below shows another object.
bool is_outline(const PieceView<std::uint32_t>& plane, const Scale& s, int x, int y, std::uint32_t label) {
  return (x > 0 && label_at(plane, s, x - 1, y) != label) || (y > 0 && label_at(plane, s, x, y - 1) != label) ||
         (x + 1 < s.picture.width && label_at(plane, s, x + 1, y) != label) ||
         (y + 1 < s.picture.height && label_at(plane, s, x, y + 1) != label);
}

void draw_objects(const CpuQueue& q, cv::Mat& picture, const SlideResult& result, const Scale& s) {
  const LabelView& labels = *result.labels;
  const auto& ids = result.cells.cell_id;
  const auto colour_of = [&](std::uint32_t label) {
    const auto it = std::lower_bound(ids.begin(), ids.end(), label);
    const auto i = static_cast<std::size_t>(it - ids.begin());
    return phenotype_colour(
        result, it != ids.end() && *it == label && i < result.phenotype.size() ? result.phenotype[i] : kUnclassified);
  };
  const Colour nucleus_outline = result.stains ? Colour{20, 20, 20} : Colour{255, 255, 255};
  const bool fill = s.shrink >= kFillFrom, has_nuclei = labels.has_nuclei();
  for_each_band(q, s.picture.height, 16, [&](std::int64_t begin, std::int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y) {
      auto* row = picture.ptr<cv::Vec3b>(y);
      for (int x = 0; x < s.picture.width; ++x) {
        const std::uint32_t cell = label_at(labels.cell, s, x, y);
        const std::uint32_t nucleus = has_nuclei ? label_at(labels.nucleus, s, x, y) : 0;
        if (fill && cell != 0)
          blend(row[x], colour_of(cell), 60);
        else if (cell != 0 && is_outline(labels.cell, s, x, y, cell))
          blend(row[x], colour_of(cell), 100);
        else if (!fill && nucleus != 0 && is_outline(labels.nucleus, s, x, y, nucleus))
          blend(row[x], nucleus_outline, 45);
      }
    }
  });
}

// Stripes over tissue that is not assessed, so that what lies below stays to be seen. Glass stays dark.
void draw_unusable(cv::Mat& picture, const QualityMask& mask, const Scale& s) {
  constexpr int kStripePx = 10;
  for (int y = 0; y < s.picture.height; ++y) {
    auto* row = picture.ptr<cv::Vec3b>(y);
    for (int x = 0; x < s.picture.width; ++x) {
      const Unusable reason = mask.square(s.slide_x(x) / kQualitySquarePx, s.slide_y(y) / kQualitySquarePx);
      if (static_cast<int>(reason) <= static_cast<int>(Unusable::glass)) continue;
      blend(row[x], unusable_colour(reason), (x + y) % kStripePx < 3 ? 70 : 15);
    }
  }
}

struct LegendItem {
  std::string text;
  Colour colour;
};

std::vector<LegendItem> legend_of(const SlideResult& result,
                                  const std::vector<std::pair<std::string, Colour>>& lights) {
  std::vector<LegendItem> items;
  const std::vector<PhenotypeCount> counts = count_phenotypes(result);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const bool known = i < result.phenotypes.size();
    const int phenotype = known ? static_cast<int>(i) : counts[i].name == "Unclassified" ? -1 : -2;
    items.push_back({counts[i].name + " " + std::to_string(counts[i].count), phenotype_colour(result, phenotype)});
  }
  if (result.quality) {
    const auto areas = result.quality->areas_mm2();
    for (int r = static_cast<int>(Unusable::glass) + 1; r < kUnusableReasons; ++r)
      if (areas[static_cast<std::size_t>(r)] > 0)
        items.push_back({std::string("Not assessed: ") + title_of(static_cast<Unusable>(r)),
                         unusable_colour(static_cast<Unusable>(r))});
  }
  if (result.regions)
    for (std::size_t r = 0; r < result.regions->each.size(); ++r)
      items.push_back({"Region: " + result.regions->drawn.names[r], region_colour(r)});
  for (const auto& [name, colour] : lights) items.push_back({name + " (light)", colour});
  return items;
}

int text_width(const std::string& text) {
  int baseline = 0;
  return cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, kTextSize, 1, &baseline).width;
}

// The legend stands on a strip of its own below the picture, so that it hides no cell.
cv::Mat with_legend(const cv::Mat& picture, const SlideResult& result, const std::vector<LegendItem>& items,
                    const Scale& s) {
  struct Placed {
    int x, line;
  };
  std::vector<Placed> places;
  int x = 8, line = 0;
  for (const LegendItem& item : items) {
    const int width = 22 + text_width(item.text) + 16;
    if (x + width > picture.cols && x > 8) x = 8, ++line;
    places.push_back({x, line});
    x += width;
  }
  const int bar_line = items.empty() ? 0 : line + 1;
  cv::Mat out(picture.rows + (bar_line + 1) * kLegendPx + 8, picture.cols, CV_8UC3, cv::Scalar(24, 24, 24));
  picture.copyTo(out(cv::Rect(0, 0, picture.cols, picture.rows)));
  for (std::size_t i = 0; i < items.size(); ++i) {
    const int top = picture.rows + 4 + places[i].line * kLegendPx;
    const Colour c = items[i].colour;
    cv::rectangle(out, cv::Rect(places[i].x, top + 5, 14, 14), cv::Scalar(c[0], c[1], c[2]), cv::FILLED);
    cv::putText(out, items[i].text, cv::Point(places[i].x + 22, top + 17), cv::FONT_HERSHEY_SIMPLEX, kTextSize,
                kTextColour, 1, cv::LINE_AA);
  }
  // A bar of 1, 2 or 5 times a power of ten, at most a quarter of the picture.
  const double um_per_px = result.um_per_px * s.shrink / s.grow;
  if (um_per_px > 0) {
    double um = 1;
    for (const double step : {2., 2.5, 2., 2., 2.5, 2., 2., 2.5, 2., 2., 2.5, 2.})
      if (um * step <= picture.cols / 4.0 * um_per_px)
        um *= step;
      else
        break;
    const int top = picture.rows + 4 + bar_line * kLegendPx, length = static_cast<int>(um / um_per_px);
    cv::rectangle(out, cv::Rect(8, top + 10, std::max(1, length), 4), kTextColour, cv::FILLED);
    cv::putText(out, std::to_string(static_cast<int>(um)) + " um", cv::Point(8 + length + 10, top + 17),
                cv::FONT_HERSHEY_SIMPLEX, kTextSize, kTextColour, 1, cv::LINE_AA);
  }
  return out;
}

std::string png_of(const cv::Mat& picture) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.cols);
  image.height = static_cast<png_uint_32>(picture.rows);
  image.format = PNG_FORMAT_RGB;
  image.flags = PNG_IMAGE_FLAG_FAST;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string file(size, '\0');
  if (!png_image_write_to_memory(&image, file.data(), &size, 0, picture.data, static_cast<png_int_32>(picture.step),
                                 nullptr))
    throw Error(std::string("the overlay cannot be encoded: ") + image.message);
  file.resize(size);
  return file;
}

}  // namespace

int overlay_shrink(Extent slide) {
  return std::max(1, (std::max(slide.width, slide.height) + kOverlaySide - 1) / kOverlaySide);
}

std::string draw_overlay(const CpuQueue& q, const SlideResult& result) {
  HX_EXPECT(result.labels && !result.labels->extent().empty(), "an overlay needs labels");
  const Scale scale(result.labels->extent());
  cv::Mat picture(scale.picture.height, scale.picture.width, CV_8UC3, cv::Scalar(0, 0, 0));
  std::vector<std::pair<std::string, Colour>> lights;
  if (!result.nuclear.extent.empty()) add_light(picture, result.nuclear, scale, {50, 70, 190});
  constexpr std::array<Colour, 3> kLights{{{0, 150, 60}, {170, 30, 30}, {130, 110, 0}}};
  for (std::size_t i = 0; i < std::min(result.shown.size(), kLights.size()); ++i)
    if (!result.shown[i].pixels.extent.empty()) {
      add_light(picture, result.shown[i].pixels, scale, kLights[i]);
      lights.push_back({result.shown[i].name, kLights[i]});
    }
  if (!result.stained.empty()) draw_stained(q, picture, result, scale);
  if (result.quality) draw_unusable(picture, *result.quality, scale);
  draw_objects(q, picture, result, scale);
  if (result.infiltration) draw_regions(picture, *result.infiltration, scale);
  if (result.regions) draw_drawn_regions(picture, result.regions->drawn, scale);
  return png_of(with_legend(picture, result, legend_of(result, lights), scale));
}

}  // namespace hexaplex
