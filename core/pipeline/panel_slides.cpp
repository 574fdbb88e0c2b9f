#include "core/pipeline/panel_slides.h"

#include <fmt/format.h>

#include <filesystem>

#include "core/stains/slide_stains.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

std::set<std::string> control_slides(const Panel& panel) {
  std::set<std::string> slides;
  for (const auto& [marker, rule] : panel.positivity)
    if (rule.method == PositivityRule::Method::control) slides.insert(rule.control_slide);
  for (const auto& [marker, rule] : panel.scores)
    if (!rule.control.empty()) slides.insert(rule.control);
  return slides;
}

std::vector<PanelSlide> panel_slides(const Panel& panel) {
  std::vector<PanelSlide> slides;
  for (const std::string& path : control_slides(panel)) slides.push_back({"control", path});
  if (!panel.stains.reference.empty()) slides.push_back({"stain reference", panel.stains.reference});
  return slides;
}

std::optional<SlideInfo> stain_reference(const Panel& panel) {
  const std::string& path = panel.stains.reference;
  if (path.empty()) return std::nullopt;
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    throw InputError(path,
                     fmt::format("the slide that stains.reference of {} names is not there; give its path relative "
                                 "to the panel, or take the key out to have vectors found on each slide",
                                 panel.file.empty() ? panel.name : panel.file.string()));
  const SlideInfo info = open_slide(path)->info();
  require_rgb(info);
  return info;
}

}  // namespace hexaplex
