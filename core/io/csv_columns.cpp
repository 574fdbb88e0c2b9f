#include "core/io/csv_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "core/io/text.h"
#include "core/report/text.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr std::size_t kMostLineBytes = std::size_t{64} << 20;  // a quote that never closes would take in the whole file

// The fields of one record, trimmed; quotes are known to be in pairs.
void split(const std::string& record, std::vector<std::string>& fields) {
  fields.clear();
  std::string quoted_field;
  std::size_t at = 0;
  for (;;) {
    while (at < record.size() && (record[at] == ' ' || record[at] == '\t')) ++at;
    if (at < record.size() && record[at] == '"') {
      quoted_field.clear();
      for (++at; at < record.size(); ++at) {
        if (record[at] != '"')
          quoted_field += record[at];
        else if (at + 1 < record.size() && record[at + 1] == '"')
          quoted_field += record[at++];
        else
          break;
      }
      fields.emplace_back(trim(quoted_field));
      at = std::min(record.find(',', at), record.size());
    } else {
      const std::size_t end = std::min(record.find(',', at), record.size());
      fields.emplace_back(trim(std::string_view(record).substr(at, end - at)));
      at = end;
    }
    if (at == record.size()) return;
    ++at;
  }
}

/// Records of a file, one at a time: a line, or several where a quoted field holds line breaks.
class Records {
 public:
  explicit Records(const std::filesystem::path& file) : file_(file), in_(file, std::ios::binary) {
    std::error_code error;
    if (!in_ || !std::filesystem::is_regular_file(file, error))
      throw InputError(file.string(), "cannot be read; is it a result of hexaplex run?");
  }

  /// False at the end. Empty lines are skipped.
  bool next(std::string& record, int& line) {
    record.clear();
    std::string part;
    bool open = false;
    while (std::getline(in_, part)) {
      ++line_;
      if (!open && (part.empty() || part == "\r")) continue;
      if (!open) line = line_;
      record += (open ? "\n" : "") + part;
      if (std::count(part.begin(), part.end(), '"') % 2 != 0) open = !open;
      if (record.size() > kMostLineBytes) break;
      if (open) continue;
      if (record.back() == '\r') record.pop_back();
      return true;
    }
    if (in_.bad()) throw InputError(file_.string(), "cannot be read to its end");
    if (!record.empty())
      throw InputError(file_.string(), line, "opens a quote that is never closed; run its slide with --overwrite");
    return false;
  }

 private:
  std::filesystem::path file_;
  std::ifstream in_;
  int line_ = 0;
};

}  // namespace

void read_csv_columns(const std::filesystem::path& file,
                      const std::function<std::vector<std::size_t>(std::span<const std::string> names)>& choose,
                      const std::function<void(int line, std::span<const std::string> fields)>& take) {
  Records records(file);
  std::string record;
  std::vector<std::string> fields, wanted;
  int line = 0;
  if (!records.next(record, line)) throw InputError(file.string(), "is empty; run its slide with --overwrite");
  if (record.starts_with("\xef\xbb\xbf")) record.erase(0, 3);
  split(record, fields);
  const std::size_t columns = fields.size();
  const std::vector<std::size_t> chosen = choose(fields);
  wanted.resize(chosen.size());
  while (records.next(record, line)) {
    split(record, fields);
    if (fields.size() != columns)
      throw InputError(file.string(), line,
                       fmt::format("has {} fields where the first row has {}; run its slide with --overwrite",
                                   fields.size(), columns));
    for (std::size_t i = 0; i < chosen.size(); ++i) wanted[i].swap(fields[chosen[i]]);
    take(line, wanted);
  }
}

std::string as_read_from_csv(std::string_view name) {
  std::vector<std::string> fields;
  split(csv_field(name), fields);
  return fields.front();
}

}  // namespace hexaplex
