#include "core/unmixing/library.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/io/csv_table.h"
#include "core/unmixing/condition.h"
#include "kernels/intensity/unmix_model.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// What each column of the file holds.
struct Columns {
  int band = -1, wavelength = -1, exposure = -1;
  std::vector<int> components;
};

Columns columns_of(const CsvRow& header, const std::string& file, SpectralLibrary& library) {
  Columns columns;
  const auto only_once = [&](int& slot, int column) {
    if (slot >= 0) throw ConfigError(file, header.line, fmt::format("has two columns `{}`", header.fields[column]));
    slot = column;
  };
  for (int i = 0; i < static_cast<int>(header.fields.size()); ++i) {
    const std::string& name = header.fields[i];
    const std::string key = lower(name);
    if (key == "band") {
      only_once(columns.band, i);
    } else if (key == "wavelength_nm") {
      only_once(columns.wavelength, i);
    } else if (key == "exposure_ms") {
      only_once(columns.exposure, i);
    } else if (name.empty()) {
      throw ConfigError(file, header.line,
                        fmt::format("column {} has no name; name the component or remove the column", i + 1));
    } else {
      columns.components.push_back(i);
      library.components.push_back(key == lower(kAutofluorescence) ? kAutofluorescence : name);
    }
  }
  if (columns.band < 0)
    throw ConfigError(file, header.line,
                      "has no column `band`; a spectral library starts with the header "
                      "`band,wavelength_nm,<component>,...`, separated by commas");
  if (columns.components.empty())
    throw ConfigError(file, header.line, "names no component; add one column per fluorophore");
  return columns;
}

double number(const CsvRow& row, int column, const std::string& name, const std::string& file) {
  const std::string& text = row.fields[column];
  double value = 0;
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty())
    throw ConfigError(file, row.line,
                      fmt::format("`{}` in column `{}` is not a number; write it with a decimal point", text, name));
  if (!std::isfinite(value))
    throw ConfigError(file, row.line, fmt::format("`{}` in column `{}` is not finite", text, name));
  return value;
}

double positive(const CsvRow& row, int column, const std::string& name, const std::string& file) {
  const double value = number(row, column, name, file);
  if (!(value > 0))
    throw ConfigError(file, row.line, fmt::format("`{}` in column `{}` must be above 0", row.fields[column], name));
  return value;
}

void read_row(const CsvRow& row, std::size_t width, const Columns& columns, const std::string& file,
              SpectralLibrary& library) {
  if (row.fields.size() != width)
    throw ConfigError(file, row.line, fmt::format("has {} columns, and the header has {}", row.fields.size(), width));
  library.bands.push_back(row.fields[columns.band]);
  if (columns.wavelength >= 0)
    library.wavelengths_nm.push_back(positive(row, columns.wavelength, "wavelength_nm", file));
  if (columns.exposure >= 0) library.exposures_ms.push_back(positive(row, columns.exposure, "exposure_ms", file));
  for (std::size_t k = 0; k < columns.components.size(); ++k)
    library.matrix.push_back(number(row, columns.components[k], library.components[k], file));
}

/// The two components that are hardest to tell apart.
std::string most_alike(const SpectralLibrary& library, const Condition& condition) {
  const int n = library.component_count();
  std::vector<double> weight(n);  // of a component in the combination that comes closest to zero
  for (int k = 0; k < n; ++k) {
    double square = 0;
    for (int b = 0; b < library.band_count(); ++b) {
      const double v = library.matrix[static_cast<std::size_t>(b) * n + k];
      square += v * v;
    }
    weight[k] = std::fabs(condition.weakest[k]) * std::sqrt(square);
  }
  const auto first = static_cast<std::size_t>(std::max_element(weight.begin(), weight.end()) - weight.begin());
  weight[first] = -1;
  const auto second = static_cast<std::size_t>(std::max_element(weight.begin(), weight.end()) - weight.begin());
  return fmt::format("`{}` and `{}`", library.components[std::min(first, second)],
                     library.components[std::max(first, second)]);
}

void check_names(const SpectralLibrary& library, int line) {
  const int n = library.component_count();
  for (int k = 0; k < n; ++k) {
    if (library.components[k].empty())
      throw ConfigError(library.file.string(), line, fmt::format("component {} has no name", k + 1));
    for (int other = 0; other < k; ++other)
      if (lower(library.components[k]) == lower(library.components[other]))
        throw ConfigError(library.file.string(), line,
                          fmt::format("has two components `{}`; rename or remove one", library.components[k]));
  }
  if (n > kMaxComponents)
    throw ConfigError(library.file.string(), line,
                      fmt::format("has {} components; at most {} can be unmixed", n, kMaxComponents));
}

