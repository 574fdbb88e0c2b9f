// libFuzzer: any bytes as OME-XML.

#include <cstdint>
#include <string_view>

#include "core/io/ome_xml.h"
#include "core/io/xml.h"
#include "kernels/runtime/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    pugi::xml_document document;
    hexaplex::parse_xml(document, {reinterpret_cast<const char*>(data), size}, "fuzz", "page 1");
    hexaplex::read_ome_xml(document, "fuzz", "page 1");
  } catch (const hexaplex::InputError&) {
  }
  return 0;
}
