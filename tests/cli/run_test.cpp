// `hexaplex run` on the sample slides.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/io/ome_tiff_writer.h"
#include "core/io/slide.h"
#include "core/io/tiff_block_place.h"
#include "core/io/tiff_prescan.h"
#include "core/run/output_file.h"
#include "kernels/runtime/device.h"
#include "tests/support/cli/program.h"
#include "tests/support/file_content.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

const fs::path kMarrow = ::hexaplex::testing::source_folder() / "sample_images" / "marrow";

std::vector<std::string> marrow_run(const fs::path& out, const std::vector<std::string>& more) {
  std::vector<std::string> words{"run",       (kMarrow / "aplasia.ome.tif").string(),
                                 "--panel",   "aml-marrow-6plex",
                                 "--library", (kMarrow / "library.csv").string(),
                                 "--out",     out.string(),
                                 "--device",  "cpu"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

nlohmann::json read_json(const fs::path& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

TEST(RunResume, LeavesACompleteResultAlone) {
  const TemporaryFolder out;
  ASSERT_EQ(run_program(marrow_run(out.path(), {})).exit_code, 0);
  const auto written = fs::last_write_time(out.path() / "aplasia" / "run.json");
  const auto again = run_program(marrow_run(out.path(), {"--resume"}));
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.err, HasSubstr("is complete and up to date"));
  EXPECT_EQ(fs::last_write_time(out.path() / "aplasia" / "run.json"), written);
}

TEST(RunResume, DoesAgainWhatWasAskedOtherwise) {
  const TemporaryFolder out;
  ASSERT_EQ(run_program(marrow_run(out.path(), {})).exit_code, 0);
  for (const std::vector<std::string>& other : {std::vector<std::string>{"--um-per-px", "0.45"},
                                                {"--unmixing", "least-squares"},
                                                {"--image-codec", "zstd"},
                                                {"--write", "unmixed"}}) {
    std::vector<std::string> more = other;
    more.push_back("--resume");
    const auto result = run_program(marrow_run(out.path(), more));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.err, Not(HasSubstr("up to date"))) << other[0];
    EXPECT_THAT(run_program(marrow_run(out.path(), more)).err, HasSubstr("up to date")) << other[0];
  }
  EXPECT_TRUE(fs::exists(out.path() / "aplasia" / "unmixed.ome.tif"));
}

TEST(RunResume, DoesAgainWhatWasDamaged) {
  const TemporaryFolder out;
  ASSERT_EQ(run_program(marrow_run(out.path(), {})).exit_code, 0);
  const fs::path cells = out.path() / "aplasia" / "cells.csv";
  const auto bytes = fs::file_size(cells);
  fs::resize_file(cells, bytes / 2);
  EXPECT_THAT(run_program(marrow_run(out.path(), {"--resume"})).err, Not(HasSubstr("up to date")));
  EXPECT_EQ(fs::file_size(cells), bytes);
}

TEST(Run, TellsTheDiameterItWorkedWith) {
  const TemporaryFolder out;
  ASSERT_EQ(run_program(marrow_run(out.path(), {})).exit_code, 0);
  const auto run = read_json(out.path() / "aplasia" / "run.json");
  EXPECT_EQ(run.at("derived").at("nucleus_um"), 7.0);
  EXPECT_EQ(run.at("parameters").at("segmentation").at("nucleus_um"), 7.0);
}

TEST(Run, RefusesAnExistingResult) {
  const TemporaryFolder out;
  ASSERT_EQ(run_program(marrow_run(out.path(), {})).exit_code, 0);
  const auto again = run_program(marrow_run(out.path(), {}));
  EXPECT_EQ(again.exit_code, 6);
  EXPECT_THAT(again.err, HasSubstr("holds a result already"));
}

// --- damaged tiles

// A sample whose third band lost what the file holds of its first tile or strip.
fs::path write_damaged_sample(const TemporaryFolder& folder) {
  std::string bytes = bytes_of(kMarrow / "aplasia.ome.tif");
  const FileBytes file(kMarrow / "aplasia.ome.tif");
  const TiffBlockPlace place = block_place(file, prescan_tiff(file).pages.at(2), 0);
  for (std::uint64_t i = 0; i < place.bytes; ++i) bytes[place.offset + i] = '\0';
  return folder.write("aplasia.ome.tif", bytes);
}

TEST(RunDamagedTiles, EndTheRunOrAreLeftOutByChoice) {
  const TemporaryFolder folder;
  const fs::path slide = write_damaged_sample(folder);
  const auto run = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = marrow_run(folder.path() / "out", more);
    words[1] = slide.string();
    return run_program(words);
  };
  const auto refused = run({});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, HasSubstr("page 3: "));
  EXPECT_FALSE(fs::exists(folder.path() / "out" / "aplasia"));
  EXPECT_EQ(run({"--damaged-tiles", "error"}).exit_code, 3);

  const auto told = run({"--damaged-tiles", "not-assessable"});
  ASSERT_EQ(told.exit_code, 0) << told.err;
  EXPECT_THAT(told.err, HasSubstr("1 tile is missing or damaged (1 of channel 3"));
  const auto json = read_json(folder.path() / "out" / "aplasia" / "run.json");
  EXPECT_EQ(json.at("parameters").at("damaged_tiles"), "not assessable");
  EXPECT_THAT(json.at("warnings").dump(), HasSubstr("the first at x 0, y 0"));
  EXPECT_EQ(run_program({"verify", (folder.path() / "out").string()}).exit_code, 0);
  EXPECT_THAT(run({"--damaged-tiles", "not-assessable", "--resume"}).err, HasSubstr("up to date"));
  EXPECT_EQ(run({"--damaged-tiles", "black"}).exit_code, 2);
}

