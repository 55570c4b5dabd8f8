#include "bench/credentials_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

namespace bench {
namespace {

/// Takes one field, and the comma behind it, off `line`; nullopt: a quote is open.
std::optional<std::string> next_field(std::string_view& line) {
  std::string field;
  if (!line.starts_with('"')) {
    const std::size_t end = std::min(line.find(','), line.size());
    field = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return field;
  }
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] != '"') {
      field += line[i];
    } else if (i + 1 < line.size() && line[i + 1] == '"') {
      field += line[i++];
    } else {
      if (i + 1 < line.size() && line[i + 1] != ',') return std::nullopt;
      line.remove_prefix(std::min(i + 2, line.size()));
      return field;
    }
  }
  return std::nullopt;
}

}  // namespace

tl::expected<std::vector<Credentials>, std::string> parse_credentials(std::string_view text) {
  std::vector<Credentials> all;
  for (unsigned number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    auto user_name = next_field(line);
    auto password = user_name ? next_field(line) : std::nullopt;
    if (!password || !line.empty()) {
      return tl::unexpected(fmt::format("line {} is not \"user,password\"", number));
    }
    all.push_back({std::move(*user_name), std::move(*password)});
  }
  return all;
}

tl::expected<std::vector<Credentials>, std::string> read_credentials(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return tl::unexpected(fmt::format("{}: {}", path, std::strerror(errno)));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto credentials = parse_credentials(text);
  if (!credentials) return tl::unexpected(fmt::format("{}: {}", path, credentials.error()));
  if (credentials->empty()) return tl::unexpected(path + ": there are no credentials in it");
  return credentials;
}

}  // namespace bench
