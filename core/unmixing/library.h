#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/io/slide.h"

namespace hexaplex {

/// Name of the component that no marker owns.
inline constexpr const char* kAutofluorescence = "Autofluorescence";
/// Limits of the condition number of a library: above the first a warning, above the second an error.
inline constexpr double kConditionWarning = 100;
inline constexpr double kConditionError = 10000;

/// What each component looks like in each band. `raw - offset` is approximated by `matrix x abundance`; the values are
/// used as given.
struct SpectralLibrary {
  std::filesystem::path file;           ///< where it came from, for messages
  std::vector<std::string> bands;       ///< names, in page order
  std::vector<double> wavelengths_nm;   ///< one per band, or empty
  std::vector<double> exposures_ms;     ///< one per band, or empty; kept for the record, not applied
  std::vector<std::string> components;  ///< unique names, in column order
  std::vector<double> matrix;           ///< [bands x components], row by row
  double condition_number = 0;          ///< largest over smallest singular value of the matrix
  std::vector<std::string> warnings;    ///< sentences for people

  int band_count() const { return static_cast<int>(bands.size()); }
  int component_count() const { return static_cast<int>(components.size()); }
};

/// Which component belongs to which channel of a panel: resolve_channels(panel, library.components, file) in
/// core/panel/resolve_channels.h.

/// Reads a library from CSV: `band`, optional `wavelength_nm`, optional `exposure_ms`, then one column per component;
/// rows in page order. Quoted fields, CRLF and a byte order mark are accepted (core/io/csv_table.h).
/// Throws InputError where the file cannot be read; ConfigError, with file and line, for a wrong number of columns, a
/// number that is none or not finite, a duplicate or empty component name, a component that is zero in every band,
/// fewer bands than components, components that depend on each other, and a condition number above 10,000.
SpectralLibrary read_spectral_library(const std::filesystem::path& file);

/// The library that inForm embedded in a slide. Throws ConfigError where the slide has none or an unusable one.
SpectralLibrary embedded_spectral_library(const SlideInfo& slide);

/// Checks that a slide has one channel per band of the library. Throws ConfigError that names both.
/// Returns: warnings, where library and slide both give exposure times and their ratio differs between bands by more
/// than 1 %: the library is used as given.
std::vector<std::string> require_same_bands(const SpectralLibrary& library, const SlideInfo& slide);

}  // namespace hexaplex