TEST(RunDamagedTiles, NeedTheQualityMaskOfThePanel) {
  const TemporaryFolder folder;
  std::string panel = bytes_of(::hexaplex::testing::source_folder() / "panels" / "aml-marrow-6plex.yaml");
  const std::string file = folder.write("off.yaml", panel + "quality: {mask: off}\n").string();
  folder.write("cohort.csv", "slide\n" + write_damaged_sample(folder).string() + "\n");
  for (const std::string& command : {std::string("run"), std::string("batch")}) {
    const std::string input = (folder.path() / (command == "run" ? "aplasia.ome.tif" : "cohort.csv")).string();
    const auto result = run_program({command, input, "--panel", file, "--library", (kMarrow / "library.csv").string(),
                                     "--out", (folder.path() / "out").string(), "--damaged-tiles", "not-assessable"});
    EXPECT_EQ(result.exit_code, 2) << command;
    EXPECT_THAT(result.err, HasSubstr("needs the quality mask, which this panel switches off")) << command;
    EXPECT_FALSE(fs::exists(folder.path() / "out"));
  }
}

TEST(RunDamagedTiles, AreLeftOutByABatchToo) {
  const TemporaryFolder folder;
  const auto cohort = folder.write("cohort.csv", "slide\n" + write_damaged_sample(folder).string() + "\n");
  const auto batch = [&](const std::string& out, const std::vector<std::string>& more) {
    std::vector<std::string> words{"batch",     cohort.string(),
                                   "--panel",   "aml-marrow-6plex",
                                   "--library", (kMarrow / "library.csv").string(),
                                   "--out",     (folder.path() / out).string()};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words).exit_code;
  };
  EXPECT_EQ(batch("refused", {}), 4);
  EXPECT_EQ(batch("told", {"--damaged-tiles", "not-assessable"}), 0);
  EXPECT_THAT(read_json(folder.path() / "told" / "aplasia" / "run.json").at("warnings").dump(),
              HasSubstr("missing or damaged"));
}

// Three by three copies of a sample, band by band: a picture too large for a small memory limit.
void write_mosaic(const fs::path& path, int copies) {
  const auto slide = open_slide(kMarrow / "after.ome.tif");
  const Extent small = slide->info().extent, large{small.width * copies, small.height * copies};
  std::vector<HostPlane<float>> planes;
  std::vector<OmeChannel<float>> channels;
  for (std::size_t band = 0; band < slide->info().channels.size(); ++band) {
    HostPlane<float>& plane = planes.emplace_back(large);
    for (int i = 0; i < copies * copies; ++i)
      slide->read(
          static_cast<int>(band), 0, {0, 0, small.width, small.height},
          plane.view().window({i % copies * small.width, i / copies * small.height, small.width, small.height}));
  }
  for (std::size_t band = 0; band < planes.size(); ++band)
    channels.push_back({"band " + std::to_string(band + 1), planes[band].view()});
  OutputFile file(path);
  write_ome_tiff(CpuQueue{}, file, channels, {"mosaic", *slide->info().um_per_px_x, "test"});
  file.close();
}

