#include "core/run/checkpoints.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>
#include <numeric>
#include <sstream>
#include <stdexcept>

#include "core/panel/load_panel.h"
#include "core/pipeline/measured_slide.h"
#include "core/pipeline/run_slide.h"
#include "core/run/output_file.h"
#include "kernels/runtime/error.h"
#include "tests/support/file_content.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

namespace hexaplex {
namespace {

namespace fs = std::filesystem;
using ::hexaplex::test::bytes_of;
using test::TemporaryFolder;

const fs::path kMarrow = ::hexaplex::testing::source_folder() / "sample_images" / "marrow";

std::size_t entries_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

struct Content {
  double number = 0;
  std::vector<std::int64_t> table;
  HostPlane<std::uint32_t> plane{{700, 3000}, 0};  // in several blocks

  void write(CheckpointWriter& to) const {
    to.value(number);
    to.table(table);
    to.plane(CpuQueue{}, plane.view());
    to.plane(CpuQueue{}, plane.view().window({3, 4, 5, 6}));
  }
  void read(CheckpointReader& from) {
    number = from.value<double>();
    from.table(table, 1000);
    from.plane(plane.view());
    HostPlane<std::uint32_t> part({5, 6});
    from.plane(part.view());
    EXPECT_EQ(part(4, 5), plane(7, 9));
    from.finish();
  }
};

Content content() {
  Content c;
  c.number = 7.25;
  c.table.resize(1000);
  std::iota(c.table.begin(), c.table.end(), std::int64_t{1} << 40);
  for (std::int64_t i = 0; i < c.plane.extent().area(); ++i) c.plane.data()[i] = static_cast<std::uint32_t>(i / 97);
  return c;
}

TEST(CheckpointFile, GivesBackWhatWasWritten) {
  const TemporaryFolder folder;
  const Content want = content();
  {
    CheckpointWriter writer(folder.path() / "a.bin");
    want.write(writer);
    EXPECT_FALSE(fs::exists(folder.path() / "a.bin"));
    writer.commit();
  }
  Content got;
  CheckpointReader reader(folder.path() / "a.bin");
  got.read(reader);
  EXPECT_EQ(got.number, want.number);
  EXPECT_EQ(got.table, want.table);
  EXPECT_TRUE(std::equal(got.plane.data(), got.plane.data() + got.plane.extent().area(), want.plane.data()));
  { CheckpointWriter dropped(folder.path() / "b.bin"); }
  EXPECT_EQ(entries_in(folder.path()), 1u);
}

TEST(CheckpointFile, RefusesWhatWasCutOrChanged) {
  const TemporaryFolder folder;
  {
    CheckpointWriter writer(folder.path() / "a.bin");
    content().write(writer);
    writer.commit();
  }
  const std::string good = bytes_of(folder.path() / "a.bin");
  const Content want = content();
  int unharmed = 0;
  const auto refused = [&](const std::string& bytes) {
    const fs::path file = folder.write("b.bin", bytes);
    Content got;
    try {
      CheckpointReader reader(file);
      got.read(reader);
    } catch (const InputError&) {
      return;
    }
    // A frame of zstd has a bit that says nothing.
    ++unharmed;
    EXPECT_EQ(got.number, want.number);
    EXPECT_EQ(got.table, want.table);
    EXPECT_TRUE(std::equal(got.plane.data(), got.plane.data() + got.plane.extent().area(), want.plane.data()));
  };
  for (std::size_t cut = 0; cut < good.size(); cut += 1 + good.size() / 40) refused(good.substr(0, cut));
  refused(good.substr(0, good.size() - 1));
  refused(good + "x");
  EXPECT_EQ(unharmed, 0);
  for (std::size_t at = 0; at < good.size(); at += 1 + good.size() / 200) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    refused(bad);
  }
  EXPECT_LE(unharmed, 5);
}

TEST(Checkpoints, OfAnotherKeyGo) {
  const TemporaryFolder out;
  const auto write = [](CheckpointWriter& to) { to.value(3); };
  const auto read = [](CheckpointReader& from) { EXPECT_EQ(from.value<int>(), 3); };
  Checkpoints first(out.path(), "S", "aa"), sibling(out.path(), "S2", "aa");
  EXPECT_FALSE(first.load("unmix", read));
  first.save("unmix", write);
  sibling.save("unmix", write);
  EXPECT_TRUE(Checkpoints(out.path(), "S", "aa").load("unmix", read));
  EXPECT_FALSE(Checkpoints(out.path(), "S", "bb").load("unmix", read));
  EXPECT_FALSE(Checkpoints(out.path(), "S", "aa").load("unmix", read));
  EXPECT_TRUE(sibling.load("unmix", read));
  Checkpoints::remove(out.path(), "S2");
  EXPECT_EQ(entries_in(out.path()), 0u);
}

TEST(Checkpoints, ThatCannotBeKeptAreSaidAndLeftAlone) {
  for (int fatal = 0; fatal < 4; ++fatal) {
    const TemporaryFolder out;
    Checkpoints checkpoints(out.path(), "S", "aa");
    int step = 0;
    set_output_fault([&](OutputStep, const fs::path&) { return step++ == fatal ? ENOSPC : 0; });
    EXPECT_NO_THROW(checkpoints.save("unmix", [](CheckpointWriter& to) { to.value(3); }));
    set_output_fault({});
    ASSERT_EQ(checkpoints.notes().size(), 1u) << fatal;
    EXPECT_NE(checkpoints.notes()[0].find("no checkpoint of the stage 'unmix'"), std::string::npos);
    EXPECT_EQ(entries_in(out.path()), 0u);
  }
}

// A slide that is read again wherever it is needed: values, statistics and the report are those of the run that died.
TEST(Checkpoints, OfAnUnmixedSlideGiveItsValues) {
  const TemporaryFolder out;
  Panel panel = load_panel("aml-marrow-6plex");
  const SpectralLibrary library = read_spectral_library(kMarrow / "library.csv");
  const SlideInfo info = open_slide(kMarrow / "before.ome.tif")->info();
  ReadingPlan plan;
  plan.area = TissueArea(info.extent);
  plan.hold = false;
  CpuQueue q;
  ComputePlace place;
  const auto unmix = [&](Checkpoints& checkpoints) {
    return unmix_components(q, place, info, panel, library, plan, UnmixMethod::non_negative, checkpoints);
  };
  const auto expect_same = [&](const MeasuredSlide& a, const MeasuredSlide& b) {
    EXPECT_EQ(a.unmixing->residual, b.unmixing->residual);
    EXPECT_EQ(a.unmixing->residual_rms_counts, b.unmixing->residual_rms_counts);
    EXPECT_EQ(a.unmixing->max_kkt_violation, b.unmixing->max_kkt_violation);
    EXPECT_EQ(a.unmixing->crosstalk, b.unmixing->crosstalk);
    EXPECT_EQ(a.unmixing->crosstalk_assessable, b.unmixing->crosstalk_assessable);
    std::vector<int> all(a.channels->names().size());
    std::iota(all.begin(), all.end(), 0);
    const Rect window{13, 20, 300, 211};
    const ChannelWindow x = a.channels->read(q, window, all), y = b.channels->read(q, window, all);
    for (std::size_t c = 0; c < all.size(); ++c) {
      EXPECT_EQ(a.channels->histogram(q, all[c]), b.channels->histogram(q, all[c]));
      EXPECT_EQ(a.channels->largest_magnitude(q, all[c]), b.channels->largest_magnitude(q, all[c]));
      for (int v = 0; v < window.height; ++v)
        ASSERT_TRUE(std::equal(x.planes[c].row(v), x.planes[c].row(v) + window.width, y.planes[c].row(v)));
    }
  };
  Checkpoints none, first(out.path(), "S", "aa"), second(out.path(), "S", "aa");
  const MeasuredSlide want = unmix(none);
  expect_same(want, unmix(first));
  EXPECT_TRUE(first.notes().empty());
  expect_same(want, unmix(second));
  EXPECT_EQ(second.notes().size(), 1u);

  // Its last bytes are damaged: all before them has been taken over by then.
  const fs::path file = out.path() / ".S.checkpoint-aa" / "unmix.bin";
  std::string bytes = bytes_of(file);
  bytes[bytes.size() - 12] ^= 1;
  std::ofstream(file, std::ios::binary) << bytes;
  Checkpoints third(out.path(), "S", "aa");
  expect_same(want, unmix(third));
  ASSERT_EQ(third.notes().size(), 1u);
  EXPECT_NE(third.notes()[0].find("damaged"), std::string::npos);
  Checkpoints fourth(out.path(), "S", "aa");  // it was written anew
  expect_same(want, unmix(fourth));
  ASSERT_EQ(fourth.notes().size(), 1u);
  EXPECT_NE(fourth.notes()[0].find("taken from a checkpoint"), std::string::npos);
}

TEST(Checkpoints, TakeARunUpThatDiedInAnyStage) {
  Panel panel = load_panel("aml-marrow-6plex");
  RunOptions options;
  options.library = kMarrow / "library.csv";
  const fs::path slide = kMarrow / "before.ome.tif";
  const TemporaryFolder want;
  options.out = want.path();
  run_slide(slide, panel, options);
  options.checkpoint_pixels = 0;
  for (const std::string dies_in : {"unmix", "segment", "measure", "phenotype", "write"}) {
    const TemporaryFolder out;
    options.out = out.path();
    options.progress = [&](const std::string& stage) {
      if (stage == dies_in) throw std::runtime_error("died");
    };
    EXPECT_THROW(run_slide(slide, panel, options), std::runtime_error);
    EXPECT_FALSE(fs::exists(out.path() / "before"));
    const bool kept = dies_in != "unmix" && dies_in != "segment";
    EXPECT_EQ(entries_in(out.path()), kept ? 1u : 0u) << dies_in;
    options.progress = {};
    run_slide(slide, panel, options);
    EXPECT_EQ(entries_in(out.path()), 1u);
    for (const char* file : {"cells.csv", "labels.ome.tif", "cells.geojson.gz", "summary.json", "overlay.png"})
      EXPECT_TRUE(bytes_of(want.path() / "before" / file) == bytes_of(out.path() / "before" / file)) << file;
    const std::string run = bytes_of(out.path() / "before" / "run.json");
    EXPECT_EQ(run.find("the stage 'segment' was taken from a checkpoint") != std::string::npos, kept) << dies_in;
  }
  // One that died between publishing and removing.
  {
    Checkpoints left(want.path(), "before", "aa");
    left.save("unmix", [](CheckpointWriter& to) { to.value(3); });
    RunOptions again = options;
    again.out = want.path();
    again.resume = true;
    EXPECT_TRUE(run_slide(slide, panel, again).resumed);
    EXPECT_EQ(entries_in(want.path()), 1u);
  }
  // Another panel does not take it up.
  const TemporaryFolder out;
  options.out = out.path();
  options.progress = [](const std::string& stage) {
    if (stage == "measure") throw std::runtime_error("died");
  };
  EXPECT_THROW(run_slide(slide, panel, options), std::runtime_error);
  panel.segmentation.expansion_um = 3;
  options.progress = {};
  run_slide(slide, panel, options);
  EXPECT_EQ(bytes_of(out.path() / "before" / "run.json").find("taken from a checkpoint"), std::string::npos);
  EXPECT_EQ(entries_in(out.path()), 1u);
}

}  // namespace
}  // namespace hexaplex
