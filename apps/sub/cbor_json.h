#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace sub {

/// Converts `bytes`, a single CBOR item, to JSON as recommended by RFC 8949, section 6.1: byte
/// strings become base64 strings, tags are ignored, values that JSON lacks (undefined, NaN) become
/// null, and keys that are not strings become strings. Integers keep all their digits. The error
/// includes the position.
tl::expected<std::string, std::string> cbor_to_json(std::string_view bytes);

}  // namespace sub
