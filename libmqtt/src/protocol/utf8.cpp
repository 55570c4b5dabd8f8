#include "mqtt/protocol/utf8.h"

#include "text_scan.h"

namespace mqtt {
namespace {

bool is_continuation(std::uint8_t byte) {
  return (byte & 0xC0U) == 0x80;
}

/// Code points above ASCII that a string field may hold.
bool is_acceptable(std::uint32_t code_point) {
  if (code_point < 0xA0) return false;                             // C1 control characters
  if (code_point >= 0xD800 && code_point <= 0xDFFF) return false;  // surrogates [MQTT-1.5.4-1]
  if (code_point >= 0xFDD0 && code_point <= 0xFDEF) return false;  // non-characters
  return (code_point & 0xFFFEU) != 0xFFFE && code_point <= 0x10FFFF;
}

}  // namespace

std::size_t text_scan::code_point_size(const std::uint8_t* at, const std::uint8_t* end) {
  const std::uint32_t first = *at;
  // U+0000 goes the way of the other control characters. [MQTT-1.5.4-2]
  if (first < 0x80) return first >= 0x20 && first != 0x7F ? 1 : 0;

  std::size_t size;
  std::uint32_t code_point;
  std::uint32_t smallest;  // below it the form is overlong
  if (first >= 0xC0 && first < 0xE0) {
    size = 2, code_point = first & 0x1FU, smallest = 0x80;
  } else if (first >= 0xE0 && first < 0xF0) {
    size = 3, code_point = first & 0x0FU, smallest = 0x800;
  } else if (first >= 0xF0 && first < 0xF8) {
    size = 4, code_point = first & 0x07U, smallest = 0x10000;
  } else {
    return 0;
  }
  if (static_cast<std::size_t>(end - at) < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if (!is_continuation(at[i])) return 0;
    code_point = code_point << 6 | (at[i] & 0x3FU);
  }
  // A byte order mark is a code point like any other. [MQTT-1.5.4-3]
  return code_point >= smallest && is_acceptable(code_point) ? size : 0;
}

bool is_valid_utf8(std::string_view text) {
  return text_scan::scan(text, [](std::uint64_t) {});
}

}  // namespace mqtt
