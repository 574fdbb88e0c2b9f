#include "core/panel/resolve_channels.h"

#include <algorithm>

#include "core/panel/suggest.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

// "Opal 520", "opal520" and "OPAL-520" are one name; a sign tells markers apart (CD4+, CD4-) and stays.
std::string simplified(const std::string& name) {
  std::string result;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c != ' ' && c != '-' && c != '_' && c != '.' && c != '/' && c != '(' && c != ')') result += c;
  }
  return result.empty() ? name : result;
}

struct Candidate {
  std::string name, fluorophore;
};

// Index of the one candidate for which `same` holds; -1 for none.
template <class Same>
int only(const std::vector<Candidate>& candidates, const PanelChannel& channel, const std::string& file, Same same) {
  int found = -1;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (!same(candidates[i])) continue;
    if (found >= 0)
      throw InputError(file, "has two channels that could be the panel's " + channel.marker + " (" +
                                 std::to_string(found + 1) + " and " + std::to_string(i + 1) +
                                 "); say which by channel_number in the panel");
    found = static_cast<int>(i);
  }
  return found;
}

int find(const std::vector<Candidate>& candidates, const PanelChannel& channel, const std::string& file) {
  for (const std::string& wanted : {channel.marker, channel.fluorophore}) {
    if (wanted.empty()) continue;
    int found = only(candidates, channel, file, [&](const Candidate& c) { return c.name == wanted; });
    if (found < 0) found = only(candidates, channel, file, [&](const Candidate& c) { return c.fluorophore == wanted; });
    if (found >= 0) return found;
  }
  for (const std::string& given : {channel.marker, channel.fluorophore}) {
    if (given.empty()) continue;
    const std::string wanted = simplified(given);
    const int found = only(candidates, channel, file, [&](const Candidate& c) {
      return (!c.name.empty() && simplified(c.name) == wanted) ||
             (!c.fluorophore.empty() && simplified(c.fluorophore) == wanted);
    });
    if (found >= 0) return found;
  }
  return -1;
}

std::string described(const std::vector<Candidate>& candidates) {
  std::vector<std::string> names;
  bool named = false;
  for (const Candidate& c : candidates) {
    named = named || !c.name.empty() || !c.fluorophore.empty();
    names.push_back(c.name.empty() ? c.fluorophore.empty() ? "(no name)" : c.fluorophore : c.name);
  }
  if (!named) return std::to_string(candidates.size()) + " channels without names";
  return std::to_string(candidates.size()) + " channels: " + listed(names, 64);
}

std::vector<int> resolve(const Panel& panel, const std::vector<Candidate>& candidates, const std::string& file,
                         bool by_number) {
  const auto mend = [&] {
    return std::string("; mend the panel's marker or fluorophore") + (by_number ? ", or give the channel_number" : "") +
           " in " +
           (panel.file.empty() ? "a copy of the preset (hexaplex panel show " + panel.name + ")" : panel.file.string());
  };
  std::vector<int> indices;
  for (const PanelChannel& channel : panel.channels) {
    int index = -1;
    if (by_number && channel.channel_number) {
      index = *channel.channel_number - 1;
      if (index >= static_cast<int>(candidates.size()))
        throw InputError(file, "has " + described(candidates) + ", so the panel's " + channel.marker +
                                   " cannot be channel number " + std::to_string(*channel.channel_number) + mend());
    } else {
      index = find(candidates, channel, file);
    }
    if (index < 0)
      throw InputError(file, "has no channel for the panel's " + channel.marker +
                                 (channel.fluorophore.empty() ? "" : " (" + channel.fluorophore + ")") + "; it has " +
                                 described(candidates) + mend());
    const auto taken = std::find(indices.begin(), indices.end(), index);
    if (taken != indices.end())
      throw InputError(file, "channel " + std::to_string(index + 1) + " would be both the panel's " +
                                 panel.channels[static_cast<std::size_t>(taken - indices.begin())].marker + " and " +
                                 channel.marker + mend());
    indices.push_back(index);
  }
  return indices;
}
}  // namespace

std::vector<int> resolve_channels(const Panel& panel, const SlideInfo& slide) {
  std::vector<Candidate> candidates;
  for (const SlideChannel& channel : slide.channels) candidates.push_back({channel.name, channel.fluorophore});
  return resolve(panel, candidates, slide.path.string(), true);
}

std::vector<int> resolve_channels(const Panel& panel, const std::vector<std::string>& names, const std::string& file) {
  std::vector<Candidate> candidates;
  candidates.reserve(names.size());
  for (const std::string& name : names) candidates.push_back({name, ""});
  return resolve(panel, candidates, file, false);
}

}  // namespace hexaplex
