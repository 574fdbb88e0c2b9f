#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hexaplex {

/// Whether a cell is positive for a marker, or fulfils a rule. `unknown`: the marker could not be assessed.
enum class Truth : std::uint8_t { no, yes, unknown };

/// The `when` of a phenotype: a boolean expression over markers.
///
///     or    = and { "|" and }
///     and   = not { "&" not }
///     not   = { "!" } item
///     item  = "true" | marker | "(" or ")"
///
/// A marker is one or more of [A-Za-z0-9_.+-] (a `-` belongs to the name), or any name in backticks.
class Rule {
 public:
  /// Throws InvalidArgument (what, at which column, the mend) for a wrong expression, a marker that is not in `markers`
  /// (with the nearest name), or parentheses nested more than 64 deep.
  Rule(std::string_view text, std::span<const std::string> markers);

  /// Kleene's logic: `unknown` only where the answer hangs on an unknown marker.
  /// @param states  one per marker, in the order given to the constructor
  Truth evaluate(std::span<const Truth> states) const;

  /// Indices of the markers the expression names, ascending, each once.
  const std::vector<int>& markers() const { return markers_; }

 private:
  struct Step {
    enum class Kind : std::uint8_t { constant, marker, negate, both, either } kind;
    int marker = -1;
  };
  std::vector<Step> steps_;  // postfix, so that evaluation needs no recursion
  std::vector<int> markers_;
  std::size_t markers_given_ = 0;
  friend class RuleParser;
};

}  // namespace hexaplex
