#include "core/io/xml.h"

#include <algorithm>

#include "core/io/text.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr std::size_t kMaxBytes = 32u << 20;
constexpr std::ptrdiff_t kMaxElements = 2'000'000;
constexpr int kMaxDepth = 256;

bool is_utf16(std::string_view b) {
  if (b.size() < 4) return false;
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(b[i]); };
  return (at(0) == 0xFF && at(1) == 0xFE) || (at(0) == 0xFE && at(1) == 0xFF) || (at(0) == '<' && at(1) == 0) ||
         (at(0) == 0 && at(1) == '<');
}

/// Walks without recursion: the depth is what an attacker chooses.
int depth_of(pugi::xml_node root) {
  int depth = 0, deepest = 0;
  for (pugi::xml_node n = root; n;) {
    if (n.first_child()) {
      n = n.first_child();
      deepest = std::max(deepest, ++depth);
      continue;
    }
    while (n && n != root && !n.next_sibling()) {
      n = n.parent();
      --depth;
    }
    if (!n || n == root) break;
    n = n.next_sibling();
  }
  return deepest;
}

}  // namespace

void parse_xml(pugi::xml_document& document, std::string_view bytes, const std::string& file,
               const std::string& where) {
  const auto fail = [&](const std::string& what) { throw InputError(file, where + ": its XML " + what); };
  if (bytes.size() > kMaxBytes) fail("has more than 32 MiB");
  const auto elements = std::count(bytes.begin(), bytes.end(), '<');
  if (elements > kMaxElements) fail("has more than two million elements");
  std::string plain(bytes);  // a document type is found in UTF-16 too
  plain.erase(std::remove(plain.begin(), plain.end(), '\0'), plain.end());
  if (plain.find("<!DOCTYPE") != std::string::npos || plain.find("<!ENTITY") != std::string::npos)
    fail("declares a document type or entities, which is refused; export the slide again without them");
  std::string even(bytes);  // a tag's closing zero is cut off, and with it the last half of a UTF-16 character
  if (is_utf16(bytes) && bytes.size() % 2 != 0) even += '\0';
  const pugi::xml_encoding encoding = is_utf16(bytes) ? pugi::encoding_auto : pugi::encoding_utf8;
  const pugi::xml_parse_result result =
      document.load_buffer(even.data(), even.size(), pugi::parse_default | pugi::parse_trim_pcdata, encoding);
  if (!result) fail(std::string("is damaged (") + result.description() + ")");
  if (depth_of(document) > kMaxDepth) fail("is nested too deeply");
}

std::string_view local_name(pugi::xml_node node) {
  const std::string_view name = node.name();
  const auto colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

pugi::xml_node child_named(pugi::xml_node parent, std::string_view name) {
  for (const pugi::xml_node n : parent.children()) {
    if (n.type() == pugi::node_element && local_name(n) == name) return n;
  }
  return {};
}

std::string child_text(pugi::xml_node parent, std::string_view name) {
  return clean_text(child_named(parent, name).text().get());
}

}  // namespace hexaplex
