#pragma once

#include <pugixml.hpp>
#include <string>
#include <string_view>

namespace hexaplex {

/// Parses XML from a slide, which nobody has vouched for. UTF-8 and UTF-16 are told apart by the bytes, since inForm
/// declares UTF-16 and writes UTF-8. Document types and entities are refused, size, depth and node count are bounded;
/// nothing is ever fetched.
/// Throws: InputError ("FILE: WHERE: its XML ...").
void parse_xml(pugi::xml_document& document, std::string_view bytes, const std::string& file, const std::string& where);

/// The part of an element's name after a namespace prefix.
std::string_view local_name(pugi::xml_node node);

/// First child element of that local name; null where there is none.
pugi::xml_node child_named(pugi::xml_node parent, std::string_view name);

/// Cleaned text of the first child element of that local name; empty where there is none.
std::string child_text(pugi::xml_node parent, std::string_view name);

}  // namespace hexaplex