void check_values(SpectralLibrary& library, int header_line) {
  const std::string file = library.file.string();
  const int n = library.component_count();
  for (int k = 0; k < n; ++k) {
    bool any = false, negative = false;
    for (int b = 0; b < library.band_count(); ++b) {
      const double v = library.matrix[static_cast<std::size_t>(b) * n + k];
      any |= v != 0;
      negative |= v < 0;
    }
    if (!any)
      throw ConfigError(file, header_line,
                        fmt::format("component `{}` is zero in every band; remove it", library.components[k]));
    if (negative)
      library.warnings.push_back(
          fmt::format("component `{}` of the spectral library has values below 0, which no emission spectrum has",
                      library.components[k]));
  }
  if (library.band_count() < n)
    throw ConfigError(file,
                      fmt::format("has {} bands for {} components; unmixing needs at least as many bands as components",
                                  library.band_count(), n));
}

void check_condition(SpectralLibrary& library) {
  const Condition condition = condition_of(library.matrix, library.band_count(), library.component_count());
  library.condition_number = condition.number;
  if (condition.number <= kConditionWarning) return;
  const std::string alike = library.component_count() > 1 ? most_alike(library, condition) : "";
  if (!std::isfinite(condition.number))
    throw ConfigError(library.file.string(),
                      fmt::format("is rank deficient: {} cannot be told apart, alone or with the other components; "
                                  "remove one of them",
                                  alike));
  if (condition.number > kConditionError)
    throw ConfigError(library.file.string(),
                      fmt::format("has the condition number {:.0f}, above {:.0f}: noise would drown the result; {} are "
                                  "hardest to tell apart, remove one of them or bring all to one scale",
                                  condition.number, kConditionError, alike));
  library.warnings.push_back(fmt::format(
      "the condition number of the spectral library is {:.0f}, above {:.0f}: {} are hard to tell apart, and "
      "noise of one shows in the other",
      condition.number, kConditionWarning, alike));
}

void check(SpectralLibrary& library, int header_line) {
  check_names(library, header_line);
  check_values(library, header_line);
  check_condition(library);
}

}  // namespace

SpectralLibrary read_spectral_library(const std::filesystem::path& file) {
  const std::vector<CsvRow> rows = read_csv(file);
  if (rows.empty())
    throw ConfigError(file.string(), "is empty; a spectral library needs a header and one row per band");
  SpectralLibrary library;
  library.file = file;
  const Columns columns = columns_of(rows[0], file.string(), library);
  check_names(library, rows[0].line);
  for (std::size_t i = 1; i < rows.size(); ++i)
    read_row(rows[i], rows[0].fields.size(), columns, file.string(), library);
  check(library, rows[0].line);
  return library;
}

SpectralLibrary embedded_spectral_library(const SlideInfo& slide) {
  const std::string file = slide.path.string();
  if (slide.spectra.empty())
    throw ConfigError(file, "holds no spectra, and no library is given; name one with --library or in the panel");
  SpectralLibrary library;
  library.file = slide.path;
  const std::size_t bands = slide.spectra[0].values.size();
  for (const auto& spectrum : slide.spectra) {
    if (spectrum.values.size() != bands)
      throw ConfigError(file,
                        fmt::format("its spectra `{}` and `{}` have {} and {} bands; give a library with --library",
                                    slide.spectra[0].name, spectrum.name, bands, spectrum.values.size()));
    library.components.push_back(lower(spectrum.name) == lower(kAutofluorescence) ? kAutofluorescence : spectrum.name);
  }
  if (slide.spectra[0].wavelengths_nm.size() == bands) library.wavelengths_nm = slide.spectra[0].wavelengths_nm;
  for (std::size_t b = 0; b < bands; ++b) {
    library.bands.push_back(fmt::format("band {}", b + 1));
    for (const auto& spectrum : slide.spectra) {
      if (!std::isfinite(spectrum.values[b]))
        throw ConfigError(file, fmt::format("its spectrum `{}` is not finite in band {}", spectrum.name, b + 1));
      library.matrix.push_back(spectrum.values[b]);
    }
  }
  check(library, 0);
  return library;
}

std::vector<std::string> require_same_bands(const SpectralLibrary& library, const SlideInfo& slide) {
  const std::size_t channels = slide.channels.size();
  if (library.bands.size() != channels)
    throw ConfigError(library.file.string(),
                      fmt::format("has {} bands, and {} has {} channels; give the library of this microscope's bands, "
                                  "rows in page order",
                                  library.bands.size(), slide.path.string(), channels));
  if (library.exposures_ms.empty()) return {};
  double least = 0, most = 0;
  for (std::size_t b = 0; b < channels; ++b) {
    if (!slide.channels[b].exposure_ms) return {};
    const double ratio = *slide.channels[b].exposure_ms / library.exposures_ms[b];
    least = b == 0 ? ratio : std::min(least, ratio);
    most = b == 0 ? ratio : std::max(most, ratio);
  }
  if (most <= 1.01 * least) return {};
  return {
      fmt::format("{} and {} were taken at different exposure times (ratio {:.3g} to {:.3g}); the library is used as "
                  "given",
                  library.file.string(), slide.path.string(), least, most)};
}

}  // namespace hexaplex
