#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace broker {

/// The value types of the configuration file. `rest` is what follows the key on its line. A value
/// that is not accepted is an empty result; the caller knows what would have been.

/// What a line holds after leading spaces: the text up to the next space, and what follows it.
/// Only the space separates; a TAB is part of a token.
struct Token {
  std::string_view text;
  std::string_view rest;
};
Token next_token(std::string_view line);

/// `true`, `1`, `false` or `0`.
std::optional<bool> parse_boolean(std::string_view token);

/// A whole number as C writes it (decimal, 0x hexadecimal, 0 octal, signed) of 32 bits.
std::optional<std::int32_t> parse_integer(std::string_view token);

/// A lifetime: a number from 1 and one of s h d w m y, a month being 30 days and a year 365.
/// The answer is in seconds, at most `longest_lifetime_s`.
std::optional<std::uint32_t> parse_lifetime_s(std::string_view token);
inline constexpr std::uint32_t longest_lifetime_s = 0xFFFFFFFEU;  // one more would mean "never"

/// The rest of a line without blanks at its ends: 1 to 65535 bytes of MQTT's UTF-8.
std::optional<std::string_view> parse_string(std::string_view rest);
std::string_view trim(std::string_view text);

}  // namespace broker
