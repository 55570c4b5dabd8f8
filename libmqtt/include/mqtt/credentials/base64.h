#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/protocol/bytes.h"

namespace mqtt {

/// Whether base64 is padded with `=` to groups of four.
enum class Base64Padding : unsigned char { padded, none };

/// RFC 4648, the standard alphabet.
std::string to_base64(ByteView bytes, Base64Padding padding);

/// Strict: no blanks, no line breaks, no stray bits, and padding exactly as requested.
std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text, Base64Padding padding);

}  // namespace mqtt
