#include "cli/output/printable_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace cli {

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

/// A control character beyond ASCII, U+0080 to U+009F: two bytes of which the first is C2.
bool is_late_control(std::string_view text, std::size_t length) {
  return length == 2 && byte_at(text, 0) == 0xC2 && is_control(byte_at(text, 1));
}

/// How much of `text` may go to a terminal as it is.
std::size_t harmless_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::string_view rest = text.substr(at);
    const std::size_t length = utf8_sequence(rest);
    const bool is_line_end = rest.starts_with("\r\n");
    const bool is_space = rest.front() == '\n' || rest.front() == '\t' || is_line_end;
    const bool is_command = length == 0 || is_late_control(rest, length) ||
                            (length == 1 && is_control(byte_at(rest, 0)) && !is_space);
    if (is_command) break;
    at += is_line_end ? 2 : length;
  }
  return at;
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
    const bool is_plain = (length == 1 && !is_control(byte_at(text, 0)) && text.front() != '\\') ||
                          (length == 2 && !is_late_control(text, length)) || length > 2;
    if (is_plain) {
      out += text.substr(0, length);
      text.remove_prefix(length);
    } else {
      append_escape(out, text.front());
      text.remove_prefix(1);
    }
  }
}

void escape_controls(std::string& text, std::size_t begin) {
  std::string_view rest = std::string_view(text).substr(begin);
  std::size_t plain = harmless_prefix(rest);
  if (plain == rest.size()) return;  // as nearly always
  std::string safe;
  while (!rest.empty()) {
    safe += rest.substr(0, plain);
    rest.remove_prefix(plain);
    if (rest.empty()) break;
    const std::size_t length = utf8_sequence(rest);
    if (is_late_control(rest, length) || rest.front() == '\x7F') {
      const std::uint32_t code_point = byte_at(rest, length - 1);
      fmt::format_to(std::back_inserter(safe), "\\u{:04x}", code_point);
    } else {
      fmt::format_to(std::back_inserter(safe), "\\x{:02x}", byte_at(rest, 0));
    }
    rest.remove_prefix(std::max<std::size_t>(length, 1));
    plain = harmless_prefix(rest);
  }
  text.resize(begin);
  text += safe;
}

}  // namespace cli
