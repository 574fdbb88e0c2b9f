#include <algorithm>
#include <cstdio>

#include "core/bench/bench.h"
#include "kernels/runtime/numerics.h"

namespace hexaplex {

namespace {

constexpr int kRow = 30, kBar = 11, kLeft = 190, kWidth = 560, kTop = 64;
constexpr const char *kCpuColour = "#4878a8", *kDeviceColour = "#e08a2c";

std::string number(double v) {
  char text[32];
  std::snprintf(text, sizeof text, v < 10 && v != 1 ? "%.1f" : "%.0f", v);
  return text;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
  return out;
}

std::string label(double x, double y, const char* style, const std::string& text) {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" " + style + ">" + escaped(text) + "</text>\n";
}

std::string bar(double y, double length, const char* colour) {
  return "<rect x=\"" + number(kLeft) + "\" y=\"" + number(y) + "\" width=\"" + number(length) + "\" height=\"" +
         number(kBar) + "\" fill=\"" + colour + "\"/>\n";
}

double decades_of(double mpx_s) {
  return exact_log(std::max(mpx_s, 1.0)) / exact_log(10);
}

// Bars are logarithmic, from 1 Mpx/s to the next power of ten above the fastest.
class Scale {
 public:
  explicit Scale(double fastest) : decades_(static_cast<int>(decades_of(fastest)) + 1) {}
  double length(double mpx_s) const { return kWidth * std::min(decades_of(mpx_s) / decades_, 1.0); }
  int decades() const { return decades_; }

 private:
  int decades_;
};

}  // namespace

std::string bench_plot(const BenchReport& r) {
  const auto mpx = [&](const BenchSpeed& s) { return r.pixels() / s.seconds / 1e6; };
  double fastest = 1;
  for (const BenchRow& row : r.rows) {
    fastest = std::max(fastest, mpx(row.cpu));
    if (row.device) fastest = std::max(fastest, mpx(*row.device));
  }
  const Scale scale(fastest);
  const int bottom = kTop + kRow * static_cast<int>(r.rows.size());
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + number(kLeft + kWidth + 70) +
                    "\" height=\"" + number(bottom + 30) + "\" font-family=\"sans-serif\" font-size=\"12\">\n" +
                    "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  out += label(10, 20, "font-size=\"14\" font-weight=\"bold\"",
               "Megapixels a second, " + std::to_string(r.input.extent.width) + " x " +
                   std::to_string(r.input.extent.height) + " pixels");
  out += label(10, 40, ("fill=\"" + std::string(kCpuColour) + "\"").c_str(),
               r.cpu + ", " + std::to_string(r.threads) + " threads");
  out += label(kLeft + kWidth / 2.0, 40, ("fill=\"" + std::string(kDeviceColour) + "\"").c_str(),
               r.device ? r.device->name : "no GPU was measured");
  double at = 1;
  for (int d = 0; d <= scale.decades(); ++d, at *= 10) {
    const double x = kLeft + static_cast<double>(kWidth) * d / scale.decades();
    out += "<line x1=\"" + number(x) + "\" x2=\"" + number(x) + "\" y1=\"" + number(kTop - 6) + "\" y2=\"" +
           number(bottom) + "\" stroke=\"#ddd\"/>\n";
    out += label(x, bottom + 16, "text-anchor=\"middle\" fill=\"#555\"", number(at));
  }
  int y = kTop;
  for (const BenchRow& row : r.rows) {
    out += label(kLeft - 8, y + 14, "text-anchor=\"end\"", row.name);
    const double cpu = scale.length(mpx(row.cpu));
    out += bar(y, cpu, kCpuColour) + label(kLeft + cpu + 4, y + 10, "font-size=\"10\"", number(mpx(row.cpu)));
    if (row.device) {
      const double gpu = scale.length(mpx(*row.device));
      out += bar(y + kBar + 1, gpu, kDeviceColour) +
             label(kLeft + gpu + 4, y + kBar + 11, "font-size=\"10\"",
                   number(mpx(*row.device)) + (row.same_bytes ? "" : "  OTHER BYTES"));
    }
    y += kRow;
  }
  return out + "</svg>\n";
}

}  // namespace hexaplex
