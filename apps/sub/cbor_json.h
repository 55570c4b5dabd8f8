#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace sub {

/// What the CBOR item that `bytes` are, all of them, is in JSON, by the advice of RFC 8949, section
/// 6.1: byte strings are base64 texts, tags are passed over, what JSON has not (undefined, NaN) is
/// null, and keys that are numbers or the like become texts. Integers keep all their digits. The
/// error says what is wrong, and where.
tl::expected<std::string, std::string> cbor_to_json(std::string_view bytes);

}  // namespace sub
