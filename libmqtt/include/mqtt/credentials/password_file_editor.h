#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "mqtt/credentials/password_file.h"

namespace mqtt {

/// A password file as it is changed: line by line, so that comments, order and every line that is
/// not concerned stay as they are, byte for byte. Hashes of others are not looked at.
class PasswordFileEditor {
 public:
  /// All lines that are neither comment, blank nor `NAME:SECRET`, or the file.
  static tl::expected<PasswordFileEditor, std::vector<LineNote>> read(std::string_view text);

  /// Whether this can be a user of a password file: 1 to 65535 bytes, no colon, no control
  /// character, no blank at either end, no `#` at the beginning. The answer says why not; empty: it
  /// can.
  static std::string refuse_user(std::string_view user);

  /// Replaces the line of `user` where it stands (a second line of the same name goes), or appends
  /// one. Whether the user was there. `user` is one that `refuse_user` does not refuse.
  bool set(std::string_view user, const PasswordHash& hash);
  /// Whether the user was there.
  bool remove(std::string_view user);

  /// Hashes every plain password: what follows the first colon of a line where it is no hash yet.
  /// How many, or why not.
  tl::expected<std::size_t, std::string> hash_plain(const HashRecipe& recipe);

  /// nullptr: no such user; otherwise what stands behind the colon.
  const std::string* secret_of(std::string_view user) const;

  struct User {
    std::string name;
    std::string secret;
  };
  /// In the order of the file.
  std::vector<User> users() const;

  /// The whole file, with a line feed behind every line.
  std::string text() const;

 private:
  struct Line {
    std::string text;
    std::string user;  ///< empty: no entry
    std::string secret;
    std::string plain{};  ///< see PasswordLine; empty where `secret` is a hash of ours
  };

  std::vector<Line> lines_;
};

}  // namespace mqtt
