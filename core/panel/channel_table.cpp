#include "core/panel/channel_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <string>

#include "core/panel/suggest.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {
constexpr std::size_t kMostBytes = 1 << 20;

struct Row {
  int line = 0;
  std::vector<std::string> fields;
};

std::string trimmed(std::string text) {
  const char* blanks = " \t\r\n";
  text.erase(0, text.find_first_not_of(blanks));
  text.erase(text.find_last_not_of(blanks) + 1);
  return text;
}

std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(kMostBytes + 1, '\0');
  if (!in) throw InputError(file.string(), "cannot be read; is the path right?");
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || (in.gcount() == 0 && !in.eof())) throw InputError(file.string(), "cannot be read; is it a file?");
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMostBytes) throw ConfigError(file.string(), "is larger than 1 MiB; a list of channels is a page");
  if (text.rfind("\xef\xbb\xbf", 0) == 0) text.erase(0, 3);
  return text;
}

std::vector<Row> split(const std::string& text, const std::string& file) {
  std::vector<Row> rows;
  Row row{1, {""}};
  int line = 1;
  bool quoted = false;
  const auto end_row = [&] {
    if (row.fields.size() > 1 || !trimmed(row.fields[0]).empty()) rows.push_back(row);
    row = {line, {""}};
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\0') throw ConfigError(file, line, "is not text; a list of channels is a CSV file");
    if (c == '\n') ++line;
    if (quoted) {
      if (c != '"')
        row.fields.back() += c;
      else if (i + 1 < text.size() && text[i + 1] == '"')
        row.fields.back() += text[++i];
      else
        quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      row.fields.emplace_back();
    } else if (c == '\n') {
      end_row();
    } else if (c != '\r') {
      row.fields.back() += c;
    }
  }
  if (quoted) throw ConfigError(file, row.line, "has a quote that is never closed");
  end_row();
  for (Row& r : rows)
    for (std::string& field : r.fields) field = trimmed(field);
  return rows;
}

/// The fields of one row by name of column.
class Fields {
 public:
  Fields(const Row& header, const Row& row, const std::string& file) : header_(header), row_(row), file_(file) {}

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
  const Row& header_;
  const Row& row_;
  const std::string& file_;
};

PanelChannel channel_from(const Fields& fields) {
  PanelChannel channel;
  channel.marker = fields.text("marker_name");
  channel.fluorophore = fields.text("fluorophore");
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
  const std::vector<Row> rows = split(read_text(path), file);
  if (rows.empty()) throw ConfigError(file, "is empty; it needs a header line with marker_name");
  const Row& header = rows[0];
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
