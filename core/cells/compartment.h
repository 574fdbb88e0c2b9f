#pragma once

#include <array>
#include <string_view>

namespace hexaplex {

/// Parts of a cell. Cytoplasm = cell without nucleus; membrane = pixels of the cell within `membrane_um` of its border,
/// overlapping both.
enum class Compartment { nucleus, cytoplasm, membrane, cell };
inline constexpr std::array kCompartments{Compartment::nucleus, Compartment::cytoplasm, Compartment::membrane,
                                          Compartment::cell};

enum class Statistic { mean, median, min, max, std, sum };
inline constexpr std::array kStatistics{Statistic::mean, Statistic::median, Statistic::min,
                                        Statistic::max,  Statistic::std,    Statistic::sum};

constexpr std::string_view name_of(Compartment c) {
  constexpr std::string_view names[] = {"nucleus", "cytoplasm", "membrane", "cell"};
  return names[static_cast<int>(c)];
}
constexpr std::string_view name_of(Statistic s) {
  constexpr std::string_view names[] = {"mean", "median", "min", "max", "std", "sum"};
  return names[static_cast<int>(s)];
}

}  // namespace hexaplex
