// The rules of docs/architecture.md, on every source of the project; and that each rule sees what breaks it.
#include "tests/contract/source_rules.h"
#include "tests/support/file_content.h"
#include "tests/support/paths.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>

namespace hexaplex::contract {
namespace {

namespace fs = std::filesystem;
using ::hexaplex::test::bytes_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const fs::path kRoot = ::hexaplex::testing::source_folder();

bool exists_in_project(const std::string& path) {
  return fs::exists(kRoot / path);
}
bool nothing_exists(const std::string&) {
  return false;
}

std::vector<std::string> files(std::initializer_list<const char*> folders,
                               std::initializer_list<const char*> suffixes) {
  std::vector<std::string> found;
  for (const char* folder : folders) {
    if (!fs::exists(kRoot / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder))
      for (const char* suffix : suffixes)
        if (entry.is_regular_file() && entry.path().extension() == suffix)
          found.push_back(fs::relative(entry.path(), kRoot).generic_string());
  }
  for (const auto& entry : fs::directory_iterator(kRoot))
    for (const char* suffix : suffixes)
      if (entry.is_regular_file() && entry.path().extension() == suffix && entry.path().filename() != ".git")
        found.push_back(entry.path().filename().string());
  return found;
}

void expect_clean(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) ADD_FAILURE_AT(finding.path.c_str(), finding.line) << finding.what;
}

TEST(Layers, EverySourceKeepsTheRules) {
  const auto sources = files({"kernels", "core", "cli", "tests", "benchmarks"}, {".h", ".cpp", ".cu", ".cuh"});
  ASSERT_GT(sources.size(), 20u) << "the sources were not found";
  for (const std::string& path : sources) expect_clean(check_source(path, bytes_of(kRoot / path)));
}

TEST(Layers, EveryIncludeOfOurOwnIsRootedAndExists) {
  for (const std::string& path :
       files({"kernels", "core", "cli", "tests", "benchmarks"}, {".h", ".cpp", ".cu", ".cuh"})) {
    std::ifstream file(kRoot / path);
    int number = 0;
    for (std::string line; std::getline(file, line);) {
      ++number;
      if (line.rfind("#include \"", 0) != 0) continue;
      const std::string header = line.substr(10, line.find('"', 10) - 10);
      EXPECT_TRUE(exists_in_project(header))
          << path << ":" << number << " includes " << header << ", which is no path from the project's root";
    }
  }
}

// Two types of one name are no error to the linker: it takes the members of either for both.
TEST(Layers, NoTwoHeadersDefineATypeOfTheSameName) {
  static const std::regex definition(R"(^(struct|class|enum class|enum)\s+(alignas\(.*\)\s+)?(\w+)\b[^;]*\{.*)");
  std::map<std::string, std::string> defined_in;
  for (const std::string& path : files({"kernels", "core", "cli"}, {".h", ".cuh"})) {
    std::ifstream file(kRoot / path);
    std::smatch match;
    for (std::string line; std::getline(file, line);) {
      if (!std::regex_match(line, match, definition)) continue;
      const auto [first, fresh] = defined_in.try_emplace(match[3], path);
      // Specialisations of a template stand beside it.
      EXPECT_TRUE(fresh || first->second == path)
          << match[3] << " is defined in " << first->second << " and in " << path;
    }
  }
  EXPECT_GT(defined_in.size(), 50u) << "the definitions were not found";
}

TEST(Texts, NoMachinePathsAndNoDeadLinks) {
  const auto texts =
      files({"kernels", "core", "cli", "tests", "benchmarks", "cmake", "docs", "scripts", "sample_images", ".ci"},
            {".h", ".cpp", ".cu", ".cuh", ".md", ".sh", ".py", ".cmake", ".txt", ".json", ".yaml", ".yml", ".csv", ""});
  for (const std::string& path : texts) expect_clean(check_text(path, bytes_of(kRoot / path), exists_in_project));
}

// What follows proves that the checks above can fail.

struct Case {
  const char* name;
  const char* path;
  const char* text;
  const char* says;  ///< part of the finding; nullptr: the source is fine
};

class Rule : public ::testing::TestWithParam<Case> {};

TEST_P(Rule, SeesWhatItShould) {
  const Case& c = GetParam();
  const auto findings = check_source(c.path, c.text);
  if (!c.says) {
    EXPECT_THAT(findings, IsEmpty()) << (findings.empty() ? "" : findings[0].what);
  } else {
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_THAT(findings[0].what, HasSubstr(c.says));
  }
}

INSTANTIATE_TEST_SUITE_P(
    , Rule,
    ::testing::Values(
        Case{"RuntimeKnowsNoFamily", "kernels/runtime/a.cpp", "#include \"kernels/filter/gaussian.h\"\n",
             "must not know"},
        Case{"KernelsKnowNoCore", "kernels/filter/a.cpp", "#include \"core/io/slide.h\"\n", "must not know"},
        Case{"CoreKnowsNoCli", "core/run/a.cpp", "#include \"cli/log.h\"\n", "must not know"},
        Case{"NobodyIncludesTests", "cli/a.cpp", "#include \"tests/support/x.h\"\n", "must not know"},
        Case{"RelativeIncludes", "core/io/a.cpp", "#include \"slide.h\"\n", "must not know"},
        Case{"FamiliesMayMeet", "kernels/filter/a.cpp", "#include \"kernels/segment/label.h\"\n", nullptr},
        Case{"CoreMayUseKernels", "core/run/a.cpp", "#include \"kernels/segment/label.h\"\n", nullptr},
        Case{"TestsMayLookIn", "tests/core/a.cpp", "#include \"core/io/slide.h\"\n#include <gtest/gtest.h>\n", nullptr},
        Case{"CudaInCoreHeader", "core/run/a.cpp", "#include <cuda_runtime.h>\n", "CUDA belongs to"},
        Case{"CudaInRuntimeHeader", "kernels/runtime/a.h", "#pragma once\n#include <cuda_runtime.h>\n",
             "CUDA belongs to"},
        Case{"CudaInRuntimeSource", "kernels/runtime/a.cpp", "#include <cuda_runtime.h>\n", nullptr},
        Case{"CubInCudaSource", "kernels/segment/a.cu", "#include <cub/cub.cuh>\n", nullptr},
        Case{"TiffInReport", "core/report/a.cpp", "#include <tiffio.h>\n", "libtiff belongs to core/io"},
        Case{"TiffInIo", "core/io/a.cpp", "#include <tiffio.h>\n", nullptr},
        Case{"OpenSlideInPipeline", "core/pipeline/a.cpp", "#include <openslide.h>\n", "OpenSlide belongs to core/io"},
        Case{"TbbOutsideTheLauncher", "core/run/a.cpp", "#include <tbb/parallel_for.h>\n", "TBB belongs to"},
        Case{"TbbInTheLauncher", "kernels/runtime/launch.cpp", "#include <tbb/parallel_for.h>\n", nullptr},
        Case{"OpenCvInCli", "cli/a.cpp", "#include <opencv2/imgproc.hpp>\n", "OpenCV belongs to core"},
        Case{"LibraryInKernels", "kernels/filter/a.cpp", "#include <fmt/format.h>\n", "nothing but the compiler"},
        Case{"SystemInAFamily", "kernels/filter/a.cpp", "#include <sys/mman.h>\n", "nothing but the compiler"},
        Case{"SystemInTheRuntime", "kernels/runtime/a.cpp", "#include <sys/mman.h>\n", nullptr},
        Case{"StandardInKernels", "kernels/filter/a.cpp", "#include <vector>\n", nullptr},
        Case{"ArgumentsInCore", "core/run/a.cpp", "#include <CLI/CLI.hpp>\n", "CLI11 belongs to cli"},
        Case{"IndentedInclude", "core/run/a.cpp", "  #  include <tiffio.h>\n", "libtiff"},
        Case{"PrintingInCore", "core/run/a.cpp", "void f() { std::cerr << 1; }\n", "never print"},
        Case{"FormattingInCore", "core/run/a.cpp", "auto s = fmt::format(\"{}\", 1); std::snprintf(b, 2, \"\");\n",
             nullptr},
        Case{"ExitInKernels", "kernels/filter/a.cpp", "void f() { std::exit(1); }\n", "never end"},
        Case{"CatchInACommand", "cli/commands/a.cpp", "  } catch (const Error& e) {\n", "only cli/failure.cpp"},
        Case{"CatchWhereFailuresAreTold", "cli/failure.cpp", "  } catch (const Error& e) {\n", nullptr},
        Case{"LibmInCore", "core/run/a.cpp", "double d = std::log(x);\n", "libm"},
        Case{"LibmInAComment", "core/run/a.cpp", "// std::log( would differ\n", nullptr},
        Case{"SqrtIsExact", "core/run/a.cpp", "double d = std::sqrt(x);\n", nullptr},
        Case{"HeaderWithoutGuard", "core/run/a.h", "int f();\n", "#pragma once"}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST(TextRule, SeesALongFile) {
  std::string text;
  for (int i = 0; i < 601; ++i) text += "int x;\n";
  ASSERT_EQ(check_source("core/run/a.cpp", text).size(), 1u);
}

TEST(TextRule, SeesAMachinePath) {
  const std::string home = std::string("see /ho") + "me/somebody/x\n";
  EXPECT_EQ(check_text("docs/a.md", home, nothing_exists).size(), 1u);
  EXPECT_THAT(check_text("docs/a.md", "see /usr/local/cuda/bin\n", nothing_exists), IsEmpty());
}

TEST(TextRule, SeesADeadLink) {
  EXPECT_EQ(check_text("docs/a.md", "[x](nowhere.md#part)\n", nothing_exists).size(), 1u);
  EXPECT_THAT(check_text("docs/a.md", "[x](https://example.org) [y](#part)\n", nothing_exists), IsEmpty());
}

}  // namespace
}  // namespace hexaplex::contract
