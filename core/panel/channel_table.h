#pragma once

#include <filesystem>
#include <vector>

#include "core/panel/panel.h"

namespace hexaplex {

/// Reads the channels of a panel from a CSV file with a header line. Columns: marker_name, and any of fluorophore,
/// stain, compartment, channel_number, excitation_wavelength, emission_wavelength; or steinbock's channel, name, keep,
/// deepcell (rows with keep 0 are left out; deepcell 1 is nuclear, 2 membrane). Other columns are ignored. Fields may
/// be quoted. Throws: ConfigError with file, line and mend; InputError where the file cannot be read.
std::vector<PanelChannel> read_channel_table(const std::filesystem::path& file);

/// "nucleus", "cytoplasm", "membrane" or "cell"; absent for anything else.
std::optional<Compartment> compartment_from(std::string_view name);

}  // namespace hexaplex
