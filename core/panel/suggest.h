#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hexaplex {

/// The name nearest to `given` by edit distance, case counted at less than a letter; empty where none is near enough
/// to be what was meant. Ties go to the earlier name.
std::string nearest_name(std::string_view given, std::span<const std::string> names);

/// "; did you mean X?" or nothing.
std::string did_you_mean(std::string_view given, std::span<const std::string> names);

/// "a, b, c", shortened after `most` names.
std::string listed(std::span<const std::string> names, std::size_t most = 20);

}  // namespace hexaplex
