#include "mqtt/credentials/password_file_editor.h"

#include <algorithm>

#include "mqtt/credentials/line_reader.h"

namespace mqtt {
namespace {

/// Why `line` is not allowed in a password file; empty: it is.
std::string refuse_line(const PasswordLine& line) {
  if (line.kind == PasswordLine::Kind::no_colon) return "there is no colon between user and hash";
  if (line.kind != PasswordLine::Kind::entry) return {};
  if (line.user.empty()) return "the user name is empty";
  if (line.secret.empty()) return "there is no password or hash";
  return {};
}

bool is_control(char character) {
  const auto code = static_cast<unsigned char>(character);
  return code < 0x20 || code == 0x7F;
}

std::string entry_line(std::string_view user, const PasswordHash& hash) {
  return std::string(user) + ":" + hash.text();
}

}  // namespace

tl::expected<PasswordFileEditor, std::vector<LineNote>> PasswordFileEditor::read(
    std::string_view text) {
  PasswordFileEditor editor;
  std::vector<LineNote> errors;
  LineReader reader(text);
  while (const auto text_line = reader.next()) {
    const PasswordLine line = PasswordLine::split(*text_line);
    if (std::string reason = refuse_line(line); !reason.empty()) {
      errors.push_back({reader.number(), std::move(reason)});
    }
    editor.lines_.push_back({std::string(*text_line), std::string(line.user),
                             std::string(line.secret), std::string(line.plain)});
  }
  if (!errors.empty()) return tl::unexpected(std::move(errors));
  return editor;
}

std::string PasswordFileEditor::refuse_user(std::string_view user) {
  if (user.empty()) return "the user name is empty";
  if (user.size() > max_user_name_size) return "the user name is longer than 65535 bytes";
  if (user.find(':') != std::string_view::npos) return "the user name holds a colon";
  if (std::ranges::any_of(user, is_control)) return "the user name holds a control character";
  if (user.starts_with(' ') || user.ends_with(' '))
    return "the user name begins or ends with a blank";
  if (user.starts_with('#')) return "the user name begins with #, which makes the line a comment";
  return {};
}

bool PasswordFileEditor::set(std::string_view user, const PasswordHash& hash) {
  const auto first = std::ranges::find(lines_, user, &Line::user);
  if (first == lines_.end()) {
    lines_.push_back({entry_line(user, hash), std::string(user), hash.text()});
    return false;
  }
  *first = {entry_line(user, hash), std::string(user), hash.text()};
  lines_.erase(
      std::remove_if(first + 1, lines_.end(), [&](const Line& line) { return line.user == user; }),
      lines_.end());
  return true;
}

bool PasswordFileEditor::remove(std::string_view user) {
  return std::erase_if(lines_, [&](const Line& line) {
           return !line.user.empty() && line.user == user;
         }) != 0;
}

tl::expected<std::size_t, std::string> PasswordFileEditor::hash_plain(const HashRecipe& recipe) {
  std::size_t hashed = 0;
  for (Line& line : lines_) {
    if (line.user.empty() || PasswordHash::parse(line.secret)) continue;
    const auto hash = PasswordHash::create(as_bytes(line.plain), recipe);
    if (!hash) return tl::unexpected(hash.error());
    line = {entry_line(line.user, *hash), line.user, hash->text()};
    ++hashed;
  }
  return hashed;
}

const std::string* PasswordFileEditor::secret_of(std::string_view user) const {
  const auto position = std::ranges::find(lines_, user, &Line::user);
  return user.empty() || position == lines_.end() ? nullptr : &position->secret;
}

std::vector<PasswordFileEditor::User> PasswordFileEditor::users() const {
  std::vector<User> users;
  for (const Line& line : lines_) {
    if (!line.user.empty()) users.push_back({line.user, line.secret});
  }
  return users;
}

std::string PasswordFileEditor::text() const {
  std::string text;
  for (const Line& line : lines_) text.append(line.text).push_back('\n');
  return text;
}

}  // namespace mqtt
