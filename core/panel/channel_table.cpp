#include "core/panel/channel_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "core/io/csv_table.h"
#include "core/panel/suggest.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {
constexpr std::size_t kMostBytes = 1 << 20;  // a list of channels is a page

/// The fields of one row by name of column.
class Fields {
 public:
  Fields(const CsvRow& header, const CsvRow& row, const std::string& file) : header_(header), row_(row), file_(file) {}

  std::string text(std::string_view column) const {
    const auto found = std::find(header_.fields.begin(), header_.fields.end(), column);
    if (found == header_.fields.end()) return "";
    const auto k = static_cast<std::size_t>(found - header_.fields.begin());
    return k < row_.fields.size() ? row_.fields[k] : "";
  }
  std::optional<double> wavelength(std::string_view column) const {
    const std::string value = text(column);
    if (value.empty()) return std::nullopt;
    double number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size() || !std::isfinite(number) || number <= 0)
      fail(std::string(column) + " is '" + value + "'; it takes nanometres above 0, or nothing");
    return number;
  }
  std::optional<int> number(std::string_view column) const {
    const std::string value = text(column);
    if (value.empty()) return std::nullopt;
    int number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size() || number < 1 || number > 10000)
      fail(std::string(column) + " is '" + value + "'; it takes the place in the file, counted from 1");
    return number;
  }
  [[noreturn]] void fail(const std::string& what) const { throw ConfigError(file_, row_.line, what); }

 private:
  const CsvRow& header_;
  const CsvRow& row_;
  const std::string& file_;
};

PanelChannel channel_from(const Fields& fields) {
  PanelChannel channel;
  channel.marker = fields.text("marker_name");
  channel.fluorophore = fields.text("fluorophore");
  channel.stain = fields.text("stain");
  channel.channel_number = fields.number("channel_number");
  channel.excitation_nm = fields.wavelength("excitation_wavelength");
  channel.emission_nm = fields.wavelength("emission_wavelength");
  if (const std::string name = fields.text("compartment"); !name.empty()) {
    const auto compartment = compartment_from(name);
    if (!compartment) fields.fail("compartment is '" + name + "'; it takes nucleus, cytoplasm, membrane or cell");
    channel.compartment = *compartment;
  }
  return channel;
}

PanelChannel channel_from_steinbock(const Fields& fields) {
  PanelChannel channel;
  channel.marker = fields.text("name");
  channel.fluorophore = fields.text("channel");
  if (channel.marker.empty()) std::swap(channel.marker, channel.fluorophore);
  if (fields.text("deepcell") == "1") channel.compartment = Compartment::nucleus;
  if (fields.text("deepcell") == "2") channel.compartment = Compartment::membrane;
  return channel;
}
}  // namespace

std::optional<Compartment> compartment_from(std::string_view name) {
  for (Compartment c : kCompartments)
    if (name == name_of(c)) return c;
  return std::nullopt;
}

std::vector<PanelChannel> read_channel_table(const std::filesystem::path& path) {
  const std::string file = path.string();
  const std::vector<CsvRow> rows = read_csv(path, kMostBytes);
  if (rows.empty()) throw ConfigError(file, "is empty; it needs a header line with marker_name");
  const CsvRow& header = rows[0];
  const auto has = [&](std::string_view column) {
    return std::find(header.fields.begin(), header.fields.end(), column) != header.fields.end();
  };
  const bool steinbock = !has("marker_name") && has("channel") && has("name");
  if (!steinbock && !has("marker_name"))
    throw ConfigError(file, header.line,
                      "has the columns " + listed(header.fields) + " but not marker_name (nor channel, name, keep)" +
                          did_you_mean("marker_name", header.fields));
  std::vector<PanelChannel> channels;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const Fields fields(header, rows[i], file);
    if (steinbock) {
      const std::string keep = fields.text("keep");
      if (keep == "0" || keep == "False" || keep == "false") continue;
    }
    PanelChannel channel = steinbock ? channel_from_steinbock(fields) : channel_from(fields);
    channel.line = rows[i].line;
    if (channel.marker.empty()) fields.fail("names no marker; fill in the name or take the row out");
    channels.push_back(std::move(channel));
  }
  if (channels.empty()) throw ConfigError(file, "lists no channel");
  return channels;
}

}  // namespace hexaplex
