#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/protocol/bytes.h"

namespace mqtt {

/// Whether base64 is filled up with `=` to groups of four.
enum class Base64Padding : unsigned char { padded, none };

/// RFC 4648, the standard alphabet.
std::string to_base64(ByteView bytes, Base64Padding padding);

/// Strict: no blank, no line break, no bit that belongs to no byte, and padding exactly as asked.
std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text, Base64Padding padding);

}  // namespace mqtt
