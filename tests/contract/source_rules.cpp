#include "tests/contract/source_rules.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <regex>
#include <sstream>

namespace hexaplex::contract {

namespace {

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool any_start(std::string_view text, std::initializer_list<std::string_view> starts) {
  return std::any_of(starts.begin(), starts.end(), [&](std::string_view s) { return starts_with(text, s); });
}

bool is_cuda_source(std::string_view path) {
  return ends_with(path, ".cu") || ends_with(path, ".cuh");
}

// Tests and benchmarks look in from outside: they may include every layer, and use any library as an oracle.
bool looks_in(std::string_view path) {
  return any_start(path, {"tests/", "benchmarks/"});
}

struct LayerRule {
  std::string_view layer;
  std::vector<std::string_view> may_include;
};

// The first rule whose layer matches decides.
const std::vector<LayerRule>& layer_rules() {
  static const std::vector<LayerRule> rules{
      {"kernels/runtime/", {"kernels/runtime/"}},
      {"kernels/", {"kernels/"}},
      {"core/", {"kernels/", "core/"}},
      {"cmake/", {"core/"}},  // the template of core's version.cpp
      {"cli/", {"kernels/", "core/", "cli/"}},
      {"tests/", {"kernels/", "core/", "cli/", "tests/"}},
      {"benchmarks/", {"kernels/", "core/", "benchmarks/", "tests/support/"}},
  };
  return rules;
}

struct LibraryRule {
  std::string_view library;
  std::vector<std::string_view> headers;  // each the start of what stands between < and >
  std::function<bool(std::string_view path)> allowed;
  std::string_view where;
};

const std::vector<LibraryRule>& library_rules() {
  static const auto outside_or = [](std::vector<std::string> starts) {
    return [starts](std::string_view path) {
      return looks_in(path) ||
             std::any_of(starts.begin(), starts.end(), [&](const std::string& s) { return starts_with(path, s); });
    };
  };
  static const std::vector<LibraryRule> rules{
      {"CUDA",
       {"cuda", "device_", "cub/", "thrust/", "cooperative_groups", "cublas"},
       [](std::string_view path) {
         return is_cuda_source(path) || (starts_with(path, "kernels/runtime/") && ends_with(path, ".cpp"));
       },
       ".cu, .cuh and kernels/runtime/*.cpp"},
      {"libtiff", {"tiff"}, outside_or({"core/io/"}), "core/io"},
      {"OpenSlide", {"openslide"}, outside_or({"core/io/"}), "core/io"},
      {"TBB",
       {"tbb/", "oneapi/"},
       [](std::string_view path) { return path == "kernels/runtime/launch.cpp"; },
       "kernels/runtime/launch.cpp"},
      {"OpenCV", {"opencv"}, outside_or({"core/"}), "core"},
      {"CLI11",
       {"CLI/"},
       [](std::string_view path) {
         return any_start(path, {"cli/", "benchmarks/"});
       },
       "cli"},
      {"Google Test", {"gtest", "gmock"}, [](std::string_view path) { return starts_with(path, "tests/"); }, "tests"},
      {"Google Benchmark",
       {"benchmark/"},
       [](std::string_view path) { return starts_with(path, "benchmarks/"); },
       "benchmarks"},
  };
  return rules;
}

// kernels/ builds with nothing but a compiler and the system it compiles for; TBB and CUDA have rules of their own.
bool is_standard_header(const std::string& header) {
  return header.find_first_of("./") == std::string::npos;
}

struct WordRule {
  std::regex words;
  std::function<bool(std::string_view path)> applies;
  std::string_view why;
};

const std::vector<WordRule>& word_rules() {
  static const auto in_library = [](std::string_view path) { return any_start(path, {"kernels/", "core/"}); };
  static const std::vector<WordRule> rules{
      {std::regex(R"(std::(cout|cerr|clog)\b|\b(f?printf|puts|perror)\s*\(|fmt::print\s*\()"), in_library,
       "libraries never print"},
      {std::regex(R"(\b(std::)?(exit|quick_exit|_Exit|abort|terminate)\s*\()"), in_library,
       "libraries never end the program"},
      {std::regex(R"(\bcatch\s*\()"),
       [](std::string_view path) {
         return starts_with(path, "cli/") && path != "cli/main.cpp" && path != "cli/failure.cpp";
       },
       "only cli/failure.cpp catches"},
      {std::regex(
           R"(\bstd::(exp|exp2|expm1|log|log2|log10|log1p|pow|cbrt|hypot|sin|cos|tan|asin|acos|atan|atan2|erf|tgamma|lgamma)[fl]?\s*\()"),
       in_library, "libm differs between machines: use kernels/runtime/numerics.h"},
      {std::regex(R"(\bfast[-_]math\b)"), in_library, "fast-math breaks the exactness contract"},
  };
  return rules;
}

// What follows // is not code. Strings that hold // are rare enough here.
std::string code_of(const std::string& line) {
  return line.substr(0, line.find("//"));
}

template <class F>
void for_each_line(std::string_view text, F&& f) {
  std::istringstream lines{std::string(text)};
  int number = 0;
  for (std::string line; std::getline(lines, line);) f(line, ++number);
}

void check_include(const std::string& path, int line, const std::string& header, bool own,
                   std::vector<Finding>& findings) {
  const auto found = [&](const std::string& what) { findings.push_back({path, line, what}); };
  for (const LibraryRule& rule : library_rules())
    for (const std::string_view start : rule.headers)
      if (starts_with(header, start) && !rule.allowed(path))
        found("includes " + header + ": " + std::string(rule.library) + " belongs to " + std::string(rule.where));
  if (!own) {
    const bool known = any_start(header, {"tbb/", "cuda", "cub/", "thrust/", "cooperative_groups"});
    const bool system = starts_with(path, "kernels/runtime/") && (starts_with(header, "sys/") || header == "unistd.h" ||
                                                                  header == "fcntl.h" || header == "malloc.h");
    if (starts_with(path, "kernels/") && !known && !system && !is_standard_header(header))
      found("includes " + header + ": kernels need nothing but the compiler");
    return;
  }
  for (const LayerRule& rule : layer_rules()) {
    if (!starts_with(path, rule.layer)) continue;
    const bool allowed = std::any_of(rule.may_include.begin(), rule.may_include.end(),
                                     [&](std::string_view layer) { return starts_with(header, layer); });
    if (!allowed) found("includes " + header + ", which " + std::string(rule.layer) + " must not know");
    return;
  }
}

}  // namespace

std::vector<Finding> check_source(const std::string& path, std::string_view text) {
  static const std::regex include(R"(^\s*#\s*include\s*(["<])([^">]+)[">].*)");
  std::vector<Finding> findings;
  int lines = 0;
  for_each_line(text, [&](const std::string& line, int number) {
    lines = number;
    std::smatch match;
    if (std::regex_match(line, match, include)) {
      check_include(path, number, match[2], match[1] == "\"", findings);
      return;
    }
    const std::string code = code_of(line);
    for (const WordRule& rule : word_rules())
      if (rule.applies(path) && std::regex_search(code, match, rule.words))
        findings.push_back({path, number, "says " + match.str() + ": " + std::string(rule.why)});
  });
  constexpr int kLongest = 600;
  if (lines > kLongest) findings.push_back({path, lines, "is longer than 600 lines: is it still one thing?"});
  if (ends_with(path, ".h") && text.find("#pragma once") == std::string_view::npos)
    findings.push_back({path, 1, "lacks #pragma once"});
  return findings;
}

std::vector<Finding> check_text(const std::string& path, std::string_view text, bool (*exists)(const std::string&)) {
  // Spelt so that this file does not name such a path itself.
  static const std::regex machine(R"((^|[\s"'=(:`])(/)"
                                  "home/|/root"
                                  R"(/|/Users)"
                                  R"(/|/wor)"
                                  R"(k/|/tmp)"
                                  R"(/))");
  static const std::regex link(R"(\]\(([^)#\s]+)(#[^)]*)?\))");
  std::vector<Finding> findings;
  for_each_line(text, [&](const std::string& line, int number) {
    std::smatch match;
    if (std::regex_search(line, match, machine))
      findings.push_back({path, number, "names a path of somebody's machine: " + line});
    if (!ends_with(path, ".md")) return;
    for (std::sregex_iterator i(line.begin(), line.end(), link), end; i != end; ++i) {
      const std::string target = (*i)[1];
      if (target.find("://") != std::string::npos || starts_with(target, "mailto:")) continue;
      const auto place = (std::filesystem::path(path).parent_path() / target).lexically_normal().generic_string();
      if (!exists(place)) findings.push_back({path, number, "links to " + place + ", which is not there"});
    }
  });
  return findings;
}

}  // namespace hexaplex::contract
