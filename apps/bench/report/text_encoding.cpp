#include "bench/report/text_encoding.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cstdint>

namespace bench {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

std::uint8_t byte_at(std::string_view text, std::size_t i) {
  return static_cast<std::uint8_t>(text[i]);
}

/// How many bytes the well-formed character at the begin of `text` has (Unicode, table 3-7); 0 if
/// there is none.
std::size_t character_length(std::string_view text) {
  const std::uint8_t first = byte_at(text, 0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first < 0xE0   ? 2
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xF0 && first < 0xF5 ? 4
                                                             : 0;
  if (length == 0 || text.size() < length) return 0;
  const std::uint8_t least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const std::uint8_t most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte_at(text, 1) < least || byte_at(text, 1) > most) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte_at(text, i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

template <class IsKept>
std::string filtered(std::string_view text, IsKept is_kept) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length != 0 && is_kept(text.substr(0, length))) {
      out += text.substr(0, length);
    } else {
      out += replacement;
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

/// C0, DEL and C1.
bool is_control(std::string_view character) {
  const std::uint8_t first = byte_at(character, 0);
  return first < 0x20 || first == 0x7F || (first == 0xC2 && byte_at(character, 1) < 0xA0);
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  return filtered(text, [](std::string_view) { return true; });
}

std::string printable(std::string_view text) {
  return filtered(text, [](std::string_view character) { return !is_control(character); });
}

std::size_t column_count(std::string_view utf8) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    if ((byte_at(utf8, i) & 0xC0) != 0x80) ++count;
  }
  return count;
}

std::string utc_text(std::chrono::system_clock::time_point moment) {
  using namespace std::chrono;
  const auto second = floor<seconds>(moment);
  const auto thousandths = duration_cast<milliseconds>(moment - second).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(system_clock::to_time_t(second)),
                     thousandths);
}

}  // namespace bench
