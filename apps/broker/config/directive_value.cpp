#include "config/directive_value.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <string>
#include <utility>

#include "mqtt/protocol/utf8.h"

namespace broker {
namespace {

constexpr std::string_view blanks = " \t\n\v\f\r";
constexpr std::size_t longest_string = 65535;

std::optional<std::uint64_t> seconds_in(char unit) {
  constexpr std::uint64_t hour = 3600;
  constexpr std::uint64_t day = 24 * hour;
  constexpr std::array<std::pair<char, std::uint64_t>, 6> units{
      {{'s', 1}, {'h', hour}, {'d', day}, {'w', 7 * day}, {'m', 30 * day}, {'y', 365 * day}}};
  const auto* found = std::find_if(units.begin(), units.end(),
                                   [unit](const auto& known) { return known.first == unit; });
  if (found == units.end()) return std::nullopt;
  return found->second;
}

}  // namespace

Token next_token(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::size_t end = std::min(line.find(' '), line.size());
  return {line.substr(0, end), line.substr(end)};
}

std::optional<bool> parse_boolean(std::string_view token) {
  if (token == "true" || token == "1") return true;
  if (token == "false" || token == "0") return false;
  return std::nullopt;
}

std::optional<std::int32_t> parse_integer(std::string_view token) {
  const std::string text(token);
  char* end = nullptr;
  errno = 0;
  const long long value = std::strtoll(text.c_str(), &end, 0);
  const bool whole = end != text.c_str() && end == text.c_str() + text.size();
  if (!whole || errno != 0 || value < std::numeric_limits<std::int32_t>::min() ||
      value > std::numeric_limits<std::int32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(value);
}

std::optional<std::uint32_t> parse_lifetime_s(std::string_view token) {
  if (token.size() < 2) return std::nullopt;
  const auto unit_s = seconds_in(token.back());
  token.remove_suffix(1);
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), count);
  if (!unit_s || error != std::errc{} || end != token.data() + token.size() || count == 0) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(count * *unit_s, longest_lifetime_s));
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::optional<std::string_view> parse_string(std::string_view rest) {
  const std::string_view text = trim(rest);
  if (text.empty() || text.size() > longest_string || !mqtt::is_valid_utf8(text)) {
    return std::nullopt;
  }
  return text;
}

}  // namespace broker
