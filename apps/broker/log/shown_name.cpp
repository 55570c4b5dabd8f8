#include "log/shown_name.h"

#include <algorithm>
#include <array>

namespace broker {
namespace {

/// What programs look for in lines about connections, in the clear part of a name: see
/// docs/log-lines.md. What stands in brackets needs no entry, as `[` is always escaped.
constexpr std::array<std::string_view, 3> words_of_lines{"connection from ", "connected from ",
                                                         " disconnected"};

bool is_between(char c, unsigned char first, unsigned char last) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= first && byte <= last;
}

}  // namespace

std::size_t ShownName::escaped_length(std::size_t position) const {
  const std::string_view rest = text.substr(position);
  if (is_between(rest[0], 0, 0x1F) || rest[0] == '\x7F' || rest[0] == '[') return 1;
  if (rest.starts_with('\xC2') && rest.size() > 1 && is_between(rest[1], 0x80, 0x9F)) {
    return 2;  // U+0080 to U+009F, control characters too
  }
  if (rest.size() < 3) return 0;
  // U+2028 and 2029 separate lines; U+202A to 202E and U+2066 to 2069 turn the direction of text.
  const bool turns_or_ends_line =
      (rest.starts_with("\xE2\x80") && is_between(rest[2], 0xA8, 0xAE)) ||
      (rest.starts_with("\xE2\x81") && is_between(rest[2], 0xA6, 0xA9));
  return turns_or_ends_line ? 3 : 0;
}

bool ShownName::imitates_line() const {
  return std::ranges::any_of(words_of_lines, [this](std::string_view words) {
    return text.find(words) != std::string_view::npos;
  });
}

}  // namespace broker
