#include "core/report/publish.h"

#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fcntl.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "core/run/output_file.h"
#include "core/run/verify.h"
#include "kernels/runtime/error.h"
#include "tests/support/core/sample_result.h"
#include "tests/support/core/tiff_pages.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex {
namespace {

namespace fs = std::filesystem;
using test::SampleResult;
using test::TemporaryFolder;

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) names.insert(entry.path().filename().string());
  return names;
}

std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const OutputError& e) {
    return e.what();
  }
  return "no OutputError";
}

// Sets a fault for as long as it lives.
struct Fault {
  explicit Fault(std::function<int(OutputStep, const fs::path&)> f) { set_output_fault(std::move(f)); }
  ~Fault() { set_output_fault({}); }
};

TEST(Publish, EveryFileOfTheContractAndNothingElse) {
  const TemporaryFolder out;
  const SampleResult sample;
  const fs::path folder = publish_results(sample.result, {.out = out.path() / "new" / "deep"});
  EXPECT_EQ(folder, out.path() / "new" / "deep" / "sample");
  EXPECT_EQ(names_in(folder),
            (std::set<std::string>{"cells.csv", "labels.ome.tif", "cells.geojson.gz", "cell_seg_data.txt",
                                   "mcquant.csv", "summary.json", "overlay.png", "report.html", "run.json"}));
  EXPECT_EQ(names_in(folder.parent_path()), std::set<std::string>{"sample"});
  const fs::path second = publish_results(sample.result, {.out = out.path() / "b", .write_unmixed = true});
  EXPECT_TRUE(fs::exists(second / "unmixed.ome.tif"));
}

TEST(Publish, ThreadsChangeNoByteOutsideTheExecutionBlock) {
  const TemporaryFolder out;
  SampleResult sample({700, 600}, 12);
  const fs::path a = publish_results(sample.result, {.out = out.path() / "a", .queue = CpuQueue{1}});
  sample.result.execution.device = "another";
  sample.result.inputs[0].path = "/elsewhere/sample.tif";
  const fs::path b = publish_results(sample.result, {.out = out.path() / "b"});
  for (const std::string& name : names_in(a))
    EXPECT_TRUE(name == "run.json" || hexaplex::test::bytes_of(a / name) == hexaplex::test::bytes_of(b / name)) << name;
  auto x = nlohmann::json::parse(hexaplex::test::bytes_of(a / "run.json")),
       y = nlohmann::json::parse(hexaplex::test::bytes_of(b / "run.json"));
  EXPECT_EQ(x["execution"]["device"], "CPU");
  EXPECT_NE(x["execution"], y["execution"]);
  x.erase("execution");
  y.erase("execution");
  EXPECT_EQ(x, y);
}

TEST(Publish, TheCodecChangesFilesAndNoPixel) {
  const TemporaryFolder out;
  const SampleResult sample({700, 600}, 30);
  const fs::path plain = publish_results(sample.result, {.out = out.path() / "a", .write_unmixed = true});
  const fs::path other =
      publish_results(sample.result, {.out = out.path() / "b", .write_unmixed = true, .image_codec = ImageCodec::zstd});
  for (const std::string& name : names_in(plain)) {
    const bool image = name.ends_with(".tif");
    EXPECT_TRUE(name == "run.json" ||
                image != (hexaplex::test::bytes_of(plain / name) == hexaplex::test::bytes_of(other / name)))
        << name;
    if (!image) continue;
    const auto a = test::read_tiff_pages(plain / name), b = test::read_tiff_pages(other / name);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
      EXPECT_EQ(std::memcmp(a[i].pixels.data(), b[i].pixels.data(), a[i].pixels.bytes()), 0) << name << ' ' << i;
  }
}

TEST(Publish, AbsentNucleiAreZeros) {
  const TemporaryFolder out;
  SampleResult sample({700, 600}, 30);
  sample.labels.nucleus = {};
  sample.result.labels = sample.labels;
  const fs::path folder = publish_results(sample.result, {.out = out.path()});
  const auto pages = test::read_tiff_pages(folder / "labels.ome.tif");
  ASSERT_EQ(pages.size(), 2u);
  for (int y = 0; y < 600; ++y)
    for (int x = 0; x < 700; ++x) {
      ASSERT_EQ(pages[0].pixels(x, y), 0.0f);
      ASSERT_EQ(pages[1].pixels(x, y), static_cast<float>(sample.labels.cell(x, y)));
    }
}

