#include "core/panel/yaml_document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {
constexpr std::size_t kMostBytes = 1 << 20;
constexpr int kMostLevels = 64;
constexpr int kMostValues = 20000;

class Converter {
 public:
  explicit Converter(const std::string& file) : file_(file) {}

  nlohmann::json convert(const YAML::Node& node, const std::string& pointer, int level) {
    document_.lines.emplace(pointer, line_of(node));
    if (level > kMostLevels) fail(node, "is nested deeper than " + std::to_string(kMostLevels) + " levels");
    if (++values_ > kMostValues) fail(node, "holds more than " + std::to_string(kMostValues) + " values");
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        return scalar(node);
      case YAML::NodeType::Sequence: {
        nlohmann::json list = nlohmann::json::array();
        for (const YAML::Node& item : node)
          list.push_back(convert(item, child_pointer(pointer, std::to_string(list.size())), level + 1));
        return list;
      }
      case YAML::NodeType::Map:
        return map(node, pointer, level);
      default:
        return nullptr;
    }
  }

  YamlDocument document_;

 private:
  static int line_of(const YAML::Node& node) { return node.Mark().is_null() ? 0 : node.Mark().line + 1; }
  [[noreturn]] void fail(const YAML::Node& node, const std::string& what) const {
    throw ConfigError(file_, line_of(node), what);
  }

  nlohmann::json map(const YAML::Node& node, const std::string& pointer, int level) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) fail(entry.first, "has a key that is no plain word");
      const std::string& key = entry.first.Scalar();
      if (object.contains(key)) fail(entry.first, "gives '" + key + "' twice; keep one of them");
      const std::string at = child_pointer(pointer, key);
      document_.lines.emplace(at, line_of(entry.first));
      object[key] = convert(entry.second, at, level + 1);
    }
    return object;
  }

  // The core schema of YAML 1.2 for plain scalars; quoted ones (tag "!") stay strings.
  static nlohmann::json scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (node.Tag() == "!") return text;
    if (text.empty() || text == "~" || text == "null") return nullptr;
    if (text == "true") return true;
    if (text == "false") return false;
    const char* begin = text.data() + (text[0] == '+' ? 1 : 0);
    const char* end = text.data() + text.size();
    if (begin != end && (*begin == '-' || *begin == '.' || (*begin >= '0' && *begin <= '9'))) {
      std::int64_t whole = 0;
      if (auto r = std::from_chars(begin, end, whole); r.ec == std::errc{} && r.ptr == end) return whole;
      double number = 0;
      if (auto r = std::from_chars(begin, end, number); r.ec == std::errc{} && r.ptr == end) return number;
    }
    return text;
  }

  const std::string& file_;
  int values_ = 0;
};

// Where documents begin, and nothing else of them.
class DocumentStarts : public YAML::EventHandler {
 public:
  int line = 0;  ///< of the latest

  void OnDocumentStart(const YAML::Mark& mark) override { line = mark.line + 1; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

// A stray comma between documents is one document after the other to yaml-cpp, and never the last: so it is asked for
// two and no more (LoadAll would fill the memory).
void require_one_document(const std::string& text, const std::string& file) {
  std::istringstream in(text);
  YAML::Parser parser(in);
  DocumentStarts starts;
  if (parser.HandleNextDocument(starts) && parser.HandleNextDocument(starts))
    throw ConfigError(file, starts.line,
                      "holds several documents, or a stray comma; keep one panel a file, and commas inside brackets");
}
}  // namespace

std::string child_pointer(const std::string& pointer, std::string_view key) {
  std::string result = pointer + "/";
  for (char c : key) {
    if (c == '~')
      result += "~0";
    else if (c == '/')
      result += "~1";
    else
      result += c;
  }
  return result;
}

int YamlDocument::line(std::string pointer) const {
  for (;;) {
    if (const auto found = lines.find(pointer); found != lines.end()) return found->second;
    if (pointer.empty()) return 0;
    pointer.resize(pointer.rfind('/'));
  }
}

YamlDocument read_yaml(std::string_view text, const std::string& file) {
  if (text.size() > kMostBytes) throw ConfigError(file, "is larger than 1 MiB; a panel is a page of text");
  if (text.find('\0') != std::string_view::npos) throw ConfigError(file, "is not text; a panel is a YAML file");
  try {
    const std::string whole(text);
    require_one_document(whole, file);
    Converter converter(file);
    const YAML::Node root = YAML::Load(whole);
    converter.document_.value = converter.convert(root, "", 0);
    converter.document_.lines[""] = std::max(converter.document_.lines[""], 1);
    return std::move(converter.document_);
  } catch (const YAML::Exception& error) {
    throw ConfigError(file, error.mark.is_null() ? 0 : error.mark.line + 1,
                      "is not YAML: " + error.msg + "; look at indentation, quotes and brackets here");
  }
}

}  // namespace hexaplex
