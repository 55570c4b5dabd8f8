#include "cli/options/url_secrets.h"

#include <algorithm>

namespace cli {

namespace {

bool is_port(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Where the password of what stands behind "://" begins and ends; both the same: it has none.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

Range password_in(std::string_view rest) {
  const std::string_view authority = rest.substr(0, rest.find('/'));
  // The colons of an IPv6 address are its own.
  const std::size_t host_end = authority.starts_with('[') ? authority.find(']') : 0;
  const std::size_t colon = authority.find(':', host_end);
  if (colon == std::string_view::npos) return {};
  std::size_t at = authority.rfind('@');
  // Without a '@' this is a host and its port, unless the '/' was part of the password.
  if (at == std::string_view::npos && !is_port(authority.substr(colon + 1))) at = rest.rfind('@');
  if (at == std::string_view::npos || at < colon) return {};
  return {colon + 1, at};
}

}  // namespace

std::string without_url_passwords(std::string_view text) {
  constexpr std::string_view separator = "://";
  std::string shown;
  for (;;) {
    const std::size_t begin = text.find(separator);
    if (begin == std::string_view::npos) return shown.append(text);
    shown += text.substr(0, begin + separator.size());
    text.remove_prefix(begin + separator.size());
    const std::string_view word = text.substr(0, text.find_first_of(" \t\n\"'"));
    const Range password = password_in(word);
    if (password.end == password.begin) continue;
    shown.append(text.substr(0, password.begin)).append("***");
    text.remove_prefix(password.end);
  }
}

}  // namespace cli
