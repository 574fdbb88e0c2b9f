#include "core/panel/suggest.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace hexaplex {

namespace {
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Twice the edit distance with swaps of neighbours; a letter in the other case costs one instead of two.
int edit_distance(std::string_view a, std::string_view b) {
  std::vector<int> before, last(b.size() + 1), now(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = static_cast<int>(2 * j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = static_cast<int>(2 * i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int change = a[i - 1] == b[j - 1] ? 0 : lower(a[i - 1]) == lower(b[j - 1]) ? 1 : 2;
      now[j] = std::min({last[j] + 2, now[j - 1] + 2, last[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = std::min(now[j], before[j - 2] + 2);
    }
    before = last;
    last = now;
  }
  return last[b.size()];
}
}  // namespace

std::string nearest_name(std::string_view given, std::span<const std::string> names) {
  constexpr std::size_t kLongest = 200;  // the table below is quadratic
  if (given.size() > kLongest) return "";
  const std::string* best = nullptr;
  int least = 0;
  for (const std::string& name : names) {
    if (name.size() > kLongest) continue;
    const int distance = edit_distance(given, name);
    if (best == nullptr || distance < least) best = &name, least = distance;
  }
  if (best == nullptr) return "";
  // A third of the letters may be wrong, and always one.
  const auto allowed = std::max<std::size_t>(2, 2 * std::max(given.size(), best->size()) / 3);
  return static_cast<std::size_t>(least) <= allowed ? *best : "";
}

std::string did_you_mean(std::string_view given, std::span<const std::string> names) {
  const std::string name = nearest_name(given, names);
  return name.empty() ? "" : "; did you mean " + name + "?";
}

std::string listed(std::span<const std::string> names, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(most, names.size()); ++i) text += (i > 0 ? ", " : "") + names[i];
  if (names.size() > most) text += " and " + std::to_string(names.size() - most) + " more";
  return text;
}

}  // namespace hexaplex
