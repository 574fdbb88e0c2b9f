#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "core/report/html_report.h"
#include "core/report/overlay.h"
#include "core/report/run_json.h"
#include "core/report/summary.h"
#include "core/report/text.h"
#include "tests/support/core/sample_result.h"

namespace hexaplex {
namespace {

using test::SampleResult;

TEST(Text, NumbersReadBackAndHaveNoLocale) {
  const auto text = [](double v) {
    std::string out;
    append_number(out, v, "none");
    return out;
  };
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(12), "12");
  EXPECT_EQ(text(-0.0), "0");
  EXPECT_EQ(text(1e-7), "1e-07");
  EXPECT_EQ(text(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(text(__builtin_nan("")), "none");
  EXPECT_EQ(text(-__builtin_inf()), "none");
}

TEST(Text, Escapes) {
  EXPECT_EQ(csv_field("CD3"), "CD3");
  EXPECT_EQ(csv_field("=1+1"), "'=1+1");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("-say \"hi\""), "\"'-say \"\"hi\"\"\"");
  EXPECT_EQ(tsv_field("+a\tb\n"), "'+a b ");
  EXPECT_EQ(json_text("\"\\\n\x01é\xff"), "\\\"\\\\\\u000a\\u0001é\xef\xbf\xbd");
  EXPECT_EQ(json_text("\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80").find('\xc0'), std::string::npos);  // not UTF-8
  EXPECT_EQ(markup_text("<a href=\"x\">'&\x02"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
}

TEST(Summary, CountsPercentsAndDensities) {
  SampleResult sample;
  const std::size_t n = sample.result.cells.size();
  sample.result.phenotype.assign(n, 0);
  sample.result.phenotype[0] = 1;
  sample.result.phenotype[1] = -1;
  sample.result.phenotype[2] = -2;
  sample.result.phenotypes[2].assessable = false;
  const auto s = summary_of(sample.result);
  EXPECT_EQ(s["cells"], n);
  EXPECT_EQ(s["phenotypes"]["T cell"]["count"], n - 3);
  EXPECT_EQ(s["phenotypes"]["B cell"]["percent"], 100.0 / static_cast<double>(n));
  EXPECT_EQ(s["phenotypes"]["B cell"]["per_mm2"], 1 / sample.result.tissue_mm2);
  EXPECT_EQ(s["phenotypes"]["Other"]["count"], 0);
  EXPECT_EQ(s["phenotypes"]["Other"]["assessable"], false);
  EXPECT_EQ(s["phenotypes"]["Unclassified"]["count"], 1);
  EXPECT_EQ(s["phenotypes"]["Not assessable"]["count"], 1);
  EXPECT_EQ(s["tissue_definition"], "the whole field");
  EXPECT_EQ(s["positivity"]["CD3"]["threshold"], 50);
  EXPECT_EQ(s["unmixing"]["crosstalk"][0][1], 0.02);
  EXPECT_EQ(s["warnings"][0], "a warning");
}

TEST(Summary, CellsOnTissueThatCannotBeAssessedStandInNoCount) {
  SampleResult sample;
  SlideResult& r = sample.result;
  const std::size_t n = r.cells.size();
  r.phenotype.assign(n, 0);
  r.phenotype[0] = 1;
  r.phenotype[1] = r.phenotype[2] = -2;
  r.assessable.assign(n, 1);
  r.assessable[1] = r.assessable[2] = 0;
  r.quality.emplace(r.extent, r.um_per_px);
  r.quality->set_square(0, 0, Unusable::fold);
  r.quality->set_square(1, 0, Unusable::glass);
  r.tissue_mm2 = r.quality->assessable_mm2();
  const auto s = summary_of(r);
  const auto left = static_cast<double>(n - 2);
  EXPECT_EQ(s["cells"], n);
  EXPECT_EQ(s["cells_assessable"], n - 2);
  EXPECT_EQ(s["cells_per_mm2"], left / r.tissue_mm2);
  EXPECT_EQ(s["phenotypes"]["B cell"]["percent"], 100.0 / left);
  EXPECT_FALSE(s["phenotypes"].contains("Not assessable"));
  EXPECT_EQ(s["quality"]["cells_excluded"], 2);
  EXPECT_EQ(s["quality"]["area_mm2"]["fold"], 1024 * r.um_per_px * r.um_per_px / 1e6);
  EXPECT_EQ(s["quality"]["assessable_share"], r.quality->assessable_mm2() / r.quality->tissue_mm2());
  const std::string plain = draw_overlay(CpuQueue{}, r), html = html_report(r, plain);
  EXPECT_NE(html.find("What was assessed"), std::string::npos);
  EXPECT_NE(html.find("2 cells lie on tissue that is not assessed"), std::string::npos);
  r.quality.reset();
  EXPECT_NE(draw_overlay(CpuQueue{}, r), plain);
  EXPECT_FALSE(summary_of(r).contains("quality"));
}

TEST(RunJson, HoldsNoPathOutsideTheExecutionBlock) {
  SampleResult sample;
  sample.result.execution.output = "/somewhere/out";
  auto run = run_json(sample.result, {{"cells.csv", "00", 5}});
  EXPECT_EQ(run["execution"]["input_paths"][0], "/nowhere/sample.tif");
  EXPECT_EQ(run["execution"]["seconds"]["read"], 0.5);
  EXPECT_EQ(run["execution"]["cpu_seconds"]["read"], 0.75);
  EXPECT_GT(run["execution"]["peak_memory_bytes"], 1 << 20);
  EXPECT_EQ(run["parameters_sha256"], parameters_hash(sample.result.parameters));
  run.erase("execution");
  EXPECT_EQ(run.dump().find("/nowhere"), std::string::npos);
  EXPECT_EQ(run.dump().find("/somewhere"), std::string::npos);
}

TEST(HtmlReport, EveryTextIsEscapedAndNothingIsLoaded) {
  SampleResult sample;
  const std::string bad = "<script>alert(1)</script><img src=x onerror=y>\"'&";
  SlideResult& r = sample.result;
  r.stem = r.panel = r.format = r.commit = r.tissue_definition = bad;
  r.phenotypes[0].name = bad;
  r.warnings = {bad};
  r.positivity[0].sentence = bad;
  r.unmixing->components[0] = r.unmixing->method = bad;
  r.inputs[0].name = r.inputs[0].role = r.inputs[0].sha256 = bad;
  const std::string html = html_report(r, "\x89PNG");
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("<img src=x"), std::string::npos);
  EXPECT_NE(html.find("&lt;script&gt;alert(1)"), std::string::npos);
  EXPECT_NE(html.find("default-src 'none'"), std::string::npos);
  EXPECT_NE(html.find("Research use only"), std::string::npos);
  EXPECT_NE(html.find("data:image/png;base64,iVBORw=="), std::string::npos);
  EXPECT_FALSE(std::regex_search(html, std::regex("(src|href)=\"(?!data:)")));
  EXPECT_EQ(html.find("/nowhere"), std::string::npos) << "no path of the machine";
}

// Width and height of a PNG.
std::pair<unsigned, unsigned> png_size(const std::string& png) {
  const auto number = [&](std::size_t at) {
    unsigned v = 0;
    for (std::size_t i = 0; i < 4; ++i) v = v << 8 | static_cast<unsigned char>(png.at(at + i));
    return v;
  };
  EXPECT_EQ(png.substr(0, 8), std::string("\x89PNG\r\n\x1a\n"));
  return {number(16), number(20)};
}

TEST(Overlay, SmallFieldsAreEnlargedAndLargeOnesBounded) {
  const SampleResult small;
  const auto [w, h] = png_size(draw_overlay(CpuQueue{}, small.result));
  EXPECT_EQ(w, 800u);
  EXPECT_GT(h, 640u);  // and the legend
  const SampleResult wide({5000, 400}, 40);
  const auto [x, y] = png_size(draw_overlay(CpuQueue{}, wide.result));
  EXPECT_LE(x, static_cast<unsigned>(kOverlaySide));
  EXPECT_GT(y, 133u);
  EXPECT_TRUE(draw_overlay(CpuQueue{1}, wide.result) == draw_overlay(CpuQueue{}, wide.result));
}

TEST(Overlay, ShowsTheLightOfSlidesThatAreAveragedDown) {
  SampleResult wide({5000, 400}, 40);
  const std::string lit = draw_overlay(CpuQueue{}, wide.result);
  wide.result.shown.clear();
  const std::string nuclear = draw_overlay(CpuQueue{}, wide.result);
  EXPECT_TRUE(lit != nuclear);
  wide.result.nuclear = {};
  EXPECT_TRUE(nuclear != draw_overlay(CpuQueue{}, wide.result));
  wide.result.nuclear = wide.planes[0].view();  // not averaged down
  EXPECT_THROW(draw_overlay(CpuQueue{}, wide.result), InvalidArgument);
}

TEST(Overlay, OnePixelAndNoChannels) {
  SampleResult sample({1, 1}, 8);
  sample.result.nuclear = {};
  sample.result.shown.clear();
  EXPECT_EQ(png_size(draw_overlay(CpuQueue{}, sample.result)).first, 900u);
}

}  // namespace
}  // namespace hexaplex
