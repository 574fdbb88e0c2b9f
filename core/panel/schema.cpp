#include "core/panel/schema.h"

#include <algorithm>
#include <optional>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#include <vector>

#include "core/panel/load_panel.h"
#include "core/panel/suggest.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {
using nlohmann::json;

struct Violation {
  std::string pointer;
  std::string sentence;
};

// "segmentation.giants.marker", "channels[2].marker"
std::string readable(const std::string& pointer) {
  std::string path;
  for (std::size_t at = 0; at < pointer.size();) {
    const std::size_t end = std::min(pointer.find('/', at + 1), pointer.size());
    const std::string key = pointer.substr(at + 1, end - at - 1);
    if (!key.empty() && key.find_first_not_of("0123456789") == std::string::npos)
      path += "[" + std::to_string(std::stoul(key.substr(0, 9)) + 1) + "]";
    else
      path += (path.empty() ? "" : ".") + key;
    at = end;
  }
  return path.empty() ? "the panel" : path;
}

std::string shown(const json& value) {
  std::string text =
      value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 60) + "...";
  return value.is_string() ? "'" + text + "'" : text;
}

std::string kind_of(const json& value) {
  if (value.is_null()) return "nothing";
  if (value.is_object()) return "a map";
  if (value.is_array()) return "a list";
  return shown(value);
}

/// Says in words what the schema holds against a value. valijson decides whether a panel is valid; its own sentences
/// speak of constraints, not of panels.
class Explainer {
 public:
  explicit Explainer(const json& root) : root_(root) {}

  std::optional<Violation> first(const json& schema_here, const json& value, const std::string& at) const {
    const json& schema = resolve(schema_here);
    if (schema.contains("anyOf")) {
      const json& branches = schema["anyOf"];
      if (std::none_of(branches.begin(), branches.end(), [&](const json& one) { return !first(one, value, at); }))
        return expected(schema, value, at);
    }
    if (schema.contains("type") && !has_type(schema["type"], value)) return expected(schema, value, at);
    if (schema.contains("enum") &&
        std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
      return not_in_list(schema, value, at);
    if (value.is_number() && !in_range(schema, value.get<double>())) return expected(schema, value, at);
    if (value.is_string()) {
      const std::size_t size = value.get_ref<const std::string&>().size();
      if (size < schema.value("minLength", std::size_t{0}) || size > schema.value("maxLength", size))
        return expected(schema, value, at);
    }
    if (value.is_array()) return in_list(schema, value, at);
    if (value.is_object()) return in_map(schema, value, at);
    return std::nullopt;
  }

 private:
  const json& resolve(const json& schema) const {
    if (!schema.contains("$ref")) return schema;
    return root_.at(json::json_pointer(schema["$ref"].get<std::string>().substr(1)));
  }

  static bool has_type(const json& types, const json& value) {
    if (types.is_array())
      return std::any_of(types.begin(), types.end(), [&](const json& one) { return has_type(one, value); });
    if (types == "object") return value.is_object();
    if (types == "array") return value.is_array();
    if (types == "string") return value.is_string();
    if (types == "number") return value.is_number();
    if (types == "integer") return value.is_number_integer();
    return types == "boolean" ? value.is_boolean() : value.is_null();
  }

  static bool in_range(const json& schema, double number) {
    return !(schema.contains("minimum") && number < schema["minimum"].get<double>()) &&
           !(schema.contains("maximum") && number > schema["maximum"].get<double>()) &&
           !(schema.contains("exclusiveMinimum") && number <= schema["exclusiveMinimum"].get<double>()) &&
           !(schema.contains("exclusiveMaximum") && number >= schema["exclusiveMaximum"].get<double>());
  }

  Violation expected(const json& schema, const json& value, const std::string& at) const {
    const bool number = value.is_number() || value.is_boolean() || value.is_null();
    const bool wants_text = schema.value("type", json()) == "string";
    return {at, readable(at) + " is " + kind_of(value) + "; it takes " + schema.value("description", "something else") +
                    (number && wants_text ? " (a name that reads as a number or as true, false, null goes in quotes)"
                                          : "")};
  }

  Violation not_in_list(const json& schema, const json& value, const std::string& at) const {
    std::vector<std::string> names;
    for (const json& one : schema["enum"]) names.push_back(one.is_string() ? one.get<std::string>() : one.dump());
    const std::string near = value.is_string() ? did_you_mean(value.get<std::string>(), names) : "";
    return {at, readable(at) + " is " + kind_of(value) + "; it takes one of " + listed(names) + near};
  }

  std::optional<Violation> in_list(const json& schema, const json& value, const std::string& at) const {
    if (value.size() < schema.value("minItems", std::size_t{0}))
      return Violation{at, readable(at) + " is an empty list; it takes " + schema.value("description", "entries")};
    if (value.size() > schema.value("maxItems", value.size()))
      return Violation{at, readable(at) + " holds " + std::to_string(value.size()) + " entries; it takes at most " +
                               schema["maxItems"].dump()};
    if (!schema.contains("items")) return std::nullopt;
    for (std::size_t i = 0; i < value.size(); ++i)
      if (auto found = first(schema["items"], value[i], child_pointer(at, std::to_string(i)))) return found;
    return std::nullopt;
  }

  std::optional<Violation> in_map(const json& schema, const json& value, const std::string& at) const {
    std::vector<std::string> known;
    const json properties = schema.value("properties", json::object());
    for (const auto& [key, unused] : properties.items()) known.push_back(key);
    for (const auto& [key, inner] : value.items()) {
      const std::string below = child_pointer(at, key);
      if (properties.contains(key)) {
        if (auto found = first(properties[key], inner, below)) return found;
      } else if (schema.contains("additionalProperties") && schema["additionalProperties"].is_object()) {
        if (auto found = first(schema["additionalProperties"], inner, below)) return found;
      } else if (schema.value("additionalProperties", json(true)) == false) {
        const std::string near = did_you_mean(key, known);
        return Violation{below, "'" + key + "' is no key of " + readable(at) +
                                    (near.empty() ? "; the keys are " + listed(known) : near)};
      }
    }
    for (const json& key : schema.value("required", json::array()))
      if (!value.contains(key.get<std::string>())) {
        const std::string name = key.get<std::string>();
        const std::string what = properties.contains(name) ? resolve(properties[name]).value("description", "") : "";
        return Violation{at, readable(at) + " lacks the key '" + name + "'" + (what.empty() ? "" : ": " + what)};
      }
    return std::nullopt;
  }

  const json& root_;
};

const json& schema_document() {
  static const json document = json::parse(panel_schema());
  return document;
}

const valijson::Schema& compiled_schema() {
  static const auto compiled = [] {
    auto schema = std::make_unique<valijson::Schema>();
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema_document()), *schema);
    return schema;
  }();
  return *compiled;
}
}  // namespace

void check_against_schema(const YamlDocument& document, const std::string& file) {
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  valijson::ValidationResults results;
  if (validator.validate(compiled_schema(), valijson::adapters::NlohmannJsonAdapter(document.value), &results)) return;
  if (const auto found = Explainer(schema_document()).first(schema_document(), document.value, ""))
    throw ConfigError(file, document.line(found->pointer), found->sentence);
  valijson::ValidationResults::Error error;
  results.popError(error);
  throw ConfigError(file, document.line(""), error.description);
}

}  // namespace hexaplex
