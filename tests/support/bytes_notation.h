#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Bytes written down as text, one token after the other, blanks between them:
///
///     0A FF        bytes in hexadecimal
///     'text'       the characters
///     61*300       a byte, 300 times
///     ( ... )      what is inside, after its length in two bytes
///     [ ... ]      what is inside, after its length as a Variable Byte Integer
///
/// "30 [ ('a/b') 'hi' ]" is 30 07 00 03 61 2F 62 68 69.
class BytesNotation {
 public:
  using Bytes = std::vector<std::uint8_t>;

  /// Throws std::invalid_argument if `text` is not in the notation.
  static Bytes parse(std::string_view text) {
    BytesNotation notation(text);
    Bytes bytes = notation.parse_until('\0');
    return bytes;
  }

 private:
  explicit BytesNotation(std::string_view text) : rest_(text) {}

  Bytes parse_until(char end) {
    Bytes bytes;
    while (true) {
      while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
      const char token = rest_.empty() ? '\0' : rest_.front();
      if (token == end) {
        if (!rest_.empty()) rest_.remove_prefix(1);
        return bytes;
      }
      append(bytes, parse_token(token));
    }
  }

  Bytes parse_token(char token) {
    if (token == '\'') return parse_quoted();
    if (token == '(' || token == '[') {
      rest_.remove_prefix(1);
      const Bytes inside = parse_until(token == '(' ? ')' : ']');
      Bytes bytes = token == '(' ? two_bytes(inside.size()) : variable_byte_integer(inside.size());
      append(bytes, inside);
      return bytes;
    }
    return parse_hex();
  }

  Bytes parse_quoted() {
    const auto end = rest_.find('\'', 1);
    if (end == std::string_view::npos) fail();
    const Bytes bytes(rest_.begin() + 1, rest_.begin() + static_cast<std::ptrdiff_t>(end));
    rest_.remove_prefix(end + 1);
    return bytes;
  }

  Bytes parse_hex() {
    const auto byte = static_cast<std::uint8_t>(digit() * 16 + digit());
    if (rest_.empty() || rest_.front() != '*') return {byte};
    rest_.remove_prefix(1);
    std::size_t size = 0;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      size = size * 10 + static_cast<std::size_t>(rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return Bytes(size, byte);
  }

  int digit() {
    if (rest_.empty()) fail();
    const char character = rest_.front();
    rest_.remove_prefix(1);
    if (character >= '0' && character <= '9') return character - '0';
    if (character >= 'A' && character <= 'F') return character - 'A' + 10;
    if (character >= 'a' && character <= 'f') return character - 'a' + 10;
    fail();
  }

  static Bytes two_bytes(std::size_t value) {
    return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
  }

  static Bytes variable_byte_integer(std::size_t value) {
    Bytes bytes;
    do {
      bytes.push_back(static_cast<std::uint8_t>((value & 0x7F) | (value > 0x7F ? 0x80 : 0)));
      value >>= 7;
    } while (value != 0);
    return bytes;
  }

  static void append(Bytes& bytes, const Bytes& more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
  }

  [[noreturn]] void fail() const {
    throw std::invalid_argument("bytes notation: cannot read '" + std::string(rest_) + "'");
  }

  std::string_view rest_;
};
