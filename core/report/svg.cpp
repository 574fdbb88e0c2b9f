#include "core/report/svg.h"

#include <fmt/format.h>

#include <array>

#include "core/report/text.h"

namespace hexaplex {

std::string svg_px(double value) {
  return fmt::format("{:.1f}", value);
}

std::string svg_text(double x, double y, const std::string& style, const std::string& text) {
  return fmt::format("<text x=\"{}\" y=\"{}\" {}>{}</text>\n", svg_px(x), svg_px(y), style, markup_text(text));
}

std::string svg_line(double x1, double y1, double x2, double y2, const std::string& style) {
  return fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" {}/>\n", svg_px(x1), svg_px(y1), svg_px(x2),
                     svg_px(y2), style);
}

std::string svg_head(double width, double height, const std::string& title) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<title>{2}</title>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
      svg_px(width), svg_px(height), markup_text(title));
}

TickStep tick_step(double widest) {
  TickStep tick;
  while (tick.step > widest) tick.step /= 10, ++tick.digits;
  while (tick.step * 10 <= widest) tick.step *= 10, --tick.digits;
  tick.step *= tick.step * 5 <= widest ? 5 : tick.step * 2 <= widest ? 2 : 1;
  return tick;
}

const char* plot_colour(std::size_t index) {
  constexpr std::array<const char*, 6> kColours{"#000000", "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#56b4e9"};
  return kColours[index % kColours.size()];
}

}  // namespace hexaplex