TEST(Publish, AnExistingResultIsRefusedOrReplacedWhole) {
  const TemporaryFolder out;
  SampleResult sample;
  publish_results(sample.result, {.out = out.path()});
  EXPECT_NE(message_of([&] { publish_results(sample.result, {.out = out.path()}); }).find("--overwrite"),
            std::string::npos);
  EXPECT_NE(message_of([&] { check_output(out.path(), "sample", Existing::refuse); }).find("--resume"),
            std::string::npos);
  test::write_text(out.path() / "sample" / "notes.txt", "of the old result");
  sample.result.panel = "changed";
  publish_results(sample.result, {.out = out.path(), .existing = Existing::overwrite});
  EXPECT_FALSE(fs::exists(out.path() / "sample" / "notes.txt"));
  EXPECT_EQ(nlohmann::json::parse(hexaplex::test::bytes_of(out.path() / "sample" / "run.json"))["panel"], "changed");
  EXPECT_EQ(names_in(out.path()), std::set<std::string>{"sample"});
}

TEST(Publish, AFaultAtAnyStepLeavesNothingAndNamesTheFile) {
  const TemporaryFolder out;
  const SampleResult sample({60, 50});
  std::atomic<int> steps{0};  // files are finished on threads of their own
  {
    const Fault count([&](OutputStep, const fs::path&) { return ++steps, 0; });
    publish_results(sample.result, {.out = out.path() / "whole", .write_unmixed = true});
  }
  ASSERT_GT(steps, 60);
  for (int fail = 0; fail < steps; ++fail) {
    const int error = fail % 2 == 0 ? ENOSPC : EIO;
    std::atomic<int> step{0};
    const Fault fault([&](OutputStep, const fs::path&) { return step++ == fail ? error : 0; });
    const fs::path folder = out.path() / "faulty";
    const std::string message =
        message_of([&] { publish_results(sample.result, {.out = folder, .write_unmixed = true}); });
    ASSERT_NE(message.find(std::strerror(error)), std::string::npos) << fail << ": " << message;
    ASSERT_NE(message.find("--out"), std::string::npos) << message;
    // The last step syncs the folder of the renamed result: it is there, whole, and may not be durable yet.
    ASSERT_TRUE(fail + 1 == steps || names_in(folder).empty()) << fail << " of " << steps << ": " << message;
    fs::remove_all(folder);
  }
}

// The program dies at a step, without any chance to clean up: the result is whole or absent, the old one is never lost,
// and the next run leaves nothing of it behind.
TEST(Publish, DeathAtAnyStepLeavesAWholeResultOrNone) {
  const TemporaryFolder out;
  SampleResult sample({60, 50});
  const auto publish = [&](Existing existing) {
    publish_results(sample.result, {.out = out.path(), .existing = existing, .queue = CpuQueue{1}});
  };
  std::atomic<int> steps{0};  // files are finished on threads of their own
  {
    const Fault count([&](OutputStep, const fs::path&) { return ++steps, 0; });
    publish(Existing::refuse);
  }
  for (const bool replace : {false, true})
    for (int fatal = 0; fatal < steps; ++fatal) {
      fs::remove_all(out.path() / "sample");
      sample.result.panel = "old";
      if (replace) publish(Existing::refuse);
      sample.result.panel = "new";
      const pid_t child = ::fork();
      ASSERT_GE(child, 0);
      if (child == 0) {
        std::atomic<int> step{0};
        set_output_fault([&](OutputStep, const fs::path&) { return step++ == fatal ? ::raise(SIGKILL) : 0; });
        publish(Existing::overwrite);
        ::_exit(0);
      }
      int status = 0;
      ASSERT_EQ(::waitpid(child, &status, 0), child);
      ASSERT_TRUE(WIFSIGNALED(status)) << fatal;
      const fs::path folder = out.path() / "sample";
      if (replace || fs::exists(folder)) {
        const auto run = nlohmann::json::parse(hexaplex::test::bytes_of(folder / "run.json"));
        EXPECT_TRUE(run["panel"] == "new" || (replace && run["panel"] == "old"));
        EXPECT_EQ(verify_result(folder).differences.size(), 1u) << "all but the slide, which never was there";
      }
      sample.result.panel = "next";
      publish(Existing::overwrite);
      EXPECT_EQ(nlohmann::json::parse(hexaplex::test::bytes_of(folder / "run.json"))["panel"], "next");
      EXPECT_EQ(names_in(out.path()), std::set<std::string>{"sample"}) << fatal;
    }
}

