#include "core/stains/known_stains.h"

#include <algorithm>
#include <array>

namespace hexaplex {

namespace {

constexpr std::string_view kRuifrok = "Ruifrok and Johnston 2001, as QuPath has it";
constexpr std::string_view kFiji = "the colour deconvolution of Fiji";

constexpr std::array kStains{
    KnownStain{"AEC", {.2743, .6796, .6803}, kFiji},
    KnownStain{"DAB", {.27, .57, .78}, kRuifrok},
    KnownStain{"eosin", {.2159, .8012, .5581}, "QuPath"},
    KnownStain{"Giemsa eosin", {.092789, .954111, .283111}, kFiji},
    KnownStain{"haematoxylin", {.65, .70, .29}, kRuifrok},
    KnownStain{"methylene blue", {.834750, .513556, .196330}, kFiji},
    KnownStain{"saffron", {.20, .40, .90}, "none is published: a guess, to begin an estimate with"},
};

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::span<const KnownStain> known_stains() {
  return kStains;
}

std::optional<StainVector> known_stain(const std::string& name) {
  // The American spelling is the same stain.
  const std::string_view wanted =
      same_name(name, "hematoxylin") ? std::string_view("haematoxylin") : std::string_view(name);
  for (const KnownStain& s : kStains)
    if (same_name(s.name, wanted)) return s.vector;
  return std::nullopt;
}

}  // namespace hexaplex
