#include "cli/byte_size.h"

#include <cctype>
#include <charconv>

#include "kernels/runtime/error.h"

namespace hexaplex::cli {

std::int64_t parse_byte_size(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  auto [p, error] = std::from_chars(text.data(), end, value);
  const auto wrong = [&] { return InvalidArgument("'" + text + "' is no size; say 800M or 2G"); };
  if (error != std::errc() || !(value > 0)) throw wrong();
  while (p < end && *p == ' ') ++p;
  const std::string units = "kMGT";
  if (p < end) {
    const std::size_t power = units.find(*p == 'K' ? 'k' : *p);
    if (power != std::string::npos) {
      for (std::size_t i = 0; i <= power; ++i) value *= 1024;
      if (++p < end && *p == 'i') ++p;
    }
    if (p < end && *p == 'B') ++p;
  }
  if (p != end || value > 1e18) throw wrong();
  return static_cast<std::int64_t>(value);
}

}  // namespace hexaplex::cli
