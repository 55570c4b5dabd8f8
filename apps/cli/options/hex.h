#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace cli {

/// The value of a hexadecimal digit, either case; -1 for anything else.
constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The bytes that hexadecimal digits stand for, an odd first digit alone as one byte; nullopt if
/// there is anything else, or nothing.
std::optional<std::vector<std::uint8_t>> bytes_from_hex(std::string_view text);

}  // namespace cli