TEST(RunDevice, FallsBackOnlyWhereItMay) {
  const auto on = [](const std::string& device, const fs::path& out) {
    std::vector<std::string> words = marrow_run(out, {});
    words.back() = device;
    return run_program(words);
  };
  const std::string why_not = why_no_device();
  if (!why_not.empty()) {
    const TemporaryFolder out;
    const auto given = on("auto", out.path());
    EXPECT_EQ(given.exit_code, 0);
    EXPECT_THAT(given.err, HasSubstr("device: CPU (" + why_not));
    const auto execution = read_json(out.path() / "aplasia" / "run.json").at("execution");
    EXPECT_EQ(execution.at("fallbacks").at(0), "everything ran on the CPU: " + why_not);
    EXPECT_THAT(execution.at("device").get<std::string>(), ::testing::StartsWith("CPU"));
    for (const char* wanted : {"cuda", "cuda:0"}) {
      const auto refused = on(wanted, out.path() / "none");
      EXPECT_EQ(refused.exit_code, 5);
      EXPECT_THAT(refused.err, HasSubstr(why_not));
      EXPECT_FALSE(fs::exists(out.path() / "none" / "aplasia"));
    }
  }
  for (const char* memory : {"0%", "101%", "5 %", "%", "much", "-1"})
    EXPECT_EQ(run_program(marrow_run("none", {"--device-memory", memory})).exit_code, 2) << memory;
  for (const char* memory : {"50%", "2G"})
    EXPECT_EQ(run_program(marrow_run("none", {"--device-memory", memory, "--dry-run"})).exit_code, 0) << memory;
}

TEST(RunMemoryLimit, ChangesNoByteAndIsKept) {
  const TemporaryFolder folder;
  write_mosaic(folder.path() / "mosaic.ome.tif", 6);
  const auto mosaic_run = [&](const std::string& out, const std::vector<std::string>& more) {
    std::vector<std::string> words{"run",       (folder.path() / "mosaic.ome.tif").string(),
                                   "--panel",   "aml-marrow-6plex",
                                   "--library", (kMarrow / "library.csv").string(),
                                   "--out",     (folder.path() / out).string(),
                                   "--threads", "2",
                                   "--device",  "cpu"};
    words.insert(words.end(), more.begin(), more.end());
    const auto result = run_program(words);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return read_json(folder.path() / out / "mosaic" / "run.json");
  };
  auto free = mosaic_run("free", {"--memory-limit", "0", "--tile-size", "0"});
  auto kept = mosaic_run("kept", {"--memory-limit", "400M", "--tile-size", "4096"});
  EXPECT_TRUE(free.at("execution").at("fallbacks").empty());
  ASSERT_EQ(kept.at("execution").at("fallbacks").size(), 1u);
  EXPECT_THAT(kept.at("execution").at("fallbacks")[0].get<std::string>(), HasSubstr("lay on disk"));
  EXPECT_THAT(kept.at("execution").at("tile_size_reason").get<std::string>(), HasSubstr("4096 was asked for"));
#if !defined(__SANITIZE_ADDRESS__)
  EXPECT_LT(kept.at("execution").at("peak_memory_bytes").get<std::int64_t>(), std::int64_t{400} << 20);
#endif
  EXPECT_EQ(free.at("outputs"), kept.at("outputs")) << "names, sizes and hashes of every file";
}

TEST(RunMemoryLimit, ThatNoTileFitsIsOutOfMemory) {
  const TemporaryFolder folder;
  write_mosaic(folder.path() / "mosaic.ome.tif", 3);  // needs about 170 MiB
  const auto result = run_program({"run", (folder.path() / "mosaic.ome.tif").string(), "--panel", "aml-marrow-6plex",
                                   "--library", (kMarrow / "library.csv").string(), "--out",
                                   (folder.path() / "out").string(), "--memory-limit", "100M"});
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_THAT(result.err, HasSubstr("give at least"));
  EXPECT_FALSE(fs::exists(folder.path() / "out" / "mosaic"));
}

}  // namespace
}  // namespace hexaplex::test
