#include "sub/printable_text.h"

#include <fmt/format.h>

#include <iterator>

namespace sub {

namespace {

std::uint32_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

/// The length that a first byte announces; 0 for one that begins nothing.
std::size_t announced_length(std::uint32_t first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  if (first >= 0xF0 && first < 0xF5) return 4;
  return 0;
}

bool is_control(std::uint32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
}

void append_escape(std::string& out, char byte) {
  switch (byte) {
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    case '\\':
      out += "\\\\";
      break;
    default:
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(byte));
  }
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) {
  const std::uint32_t first = byte_at(text, 0);
  const std::size_t length = announced_length(first);
  if (length <= 1) return length;
  if (text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_at(text, i) & 0xC0) != 0x80) return 0;
  }
  const std::uint32_t second = byte_at(text, 1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate = first == 0xED && second >= 0xA0;
  const bool too_large = first == 0xF4 && second >= 0x90;
  return overlong || surrogate || too_large ? 0 : length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void append_printable(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    // The second block of control characters, U+0080 to U+009F, has two bytes that begin with C2.
    const bool is_plain =
        (length == 1 && !is_control(byte_at(text, 0)) && text.front() != '\\') ||
        (length == 2 && !(byte_at(text, 0) == 0xC2 && is_control(byte_at(text, 1)))) || length > 2;
    if (is_plain) {
      out += text.substr(0, length);
      text.remove_prefix(length);
    } else {
      append_escape(out, text.front());
      text.remove_prefix(1);
    }
  }
}

}  // namespace sub