TEST(Publish, AFaultWhileOverwritingKeepsTheOldResult) {
  const TemporaryFolder out;
  SampleResult sample;
  publish_results(sample.result, {.out = out.path()});
  const std::string before = hexaplex::test::bytes_of(out.path() / "sample" / "run.json");
  sample.result.panel = "changed";
  const Fault fault([](OutputStep step, const fs::path&) { return step == OutputStep::rename ? EIO : 0; });
  EXPECT_THROW(publish_results(sample.result, {.out = out.path(), .existing = Existing::overwrite}), OutputError);
  EXPECT_EQ(hexaplex::test::bytes_of(out.path() / "sample" / "run.json"), before);
  EXPECT_EQ(names_in(out.path()), std::set<std::string>{"sample"});
}

TEST(Publish, FoldersOfDeadRunsAreRemovedAndOfLivingOnesKept) {
  const TemporaryFolder out;
  const SampleResult sample;
  fs::create_directories(out.path() / ".sample.partial-1-0" / "deep");
  fs::create_directories(out.path() / ".sample.partial-2-0");
  fs::create_directories(out.path() / ".sample-two.partial-1-0");  // of another slide
  const int lock = ::open((out.path() / ".sample.partial-2-0").c_str(), O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(::flock(lock, LOCK_EX), 0);
  publish_results(sample.result, {.out = out.path()});
  ::close(lock);
  EXPECT_EQ(names_in(out.path()), (std::set<std::string>{"sample", ".sample.partial-2-0", ".sample-two.partial-1-0"}));
}

TEST(Publish, AResultSetAsideByADeadRunIsPutBack) {
  const TemporaryFolder out;
  const SampleResult sample;
  publish_results(sample.result, {.out = out.path()});
  fs::rename(out.path() / "sample", out.path() / ".sample.previous");
  try {
    check_output(out.path(), "sample", Existing::overwrite);
  } catch (const OutputError&) {
  }
  EXPECT_EQ(names_in(out.path()), std::set<std::string>{"sample"});
}

TEST(Publish, AFileInTheWayOfTheFolder) {
  const TemporaryFolder out;
  const SampleResult sample;
  test::write_text(out.path() / "file", "");
  const std::string message =
      message_of([&] { publish_results(sample.result, {.out = out.path() / "file" / "below"}); });
  EXPECT_NE(message.find("Not a directory"), std::string::npos) << message;
}

// Mounts a small file system of its own; needs root.
struct SmallDisk {
  fs::path path;
  bool mounted;
  SmallDisk(const fs::path& where, const std::string& options, unsigned long flags = 0) : path(where) {
    fs::create_directories(where);
    mounted = ::mount("tmpfs", where.c_str(), "tmpfs", flags, options.c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted) ::umount2(path.c_str(), MNT_DETACH);
  }
};

TEST(Publish, AFullDiskIsSaidSoAndLeftClean) {
  const TemporaryFolder out;
  const SampleResult sample;
  for (const char* size : {"size=8k", "size=64k", "size=200k"}) {
    const SmallDisk disk(out.path() / "disk", size);
    if (!disk.mounted) GTEST_SKIP() << "mounting a small disk needs root: " << std::strerror(errno);
    const std::string message =
        message_of([&] { publish_results(sample.result, {.out = disk.path, .write_unmixed = true}); });
    EXPECT_NE(message.find("No space left on device; free space there"), std::string::npos) << size << ": " << message;
    EXPECT_TRUE(names_in(disk.path).empty()) << size;
  }
}

TEST(Publish, AReadOnlyDiskIsSaidSo) {
  const TemporaryFolder out;
  const SampleResult sample;
  const SmallDisk disk(out.path() / "disk", "size=1m", MS_RDONLY);
  if (!disk.mounted) GTEST_SKIP() << "mounting a read-only disk needs root: " << std::strerror(errno);
  const std::string message = message_of([&] { publish_results(sample.result, {.out = disk.path}); });
  EXPECT_NE(message.find("Read-only file system; give an --out"), std::string::npos) << message;
  EXPECT_NE(message.find(disk.path.string()), std::string::npos) << message;
}

TEST(Publish, RefusesWhatIsNoResult) {
  const TemporaryFolder out;
  SampleResult sample;
  for (const char* stem : {"", ".", "..", "a/b"}) {
    sample.result.stem = stem;
    EXPECT_THROW(publish_results(sample.result, {.out = out.path()}), InvalidArgument) << stem;
  }
  sample.result.stem = "s";
  sample.result.phenotype[0] = 3;
  EXPECT_THROW(publish_results(sample.result, {.out = out.path()}), InvalidArgument);
}

TEST(Publish, NoCellIsAValidResult) {
  const TemporaryFolder out;
  SampleResult sample;
  sample.labels = LabelPair{{}, HostPlane<std::uint32_t>(sample.result.extent, 0u)};
  sample.result.labels = sample.labels;
  sample.result.cells.resize(0);
  sample.result.phenotype.clear();
  sample.result.positive.assign(3, {});
  const fs::path folder = publish_results(sample.result, {.out = out.path()});
  const auto summary = nlohmann::json::parse(hexaplex::test::bytes_of(folder / "summary.json"));
  EXPECT_EQ(summary["cells"], 0);
  EXPECT_TRUE(summary["phenotypes"]["T cell"]["percent"].is_null());
  EXPECT_EQ(
      nlohmann::json::parse(test::gunzip(hexaplex::test::bytes_of(folder / "cells.geojson.gz")))["features"].size(),
      0u);
}

TEST(Resume, IsByContentAndParameters) {
  const TemporaryFolder out;
  SampleResult sample;
  EXPECT_FALSE(is_current_result(out.path(), sample.result));
  publish_results(sample.result, {.out = out.path()});
  EXPECT_TRUE(is_current_result(out.path(), sample.result));
  sample.result.inputs[0].path = "/moved/renamed.tif";
  EXPECT_TRUE(is_current_result(out.path(), sample.result));
  sample.result.parameters["nucleus_um"] = 7.5;
  EXPECT_FALSE(is_current_result(out.path(), sample.result));
  sample.result.parameters["nucleus_um"] = 7.0;
  sample.result.inputs[0].sha256[0] = 'b';
  EXPECT_FALSE(is_current_result(out.path(), sample.result));
  sample.result.inputs[0].sha256[0] = 'a';
  EXPECT_TRUE(is_current_result(out.path(), sample.result));
  fs::resize_file(out.path() / "sample" / "cells.csv", 10);
  EXPECT_FALSE(is_current_result(out.path(), sample.result));
}

TEST(Verify, FindsEveryKindOfDifference) {
  const TemporaryFolder out;
  SampleResult sample;
  test::write_text(out.path() / "slide.tif", "pixels");
  fs::create_directory(out.path() / "folder");
  test::write_text(out.path() / "folder" / "CD3.tif", "pixels");
  sample.result.inputs = {record_input("slide", out.path() / "slide.tif"),
                          record_input("labels", out.path() / "folder")};
  const fs::path folder = publish_results(sample.result, {.out = out.path() / "results"});
  EXPECT_EQ(find_results(out.path() / "results"), std::vector<fs::path>{folder});
  EXPECT_EQ(find_results(folder), std::vector<fs::path>{folder});
  const Verification good = verify_result(folder);
  EXPECT_TRUE(good.differences.empty());
  EXPECT_EQ(good.checked, 10u);

  test::write_text(out.path() / "slide.tif", "pixelz");
  test::write_text(out.path() / "folder" / "CD4.tif", "more");
  test::write_text(folder / "mcquant.csv", "changed");
  fs::remove(folder / "report.html");
  test::write_text(folder / "stranger.txt", "");
  auto run = nlohmann::json::parse(hexaplex::test::bytes_of(folder / "run.json"));
  run["parameters"]["nucleus_um"] = 8;
  test::write_text(folder / "run.json", run.dump());
  const Verification bad = verify_result(folder);
  ASSERT_EQ(bad.differences.size(), 5u);
  EXPECT_NE(bad.differences[0].find("parameters"), std::string::npos);
  EXPECT_NE(bad.differences[1].find("slide.tif is not what was read"), std::string::npos);
  EXPECT_NE(bad.differences[2].find("folder"), std::string::npos);
  EXPECT_NE(bad.differences[3].find("mcquant.csv was changed"), std::string::npos);
  EXPECT_NE(bad.differences[4].find("report.html is missing"), std::string::npos);
  EXPECT_EQ(bad.notes, std::vector<std::string>{"stranger.txt is not part of the result"});

  fs::remove(out.path() / "slide.tif");
  EXPECT_NE(verify_result(folder).differences[1].find("no longer there"), std::string::npos);
  for (const char* text :
       {"", "{", "[]", R"({"inputs": 1})", R"({"inputs":[],"outputs":[{}],"parameters":{},"parameters_sha256":""})"}) {
    test::write_text(folder / "run.json", text);
    EXPECT_THROW(verify_result(folder), InputError) << text;
  }
  EXPECT_THROW(verify_result(out.path()), InputError);
}

}  // namespace
}  // namespace hexaplex
