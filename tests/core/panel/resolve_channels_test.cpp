#include "core/panel/resolve_channels.h"

#include <gmock/gmock.h>

#include "core/panel/load_panel.h"
#include "kernels/runtime/error.h"

namespace hexaplex {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SlideInfo slide(std::vector<SlideChannel> channels) {
  SlideInfo info;
  info.path = "slide.tif";
  info.channels = std::move(channels);
  return info;
}

Panel panel(const std::string& channels) {
  return parse_panel("segmentation: {nuclear: DAPI}\nchannels: [" + channels + "]", "p.yaml");
}

std::string error_of(const Panel& p, const SlideInfo& info) {
  try {
    resolve_channels(p, info);
    return "found";
  } catch (const InputError& error) {
    return error.what();
  }
}

TEST(ResolveChannels, ByMarkerInAnyOrder) {
  const Panel p = panel("{marker: DAPI}, {marker: CD3}");
  EXPECT_THAT(resolve_channels(p, slide({{"CD3", "", {}, {}, {}}, {"x", "", {}, {}, {}}, {"DAPI", "", {}, {}, {}}})),
              ElementsAre(2, 0));
}

TEST(ResolveChannels, ByFluorophoreAndWithoutRegardToCaseAndSpaces) {
  const Panel p = panel("{marker: DAPI}, {marker: CD3, fluorophore: Opal 520}, {marker: E-cadherin}");
  EXPECT_THAT(resolve_channels(
                  p, slide({{"opal520", "", {}, {}, {}}, {"Ecadherin", "", {}, {}, {}}, {"dapi", "", {}, {}, {}}})),
              ElementsAre(2, 0, 1));
  EXPECT_THAT(
      resolve_channels(
          p, slide({{"T cells", "Opal 520", {}, {}, {}}, {"E-cadherin", "", {}, {}, {}}, {"DAPI", "", {}, {}, {}}})),
      ElementsAre(2, 0, 1));
}

TEST(ResolveChannels, AnExactNameWinsOverASimilarOne) {
  const Panel p = panel("{marker: DAPI}, {marker: CD3}");
  EXPECT_THAT(resolve_channels(p, slide({{"cd3", "", {}, {}, {}}, {"CD3", "", {}, {}, {}}, {"DAPI", "", {}, {}, {}}})),
              ElementsAre(2, 1));
}

TEST(ResolveChannels, ByNumber) {
  const Panel p = panel("{marker: DAPI, channel_number: 2}, {marker: CD3, channel_number: 1}");
  EXPECT_THAT(resolve_channels(p, slide({{}, {}})), ElementsAre(1, 0));
  EXPECT_THAT(error_of(p, slide({{}})),
              HasSubstr("slide.tif: has 1 channels without names, so the panel's DAPI cannot be channel number 2"));
}

TEST(ResolveChannels, SaysWhatTheFileHasAndTheMend) {
  const Panel p = panel("{marker: DAPI}, {marker: CD3, fluorophore: Opal 520}");
  const std::string what = error_of(p, slide({{"DAPI", "", {}, {}, {}}, {"CD20", "", {}, {}, {}}}));
  EXPECT_THAT(what,
              HasSubstr("slide.tif: has no channel for the panel's CD3 (Opal 520); it has 2 channels: DAPI, CD20"));
  EXPECT_THAT(what, HasSubstr("p.yaml"));
  EXPECT_THAT(error_of(p, slide({{"DAPI", "", {}, {}, {}}, {"CD3", "", {}, {}, {}}, {"CD3", "", {}, {}, {}}})),
              HasSubstr("two channels that could be the panel's CD3 (2 and 3)"));
  const Panel same = panel("{marker: DAPI}, {marker: CD3, channel_number: 1}");
  EXPECT_THAT(error_of(same, slide({{"DAPI", "", {}, {}, {}}})),
              HasSubstr("channel 1 would be both the panel's DAPI and CD3"));
}

TEST(ResolveChannels, AmongTheComponentsOfALibrary) {
  const Panel p = panel("{marker: DAPI, channel_number: 1}, {marker: CD3, fluorophore: Opal 520}");
  EXPECT_THAT(resolve_channels(p, {"Opal 520", "Autofluorescence", "DAPI"}, "library.csv"), ElementsAre(2, 0));
  EXPECT_THROW(resolve_channels(p, {"DAPI"}, "library.csv"), InputError);
}

}  // namespace
}  // namespace hexaplex
