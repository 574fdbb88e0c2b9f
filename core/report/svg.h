#pragma once

#include <string>

namespace hexaplex {

// Pieces of pictures in SVG, whose units are pixels with one digit after the point: the same picture, the same bytes.

std::string svg_px(double value);

/// @param style  attributes of the element
std::string svg_text(double x, double y, const std::string& style, const std::string& text);
std::string svg_line(double x1, double y1, double x2, double y2, const std::string& style);

/// The head of a picture on white, up to its title; text is sans-serif of 12 pixels.
std::string svg_head(double width, double height, const std::string& title);

/// A step of an axis: 1, 2 or 5 times a power of ten, and the digits behind the point that show it (below 0: none).
struct TickStep {
  double step = 1;
  int digits = 0;
};

/// The largest step of at most `widest`, which is above 0.
TickStep tick_step(double widest);

/// Okabe and Ito's colours, which stay apart for colour-blind readers, less the yellow that white swallows; in turn.
const char* plot_colour(std::size_t index);

}  // namespace hexaplex
