#pragma once

#include <cstdint>
#include <string>

namespace hexaplex::cli {

/// Bytes of "800M", "1.5 GB", "2GiB", "4096": k, M, G and T are powers of 1024, B and iB may follow.
/// Throws InvalidArgument for anything else.
std::int64_t parse_byte_size(const std::string& text);

}  // namespace hexaplex::cli
