#include "core/io/csv_table.h"

#include <fstream>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string read_text(const std::filesystem::path& file, std::size_t most_bytes) {
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file)) throw InputError(file.string(), "cannot be read; is the path right?");
  std::string text;
  char part[1 << 14];
  while (in.read(part, sizeof part) || in.gcount() > 0) {
    text.append(part, static_cast<std::size_t>(in.gcount()));
    if (text.size() > most_bytes)
      throw ConfigError(file.string(), "is larger than " + std::to_string(most_bytes >> 20) +
                                           " MiB, too much for a table that people write; is it the right file?");
  }
  if (in.bad()) throw InputError(file.string(), "cannot be read to its end");
  return text;
}

/// Splits a text into rows, one character at a time.
class Reader {
 public:
  Reader(const std::string& text, std::string file) : text_(text), file_(std::move(file)) {}

  std::vector<CsvRow> rows() {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
    while (at_ < text_.size()) {
      CsvRow row{line_, {}};
      while (field(row)) {
      }
      if (row.fields.size() > 1 || !row.fields[0].empty()) rows_.push_back(std::move(row));
    }
    return std::move(rows_);
  }

 private:
  bool ended() const { return at_ == text_.size() || text_[at_] == '\n' || text_.compare(at_, 2, "\r\n") == 0; }

  /// Reads one field; false after the last of its row.
  bool field(CsvRow& row) {
    std::string value;
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    if (at_ < text_.size() && text_[at_] == '"') {
      value = quoted();
    } else {
      while (!ended() && text_[at_] != ',') value += plain();
      if (value.find('\r') != std::string::npos)
        throw ConfigError(file_, line_,
                          "holds a carriage return without a line feed; save it with LF or CRLF line ends");
    }
    row.fields.push_back(trimmed(value));
    if (at_ < text_.size() && text_[at_] == ',') {
      ++at_;
      return true;
    }
    if (at_ < text_.size()) {  // LF or CRLF
      at_ += text_[at_] == '\r' ? 2 : 1;
      ++line_;
    }
    return false;
  }

  char plain() {
    const char c = text_[at_++];
    if (c == '\0') throw ConfigError(file_, line_, "holds a zero byte; save it as plain text in UTF-8");
    return c;
  }

  std::string quoted() {
    const int opened = line_;
    std::string value;
    for (++at_;;) {
      if (at_ == text_.size()) throw ConfigError(file_, opened, "opens a quote that is never closed");
      const char c = plain();
      if (c == '\n') ++line_;
      if (c != '"') {
        value += c;
      } else if (at_ < text_.size() && text_[at_] == '"') {
        value += text_[at_++];
      } else {
        break;
      }
    }
    while (!ended() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    if (!ended() && text_[at_] != ',')
      throw ConfigError(file_, line_, "has text after a closing quote; double the quotes inside a field");
    return value;
  }

  const std::string& text_;
  std::string file_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::vector<CsvRow> rows_;
};

}  // namespace

std::vector<CsvRow> read_csv(const std::filesystem::path& file, std::size_t most_bytes) {
  const std::string text = read_text(file, most_bytes);
  return Reader(text, file.string()).rows();
}

}  // namespace hexaplex
