#include "passwd/user_names.h"

#include <fmt/format.h>

#include <set>

#include "mqtt/credentials/line_reader.h"
#include "mqtt/credentials/password_file_editor.h"

namespace passwd {

using mqtt::PasswordFileEditor;

tl::expected<std::vector<std::string>, std::string> user_names_of(std::string_view text) {
  std::vector<std::string> names;
  mqtt::LineReader lines(text);
  while (auto line = lines.next()) {
    if (line->ends_with('\r')) line->remove_suffix(1);
    if (line->empty()) continue;
    if (const std::string reason = PasswordFileEditor::refuse_user(*line); !reason.empty()) {
      return tl::unexpected(fmt::format("line {} of standard input: {}", lines.number(), reason));
    }
    names.emplace_back(*line);
  }
  if (names.empty()) return tl::unexpected(std::string("standard input holds no user name"));
  return names;
}

std::string refuse_users(const std::vector<std::string>& names) {
  std::set<std::string_view> seen;
  for (const std::string& name : names) {
    if (std::string reason = PasswordFileEditor::refuse_user(name); !reason.empty()) return reason;
    if (!seen.insert(name).second) return fmt::format("user {} is given twice", name);
  }
  return {};
}

}  // namespace passwd
