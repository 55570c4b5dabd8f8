#include "mqtt/credentials/password_file.h"

#include <algorithm>

#include "mqtt/credentials/line_reader.h"

namespace mqtt {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\n\v\f\r";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// The text up to the next colon, after leading colons.
std::string_view take_field(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(':'), rest.size()));
  const std::size_t end = std::min(rest.find(':'), rest.size());
  const std::string_view field = rest.substr(0, end);
  rest.remove_prefix(end);
  return field;
}

using Parsed = tl::expected<PasswordHash, std::string>;

Parsed parse_entry(const PasswordLine& line) {
  if (line.user.empty()) return tl::unexpected(std::string("the user name is empty"));
  if (line.user.size() > max_user_name_size) {
    return tl::unexpected(std::string("the user name is longer than 65535 bytes"));
  }
  if (line.secret.empty()) return tl::unexpected(std::string("there is no password hash"));
  return PasswordHash::parse(line.secret);
}

bool by_user(const PasswordFile::Entry& a, const PasswordFile::Entry& b) {
  return a.user != b.user ? a.user < b.user : a.line < b.line;
}

void find_duplicates(const std::vector<PasswordFile::Entry>& sorted,
                     std::vector<LineNote>& errors) {
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i].user != sorted[i - 1].user) continue;
    errors.push_back({sorted[i].line, "user " + sorted[i].user + " stands already in line " +
                                          std::to_string(sorted[i - 1].line)});
  }
}

}  // namespace

PasswordLine PasswordLine::split(std::string_view line) {
  if (line.starts_with('#')) return {Kind::comment, {}, {}, {}};
  if (trimmed(line).empty()) return {Kind::blank, {}, {}, {}};
  if (line.find(':') == std::string_view::npos) return {Kind::no_colon, {}, {}, {}};
  const std::string_view user = trimmed(take_field(line));
  const std::string_view plain = trimmed(line.substr(std::min<std::size_t>(line.size(), 1)));
  return {Kind::entry, user, trimmed(take_field(line)), plain};
}

tl::expected<PasswordFile, std::vector<LineNote>> PasswordFile::parse(std::string_view text) {
  PasswordFile file;
  std::vector<LineNote> errors;
  LineReader reader(text);
  while (const auto text_line = reader.next()) {
    const PasswordLine line = PasswordLine::split(*text_line);
    if (line.kind == PasswordLine::Kind::no_colon) {
      file.warnings_.push_back({reader.number(), "there is no colon: the line says nothing"});
    }
    if (line.kind != PasswordLine::Kind::entry) continue;
    Parsed hash = parse_entry(line);
    if (hash) {
      file.entries_.push_back({std::string(line.user), std::move(*hash), reader.number()});
    } else {
      errors.push_back({reader.number(), std::move(hash.error())});
    }
  }
  std::ranges::sort(file.entries_, by_user);
  find_duplicates(file.entries_, errors);
  if (errors.empty()) return file;
  std::ranges::sort(errors, {}, &LineNote::line);
  return tl::unexpected(std::move(errors));
}

const PasswordFile::Entry* PasswordFile::find(std::string_view user) const {
  const auto position = std::ranges::lower_bound(
      entries_, user, {}, [](const Entry& entry) { return std::string_view(entry.user); });
  return position != entries_.end() && position->user == user ? &*position : nullptr;
}

}  // namespace mqtt
