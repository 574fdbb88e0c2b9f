#include "core/io/text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace hexaplex {

namespace {

/// Length of the valid UTF-8 sequence at the start of `s`, 0 where there is none (overlong and surrogates included).
std::size_t utf8_length(std::string_view s) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  const unsigned b0 = byte(0);
  if (b0 < 0x80) return 1;
  const std::size_t n = b0 >= 0xF0 ? 4 : b0 >= 0xE0 ? 3 : 2;
  if (b0 < 0xC2 || b0 > 0xF4 || s.size() < n) return 0;
  for (std::size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned b1 = byte(1);
  if ((b0 == 0xE0 && b1 < 0xA0) || (b0 == 0xED && b1 > 0x9F) || (b0 == 0xF0 && b1 < 0x90) || (b0 == 0xF4 && b1 > 0x8F))
    return 0;
  return n;
}

}  // namespace

std::string clean_text(std::string_view raw) {
  std::string out;
  for (std::size_t i = 0; i < raw.size();) {
    const auto c = static_cast<unsigned char>(raw[i]);
    const std::size_t n = utf8_length(raw.substr(i));
    const bool c1 = n == 2 && c == 0xC2 && static_cast<unsigned char>(raw[i + 1]) < 0xA0;  // terminals obey these too
    if (c1) {
      i += 2;
    } else if (c < 0x20 || c == 0x7F) {
      if (c == '\t' || c == '\n' || c == '\r') out += ' ';
      ++i;
    } else if (n == 0) {
      out += static_cast<char>(0xC0 | (c >> 6));
      out += static_cast<char>(0x80 | (c & 0x3F));
      ++i;
    } else {
      out.append(raw.substr(i, n));
      i += n;
    }
  }
  return std::string(trim(out));
}

std::optional<double> parse_number(std::string_view text) {
  const std::string_view s = trim(text);
  double value = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (s.empty() || error != std::errc{} || end != s.data() + s.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::vector<std::uint8_t>> decode_base64(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
  };
  std::vector<std::uint8_t> out;
  std::uint32_t bits = 0;
  int held = 0;
  bool ended = false;
  for (const char c : text) {
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    if (c == '=') {
      ended = true;
      continue;
    }
    const int d = digit(c);
    if (d < 0 || ended) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(d);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out.push_back(static_cast<std::uint8_t>(bits >> held));
    }
  }
  return out;
}

std::string to_lower(std::string_view ascii) {
  std::string out(ascii);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks(" \t\r\n\0", 5);
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool ends_with_ignoring_case(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && to_lower(text.substr(text.size() - suffix.size())) == to_lower(suffix);
}

std::optional<double> um_per_unit(std::string_view unit) {
  struct Unit {
    std::string_view name;
    double um;
  };
  // Both micro signs (U+00B5 and the Greek U+03BC), ImageJ's escape of the first, and the spellings in use.
  static constexpr std::array<Unit, 29> kUnits{
      {{"\xC2\xB5m", 1},    {"\xCE\xBCm", 1},    {"\\u00b5m", 1},     {"um", 1},         {"micron", 1},
       {"microns", 1},      {"micrometer", 1},   {"micrometers", 1},  {"micrometre", 1}, {"micrometres", 1},
       {"nm", 1e-3},        {"nanometer", 1e-3}, {"nanometre", 1e-3}, {"pm", 1e-6},      {"\xC3\x85", 1e-4},
       {"mm", 1e3},         {"millimeter", 1e3}, {"millimetre", 1e3}, {"cm", 1e4},       {"centimeter", 1e4},
       {"centimetre", 1e4}, {"dm", 1e5},         {"m", 1e6},          {"meter", 1e6},    {"metre", 1e6},
       {"in", 25400},       {"inch", 25400},     {"inches", 25400},   {"ft", 304800}}};
  const std::string name = to_lower(clean_text(unit));
  for (const Unit& u : kUnits) {
    if (name == u.name || clean_text(unit) == u.name) return u.um;
  }
  return std::nullopt;
}

}  // namespace hexaplex
