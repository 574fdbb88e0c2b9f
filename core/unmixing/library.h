#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/io/slide.h"
#include "core/panel/panel.h"

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

/// Reads a library from CSV: `band`, optional `wavelength_nm`, optional `exposure_ms`, then one column per component;
/// rows in page order. Quoted fields, CRLF and a byte order mark are accepted.
/// Throws ConfigError, with file and line, for a wrong number of columns, a number that is none or not finite, a
/// duplicate or empty component name, a component that is zero in every band, fewer bands than components, components
/// that depend on each other, and a condition number above 10,000.
SpectralLibrary read_spectral_library(const std::filesystem::path& file);

/// The library that inForm embedded in a slide. Throws ConfigError where the slide has none or an unusable one.
SpectralLibrary embedded_spectral_library(const SlideInfo& slide);

/// The component of each panel channel: by fluorophore, then by marker; exactly but for case first, then by letters
/// and digits alone. Throws ConfigError that lists the names where a channel has no component or two share one.
std::vector<int> match_components(const SpectralLibrary& library, const Panel& panel);

/// Checks that a slide has one channel per band of the library. Throws ConfigError that names both.
void require_same_bands(const SpectralLibrary& library, const SlideInfo& slide);

}  // namespace hexaplex
